"""Corrections by a person, kept beside the trial: the raw file never changes."""
