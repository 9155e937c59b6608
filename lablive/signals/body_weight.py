"""Body-weight calibration of the insoles is made here (metric reference 3.1).

Zero with the foot in the air, gain from quiet standing; the check while running is in
:mod:`lablive.metrics.weight`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from lablive.errors import CalibrationError
from lablive.names import SIDES, STANDARD_GRAVITY
from lablive.signals.calibration import Calibration, FootCalibration
from lablive.signals.insole import half_n, total_n

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from lablive.messages import Floats, Values
    from lablive.names import Side
    from lablive.signals.insole import Foot

MASS_KG: Final = (20.0, 250.0)
MIN_TWO_LEG_S: Final = 5.0
MIN_SINGLE_LEG_S: Final = 3.0
MIN_VALID_SHARE: Final = 0.9  # of the rows of a step
MIN_LOAD_SHARE: Final = 0.05  # of body weight, and of the other foot
MAX_STAND_SD_BW: Final = 0.05  # more is no quiet stand
PLAUSIBLE_GAIN: Final = (0.4, 2.5)  # of insoles that claim newtons
MAX_CLOSURE: Final = 0.10  # single-leg gains must give body weight on two legs


@dataclass(frozen=True, slots=True, eq=False)
class Stretch:
    """Rows of one foot's force stream in one calibration step.

    ``t_s`` has shape (rows,), ``x`` (rows, channels of the stream).
    """

    t_s: Floats
    x: Values


class _Load(NamedTuple):
    """Mean and SD of a foot's force in one step: zero taken off, gain not yet on."""

    mean: float
    sd: float


def calibrate(
    feet: Mapping[Side, Foot],
    two_leg: Mapping[Side, Stretch],
    *,
    mass_kg: float | None,
    made_at: str,
    person: str = "",
    mounting: str = "",
    unloaded: Mapping[Side, Stretch] | None = None,
    single_leg: Mapping[Side, Stretch] | None = None,
) -> Calibration:
    """Turn calibration steps into a zero and a gain per foot.

    Parameters
    ----------
    feet
        Insoles as :func:`lablive.signals.insole.feet` returns them.
    two_leg
        Quiet standing on both feet, 10 s (5 s at least); also a montage's
        ``standing_s`` window. Empty when only single-leg stands were made.
    mass_kg
        Body mass with clothes and shoes.
    made_at
        Wall-clock time, ISO 8601 with zone.
    person, mounting
        Pseudonymous code; how the soles lie in the shoes.
    unloaded
        Each foot in the air. Without it newtons are taken from zero; counts cannot.
    single_leg
        Each foot alone, 5 s (3 s at least). Without it both feet share one gain, so
        that the left-right share stays as the raw sensors measure it.

    Raises
    ------
    CalibrationError
        Every step that cannot be used, with its cause and what to repeat.
    """
    unloaded = unloaded or {}
    problems = _mass_problems(mass_kg)
    zeros: dict[Side, Floats] = {}
    for side, foot in feet.items():
        zeros[side] = _zero(foot, unloaded.get(side), problems)
    both = _loads(_TWO, feet, two_leg, zeros, problems)
    alone = _loads(_ONE, feet, single_leg or {}, zeros, problems)
    if len(both) + len(alone) == 0 and not problems:
        problems.append("No stand was recorded: stand still on both feet for 10 s.")
    if problems or mass_kg is None:
        raise _error(problems)
    weight_n = mass_kg * STANDARD_GRAVITY
    problems = list(_empty_soles(feet, both, alone, weight_n))
    if problems:
        raise _error(problems)
    gains = _gains(both, alone, weight_n)
    problems = list(_restless(feet, unloaded, gains, weight_n))
    problems += _doubtful(feet, both, alone, gains, weight_n)
    if problems:
        raise _error(problems)
    found = {
        side: FootCalibration(
            role=foot.force.role,
            unit=foot.part_unit,
            zero=tuple(zeros[side].tolist()),
            gain=gains[side],
            zero_from="unloaded" if side in unloaded else "none",
            gain_from="single_leg" if alone else "two_leg",
            standing_medial_pct=_medial_pct(foot, two_leg.get(side), zeros[side]),
        )
        for side, foot in feet.items()
    }
    return Calibration(
        made_at=made_at,
        person=person,
        mounting=mounting,
        mass_kg=mass_kg,
        left=found.get("left"),
        right=found.get("right"),
        standing_balance_pct=_balance_pct(both, gains),
    )


_TWO: Final = ("Two-leg stand", MIN_TWO_LEG_S)
_ONE: Final = ("Single-leg stand", MIN_SINGLE_LEG_S)


def _mass_problems(mass_kg: float | None) -> list[str]:
    if mass_kg is None:
        return ["The body mass is missing: enter it in kg, with clothes and shoes."]
    if not MASS_KG[0] <= mass_kg <= MASS_KG[1]:
        return [f"A body mass of {mass_kg:g} kg is not plausible: correct it."]
    return []


def _zero(foot: Foot, stretch: Stretch | None, problems: list[str]) -> Floats:
    """Return the preload of every channel; newtons without a step have none."""
    nothing = np.zeros(len(foot.force.columns))
    if stretch is None:
        if foot.part_unit != "N":
            problems.append(
                f"The {foot.side} insole sends raw counts, which have no zero of their "
                f"own: lift the {foot.side} foot for 2 s."
            )
        return nothing
    parts = foot.raw(stretch.x)
    known = ~np.isnan(parts)
    if not known.any(axis=0).all():
        problems.append(
            f"Foot in the air: some channels of the {foot.side} insole sent nothing "
            "valid. Check its plug, lift the foot again."
        )
        return nothing
    return np.where(known, parts, 0.0).sum(axis=0) / known.sum(axis=0)


