"""One file per page of the screen."""
