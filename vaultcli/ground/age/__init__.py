"""Sealing with age: streams, headers read before anything is opened, and tar archives inside."""
