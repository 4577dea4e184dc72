"""The one way to record: a repository's lock, its lines of history, working folders, repairs after a crash; remotes, bundles."""
