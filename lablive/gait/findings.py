"""What a reader of the events must know about the sensors they come from."""

from __future__ import annotations

from typing import Literal

import msgspec

from lablive.signals.imu_quality import rate_note

FindingName = Literal[
    "clipped",  # a sensor reached the end of its range
    "slow",  # too few rows per second for contact times
    "mounting found",  # pitch axis from the first steps
    "mounting unknown",
    "mounted wrong",  # against the axes it was given
    "slipped",  # turned on the body while the person moved
    "uncalibrated",  # event times never compared with an insole
    "swapped",  # left and right sensors
    "clocks drift",  # two sensors' clocks
]


class Finding(msgspec.Struct, frozen=True):
    """One named finding.

    Attributes
    ----------
    name
        Same for every occurrence.
    text
        What was seen and what to do, for the operator.
    """

    name: FindingName
    text: str


def slow(site: str, rate_hz: float) -> tuple[Finding, ...]:
    """Return a finding when an IMU sends too few rows for its site, else nothing."""
    note = rate_note(site, rate_hz)
    if not note:
        return ()
    off_ms = 1000.0 / rate_hz
    return (Finding("slow", f"{note} Contact times are off by up to {off_ms:.0f} ms."),)
