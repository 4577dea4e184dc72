"""Processes beside ours: workers, a daemon, stock programs; frames between them, and calls of the Linux kernel."""
