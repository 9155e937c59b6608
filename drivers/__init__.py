"""Wires of LabLive: serial, LSL, simulators and the host program. No Qt, no maths."""
