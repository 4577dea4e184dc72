"""What is asked about many notes: status, search, a client's card."""
