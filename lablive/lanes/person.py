"""The person of a recording, from the montage and what was calibrated."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from lablive.lanes.strides import Person
from lablive.metrics.metric import NAN

if TYPE_CHECKING:
    from lablive.names import Side
    from lablive.signals.calibration import Calibration
    from lablive.signals.calibrations import Calibrations
    from lablive.signals.montage import Subject

_LEG_PER_HEIGHT: Final = 0.53  # metric reference 2 [S01]


def person_of(subject: Subject, calibrations: Calibrations) -> Person:
    """Return body measures; a calibration in body weight comes before the montage."""
    insole, segments = calibrations.insole, calibrations.segments
    mass_kg = insole.mass_kg if insole else subject.mass_kg
    leg_length_m = subject.leg_length_m
    if leg_length_m is None and subject.height_m is not None:
        leg_length_m = _LEG_PER_HEIGHT * subject.height_m
    shown = segments.pelvic_range if segments else None
    return Person(
        mass_kg=NAN if mass_kg is None else mass_kg,
        height_m=NAN if subject.height_m is None else subject.height_m,
        leg_length_m=NAN if leg_length_m is None else leg_length_m,
        pelvic_neutral_deg=shown.neutral_deg if shown else None,
        standing_medial_pct=(_medial_pct(insole, "left"), _medial_pct(insole, "right")),
    )


def _medial_pct(insole: Calibration | None, side: Side) -> float:
    own = insole.of(side) if insole else None
    share = own.standing_medial_pct if own else None
    return NAN if share is None else share


def balance_pct_of(calibrations: Calibrations) -> float:
    """Return how the weight was shared in standing; NaN = not calibrated."""
    insole = calibrations.insole
    balance = insole.standing_balance_pct if insole else None
    return NAN if balance is None else balance
