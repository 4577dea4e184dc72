"""Floor 3: one document model, one writer a format."""
