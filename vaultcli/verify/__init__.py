"""Floor 3: verification, a walk from a pinned genesis to pinned heads."""
