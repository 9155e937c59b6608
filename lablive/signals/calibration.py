"""A body-weight calibration of the insoles: zero and gain of each foot.

Made in :mod:`lablive.signals.body_weight`, written once into the trial header and never
changed.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from lablive.errors import RecordingError
from lablive.names import STANDARD_GRAVITY, Side
from lablive.structs import from_json

ZeroFrom = Literal["unloaded", "none"]
GainFrom = Literal["single_leg", "two_leg"]


class FootCalibration(msgspec.Struct, frozen=True):
    """Zero and gain of one insole: ``force_n = sum(parts - zero) * gain``.

    Attributes
    ----------
    role
        Source it was made with, for example ``insole_left.pressure``.
    unit
        Unit of the parts: ``N`` (pressure already times area) or ``adc``.
    zero
        Preload of every channel, in ``unit``.
    gain
        N per ``unit``.
    zero_from, gain_from
        How they were obtained.
    standing_medial_pct
        Share of the load on the medial cells in two-leg standing; None = the sole has
        no cells on both sides, or no such stand was made.
    """

    role: str
    unit: str
    zero: tuple[float, ...]
    gain: float
    zero_from: ZeroFrom
    gain_from: GainFrom
    standing_medial_pct: float | None = None

    @property
    def zero_n(self) -> float:
        """Preload of the whole insole in newtons."""
        return sum(self.zero) * self.gain


class Calibration(msgspec.Struct, frozen=True):
    """One body-weight calibration of a person in these shoes.

    Attributes
    ----------
    made_at
        Wall-clock time, ISO 8601 with zone.
    person, mounting
        Pseudonymous code; how the soles lie in the shoes.
    mass_kg
        Body mass with clothes and shoes.
    left, right
        Zero and gain of each insole.
    standing_balance_pct
        The right foot's share of the load on two legs.
    """

    made_at: str
    person: str
    mounting: str
    mass_kg: float
    left: FootCalibration | None = None
    right: FootCalibration | None = None
    standing_balance_pct: float | None = None

    def of(self, side: Side) -> FootCalibration | None:
        """Return the calibration of one foot."""
        return self.left if side == "left" else self.right

    @property
    def bodyweight_n(self) -> float:
        """Body weight in newtons."""
        return self.mass_kg * STANDARD_GRAVITY


def parse_calibration(text: str) -> Calibration:
    """Read a calibration from the JSON text of a trial header.

    Raises
    ------
    RecordingError
        The text is no calibration.
    """
    try:
        return from_json(text, Calibration)
    except msgspec.DecodeError as error:
        raise RecordingError(
            f"The calibration in the trial header cannot be read: {error}.",
            still="The raw rows are not affected.",
            todo="Analyse the trial with a montage that gives standing_s.",
        ) from error
