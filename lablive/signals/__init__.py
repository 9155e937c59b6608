"""From recorded channels to physical signals."""
