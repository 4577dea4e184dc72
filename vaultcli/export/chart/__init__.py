"""A client's record made into the document that every format renders."""
