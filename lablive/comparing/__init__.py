"""Two ranges, trials or sessions side by side, and the left foot against the right."""
