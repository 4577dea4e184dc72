"""What is printed to be typed again: recovery pages, and lines that each carry a check."""
