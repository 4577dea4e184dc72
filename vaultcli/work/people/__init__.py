"""People, keys, exceptions and the register, changed."""
