"""Floor 4: the command line; the only floor that prints, prompts or asks the time."""
