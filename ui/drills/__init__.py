"""Drills in the window: the set as it is run, the ladder, the editor."""
