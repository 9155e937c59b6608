"""Trials for other programs: C3D, tables, OpenSim, XDF of a range, a BIDS folder."""
