"""What a session shows: baseline, change, drift, corrective blocks, both sides."""
