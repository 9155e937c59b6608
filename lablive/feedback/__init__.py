"""What the runner sees and hears: target, hint, schedule, sounds."""
