"""Metrics, one file per skill."""
