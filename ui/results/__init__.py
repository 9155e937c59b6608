"""Results: two stretches beside each other, and a metric over the sessions."""
