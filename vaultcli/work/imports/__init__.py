"""Notes from elsewhere: files found, maps read, drafts made."""
