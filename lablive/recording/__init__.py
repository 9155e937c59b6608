"""The trial on disk: write, repair, read, play, prove."""
