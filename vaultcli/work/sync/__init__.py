"""Several machines: remotes, sync, what hooks ask, and repairs after refused git commands."""
