"""What leaves with an export: a line as a bundle, attachments."""
