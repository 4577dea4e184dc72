"""A commit and a line of history, as values."""
