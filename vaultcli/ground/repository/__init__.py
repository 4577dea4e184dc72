"""The one way to record: a repository's lock, its lines of history, their working folders, and repairs after a crash."""
