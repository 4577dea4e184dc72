"""The document on paper: set by typst, with fonts of its own."""
