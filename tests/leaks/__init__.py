"""Where a private text goes while an editor has it: real editors in real terminals, every way to end, and a search after."""
