"""Sealed notes written, found, read, searched and recovered, and the log of every opening."""
