"""Screens and command line of LabLive: no maths, no wires."""
