"""What a reader of the events must know about the sensors they come from."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, Literal

import msgspec

from lablive.signals.imu_quality import rate_note

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from lablive.gait.contacts import ContactSide

FORCE_HZ: Final = 100.0  # metric reference 0.8
_SENSOR: Final = re.compile(
    r"\b((left|right) (foot|shank|thigh|forearm) IMU|(pelvis|trunk|head) IMU"
    r"|(left|right) foot(?! IMU))\b"
)
_PLURAL: Final = (  # how a sentence on one sensor speaks of several
    ("{} is mounted", "{} are mounted"),
    ("{} is upside", "{} are upside"),
    ("{} sends", "{} send"),
    ("The gyroscope of the {} was", "The gyroscopes of the {} were"),
    ("The accelerometer of the {} was", "The accelerometers of the {} were"),
    ("axis of the {} was found from its", "axes of the {} were found from their"),
    ("from it.", "from them."),
    ("Give its", "Give their"),
    ("calibrate it.", "calibrate them."),
    ("correct its", "correct their"),
    ("Turn the sensor", "Turn the sensors"),
    ("its contacts", "their contacts"),
)
_ENOUGH: Final = 0.98  # the 100 Hz of some makes are 98.6
FindingName = Literal[
    "clipped",  # an IMU reached the end of its range
    "full scale",  # an insole or a force plate did
    "slow",  # too few rows per second for contact times
    "mounting found",  # pitch axis from the first steps
    "mounting unknown",
    "no side",  # the pelvis has not told left from right
    "mounted wrong",  # against the axes it was given
    "slipped",  # turned on the body while the person moved
    "uncalibrated",  # event times never compared with an insole
    "below zero",  # a force that no foot can give
    "swapped",  # left and right sensors
    "clocks drift",  # two sensors' clocks
    "edit",  # a person's correction that changed nothing
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


def slow_force(rates_hz: Mapping[ContactSide, float]) -> tuple[Finding, ...]:
    """Return findings for insoles or a plate that send too few rows for running.

    Parameters
    ----------
    rates_hz
        Rows per second of each foot's insole; ``unknown``: a plate under both.
    """
    slow = {side: hz for side, hz in rates_hz.items() if hz < _ENOUGH * FORCE_HZ}
    found: list[Finding] = []
    for hz in dict.fromkeys(slow.values()):
        sides = [side for side in slow if slow[side] == hz]
        who = "The force plate sends" if "unknown" in sides else "The insoles send"
        who = f"The {sides[0]} insole sends" if sides in (["left"], ["right"]) else who
        text = (
            f"{who} {hz:.0f} rows per second, running needs {FORCE_HZ:.0f}: contact "
            f"times are off by up to {1000.0 / hz:.0f} ms, and flight and stiffness "
            "with them."
        )
        found.append(Finding("slow", text))
    return tuple(found)


def slow(site: str, rate_hz: float) -> tuple[Finding, ...]:
    """Return a finding when an IMU sends too few rows for its site, else nothing."""
    note = rate_note(site, rate_hz)
    if not note:
        return ()
    off_ms = 1000.0 / rate_hz
    return (Finding("slow", f"{note} Contact times are off by up to {off_ms:.0f} ms."),)


def together(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Return findings without repetition: what holds for several sensors once.

    Parameters
    ----------
    findings
        In any order; sentences that differ only in the sensor they name become one
        that names them all, and one that differs in more stays as it is.
    """
    alike: dict[tuple[str, str], list[tuple[Finding, str]]] = {}
    for finding in dict.fromkeys(findings):
        who = _SENSOR.search(finding.text)
        name = who.group() if who else ""
        rest = finding.text.replace(name, "{}") if name else finding.text
        alike.setdefault((finding.name, rest), []).append((finding, name))
    out: list[Finding] = []
    for (_, rest), group in alike.items():
        first = group[0][0]
        if len(group) > 1:
            for one, many in _PLURAL:
                rest = rest.replace(one, many)
            text = rest.replace("{}", _joined([name for _, name in group]))
            first = Finding(first.name, text)
        out.append(first)
    return tuple(out)


def _joined(names: list[str]) -> str:
    """Return ``left foot, right foot and pelvis IMUs``, or feet."""
    ends = {name.rpartition(" ")[2] for name in names}
    end = ends.pop() if len(ends) == 1 else ""
    short = [name.removesuffix(f" {end}") for name in names] if end else names
    plural = {"foot": "feet", "": ""}.get(end, f"{end}s")
    return f"{', '.join(short[:-1])} and {short[-1]} {plural}".rstrip()
