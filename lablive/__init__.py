"""The measuring core of LabLive: no Qt, no wires."""

__version__ = "0.1.0"
