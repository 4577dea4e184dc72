"""The practice's policy as values: people, roles, keys, and requests to be enrolled."""
