"""A note's own Markdown: read once, for every format, so that no character that was typed is lost."""
