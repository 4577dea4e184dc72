"""Commands that show: status, list, search, show, log, diff."""
