"""The index of notes: brought up to date, and asked."""
