"""Samples and messages between the programs."""
