"""Drills: plans, repetitions, verdicts, sets, progression; no screen, no wires."""
