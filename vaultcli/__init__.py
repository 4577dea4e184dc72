"""A plain-text notes vault for clinicians, with git-backed, signed history."""

__version__ = "0.1.0"
