"""Commands for people, keys and clients: init, people, client."""
