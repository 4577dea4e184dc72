"""The user's editor: which one and how it is started, and the one that is held to a text in private memory."""
