"""How git is spoken: its commands, configuration, objects, trees, refs and packs."""
