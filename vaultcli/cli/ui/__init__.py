"""What commands talk through: questions, passphrases, tables, colours, progress, errors, the clock."""