def _loads(
    step: tuple[str, float],
    feet: Mapping[Side, Foot],
    stretches: Mapping[Side, Stretch],
    zeros: Mapping[Side, Floats],
    problems: list[str],
) -> dict[Side, _Load]:
    """Return mean and SD of every foot in one step, {} when it was not made."""
    found: dict[Side, _Load] = {}
    title, least_s = step
    for side, foot in feet.items() if stretches else ():
        stretch = stretches.get(side)
        if stretch is None or len(stretch.t_s) < 2:
            problems.append(f"{title}: the {side} insole sent nothing. Check, repeat.")
            continue
        total = total_n(foot.raw(stretch.x) - zeros[side], foot.shares)
        known = total[~np.isnan(total)]
        lasted_s = float(stretch.t_s[-1] - stretch.t_s[0])
        if lasted_s < least_s:
            problems.append(
                f"{title}: {lasted_s:.1f} s of the {side} foot are too short, "
                f"{least_s:g} s are needed. Repeat, stand longer."
            )
        elif len(known) < MIN_VALID_SHARE * len(total):
            lost_pct = 100 * (1 - len(known) / len(total))
            problems.append(
                f"{title}: the {side} insole sent no valid force {lost_pct:.0f} % of "
                "the time. Check the connection, repeat."
            )
        else:
            found[side] = _Load(float(known.mean()), float(known.std()))
    return found


def _empty_soles(
    feet: Mapping[Side, Foot],
    both: Mapping[Side, _Load],
    alone: Mapping[Side, _Load],
    weight_n: float,
) -> Iterator[str]:
    if not alone and len(both) == 1:
        (side,) = both
        yield (
            f"Only the {side} insole is connected: standing on two legs cannot give "
            f"its gain. Stand on the {side} leg alone for 5 s."
        )
    for (title, _), loads in ((_TWO, both), (_ONE, alone)):
        most = max((load.mean for load in loads.values()), default=0.0)
        for side, load in loads.items():
            newton = feet[side].part_unit == "N"
            if load.mean <= MIN_LOAD_SHARE * (weight_n if newton else most):
                yield (
                    f"{title}: no load on the {side} insole. Check that the sole lies "
                    "flat in this person's shoe and sends, then repeat."
                )


def _gains(
    both: Mapping[Side, _Load], alone: Mapping[Side, _Load], weight_n: float
) -> dict[Side, float]:
    if alone:
        return {side: weight_n / load.mean for side, load in alone.items()}
    common = weight_n / sum(load.mean for load in both.values())
    return dict.fromkeys(both, common)


def _doubtful(
    feet: Mapping[Side, Foot],
    both: Mapping[Side, _Load],
    alone: Mapping[Side, _Load],
    gains: Mapping[Side, float],
    weight_n: float,
) -> Iterator[str]:
    """Yield what speaks against the gains: movement, odd size, no closure."""
    most_n = MAX_STAND_SD_BW * weight_n
    for (title, _), loads in ((_TWO, both), (_ONE, alone)):
        for side, load in loads.items():
            sd_n = load.sd * gains[side]
            if sd_n > most_n:
                yield (
                    f"{title}: the {side} foot moved: SD {sd_n:.0f} N, at most "
                    f"{most_n:.0f} N. Repeat, stand still and look ahead."
                )
    low, high = PLAUSIBLE_GAIN
    for side, gain in gains.items():
        if feet[side].part_unit == "N" and not low <= gain <= high:
            yield (
                f"The {side} insole would need a gain of {gain:.2f} ({low:g} to "
                f"{high:g} is plausible). Check body mass, sole size and vendor zero."
            )
    if both and alone:
        closure = sum(both[side].mean * gains[side] for side in both) / weight_n
        if abs(closure - 1) > MAX_CLOSURE:
            yield (
                "With the single-leg gains the two-leg stand weighs "
                f"{100 * closure:.0f} % of the body. Repeat, the other foot off the "
                "floor, nothing held."
            )


def _restless(
    feet: Mapping[Side, Foot],
    unloaded: Mapping[Side, Stretch],
    gains: Mapping[Side, float],
    weight_n: float,
) -> Iterator[str]:
    """Yield the feet that touched the floor for a part of the zero step."""
    for side, stretch in unloaded.items():
        sd_n = float(np.nanstd(feet[side].raw(stretch.x).sum(axis=1))) * gains[side]
        if sd_n > MAX_STAND_SD_BW * weight_n:
            yield (
                f"Foot in the air: the {side} foot was loaded meanwhile (SD "
                f"{sd_n:.0f} N). Repeat, keep both feet off the floor."
            )


def _balance_pct(
    both: Mapping[Side, _Load], gains: Mapping[Side, float]
) -> float | None:
    if len(both) < 2:
        return None
    left_n, right_n = (both[side].mean * gains[side] for side in SIDES)
    return 100.0 * right_n / (left_n + right_n)


def _medial_pct(foot: Foot, stretch: Stretch | None, zero: Floats) -> float | None:
    """Return the medial share of the load in a stand, None when cells do not tell."""
    if stretch is None or foot.layout is None or foot.cells is not foot.force:
        return None
    halves = half_n(foot.raw(stretch.x) - zero, foot.layout)
    known = halves[np.isfinite(halves).all(axis=1)]
    medial, lateral = np.maximum(known, 0.0).sum(axis=0).tolist()
    return 100.0 * medial / (medial + lateral) if medial + lateral > 0 else None


def _error(problems: Sequence[str]) -> CalibrationError:
    return CalibrationError(
        "\n  ".join(["The calibration cannot be used:", *problems]) + "\n",
        still="Recording works; forces are not in newtons of this person yet.",
        problems=tuple(problems),
    )
