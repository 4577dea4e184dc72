"""Who works here and who the clients are, changed: people, keys, exceptions, the register."""
