"""From the rows of one kind of sensor to what a stride holds of it."""
