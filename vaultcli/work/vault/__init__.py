"""A vault as a whole: made, adopted, a machine let in, a line succeeded."""
