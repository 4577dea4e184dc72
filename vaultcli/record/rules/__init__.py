"""What one commit may do: the rules that saving, hooks, sync and verify share."""
