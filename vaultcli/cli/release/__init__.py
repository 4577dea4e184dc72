"""Commands that give a record away."""
