"""Floor 2: the vault, its keys, the chart repository and this machine's pins."""
