"""Floor 4: the record for scripts. What of it is public is named in `vaultcli/__init__.py` and described in `docs/api.md`."""
