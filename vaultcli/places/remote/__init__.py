"""Other copies of a vault: named remotes, and git's hooks there and here."""
