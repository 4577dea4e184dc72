"""What is done with one note: drafted, saved, signed, amended, attached to, looked up."""
