"""Sealed notes given to somebody, taken over, or destroyed."""
