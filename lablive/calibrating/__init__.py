"""Calibration from recorded phases: what each showed, and what it was good for."""
