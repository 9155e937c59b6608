"""The PDF session summary."""
