"""`vaultcli keys`: the keys of the psychotherapy notes, their copies and their recovery page."""
