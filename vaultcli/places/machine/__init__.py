"""This machine's part of a vault: settings, key store, pins, and what kind of place a folder is."""
