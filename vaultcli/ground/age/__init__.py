"""Encryption with age: files sealed and opened, headers read before anything is opened, and tar archives inside."""
