"""A note with all that was added to it, as plain values for lists, exports and scripts."""
