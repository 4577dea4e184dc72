"""The keys of the sealed notes cared for: made, rotated, received, copied, printed; machines let in and out."""
