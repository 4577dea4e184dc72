"""`vaultcli demo`: a small fictional practice that walks the whole path with the real commands."""
