"""Commands for psychotherapy notes: `vaultcli psychotherapy ...`, `unlock`, `lock`."""
