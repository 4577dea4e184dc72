"""The chart repository: its lines replayed and cached, its policy, its templates, and commits that arrive."""
