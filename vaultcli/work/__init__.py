"""Floor 3: what a practice does with its record: write, sign, amend, enrol, sync, succeed."""
