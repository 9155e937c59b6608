"""Synthetic runner and playback of real recordings over real wires."""
