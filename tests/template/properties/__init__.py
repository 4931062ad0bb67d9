"""What holds for every spec, not only for the cases that somebody thought of."""
