"""Floor 1: the record as pure values; text and bytes in, values out."""
