"""Floor 3: exports; one document model, and one writer a format: Markdown, HTML, PDF, CSV, JSON Lines."""
