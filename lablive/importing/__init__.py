"""Recordings of other programs, brought into a trial: one file a kind."""
