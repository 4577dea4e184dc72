"""The sealed repository as a whole: its rules, hooks, sync, verification, and the statement of separation."""
