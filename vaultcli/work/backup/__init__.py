"""Backups: made, tried, listed, restored."""
