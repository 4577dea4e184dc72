"""Floor 0: errors, files, front matter, git, SSH signatures and the editor."""
