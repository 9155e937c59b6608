"""German words of the screen, one file a subject; the English sentence is the key."""
