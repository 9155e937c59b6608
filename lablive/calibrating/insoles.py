"""Zero and gain of the insoles from recorded phases, and their check while running."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from lablive.calibrating.phases import of_kind
from lablive.calibrating.verdict import Ledger
from lablive.errors import CalibrationError
from lablive.metrics.weight import GAIN_RATIO_OK, MIN_STRIDES
from lablive.names import SIDES, STANDARD_GRAVITY
from lablive.signals.body_weight import Stretch, calibrate
from lablive.signals.insole import feet, total_n

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from lablive.calibrating.phases import Phase
    from lablive.calibrating.rows import About, Lab
    from lablive.names import Side
    from lablive.signals.calibration import Calibration
    from lablive.signals.insole import Foot

_NOT_LIFTED: Final = 0.5  # [design] of the foot's standing load; lacing presses less
_LIFTED_N: Final = 150.0  # [design] before the stand: no lacing presses more
_STUCK_ROWS: Final = 20


def weigh(
    lab: Lab, phases: Sequence[Phase], about: About
) -> tuple[Calibration | None, Ledger]:
    """Return the body-weight calibration, and what phases were good for.

    Parameters
    ----------
    lab
        Streams, channels and rows.
    phases
        Phases that count (:func:`lablive.calibrating.phases.last_tries`).
    about
        Person, mounting, body mass, date.
    """
    ledger = Ledger()
    soles = feet(lab.binding)
    zeros = of_kind(phases, "zero")
    stand = next(iter(of_kind(phases, "stand")), None)
    alone = of_kind(phases, "single_leg")
    if not soles:
        return None, ledger
    unloaded = _unloaded(lab, soles, zeros, stand, ledger)
    lost = any(ledger.has_problem(phase) for phase in zeros)
    standing = _stretches(lab, soles, stand, ledger)
    single = _single_leg(lab, soles, alone, unloaded, ledger, shared=bool(standing))
    if lost and (standing or single):
        for phase in (*([stand] if stand else []), *alone):
            ledger.problem(phase, "The insoles wait for their zero: repeat it first.")
        return None, ledger
    if not standing and not single:
        if not lost:
            _tell_zero(zeros, ledger)
        return None, ledger
    found = _calibrated(soles, standing, single, unloaded, about, ledger, phases)
    if found is not None:
        _tell(
            found, zeros, stand if standing else None, alone if single else (), ledger
        )
    else:
        _tell_zero(zeros, ledger)
    return found, ledger


def check_running(
    lab: Lab, phases: Sequence[Phase], insole: Calibration | None
) -> Ledger:
    """Compare body weight while running with the standing gain (reference 3.1)."""
    ledger = Ledger()
    for phase in of_kind(phases, "run"):
        if insole is None or not feet(lab.binding):
            continue
        weight = lab.force_pipeline(phase, insole).results.sample().weight
        if weight.strides < MIN_STRIDES or not np.isfinite(weight.ratio):
            ledger.problem(
                phase,
                f"The gain of the insoles was not checked: {weight.strides} strides of "
                f"both feet, {MIN_STRIDES} are needed. Run on for 20 s.",
            )
            continue
        low, high = GAIN_RATIO_OK
        ledger.made(phase, f"insole gain running over standing {weight.ratio:.2f}")
        if not low <= weight.ratio <= high:
            ledger.note(
                phase,
                f"The standing gain is off by {weight.ratio:.2f} ({low:g} to {high:g} "
                "is good): forces are scaled by the run itself. Check body mass and "
                "soles, repeat zero and stand.",
            )
    return ledger


def _unloaded(
    lab: Lab,
    soles: Mapping[Side, Foot],
    zeros: Sequence[Phase],
    stand: Phase | None,
    ledger: Ledger,
) -> dict[Side, Stretch]:
    found: dict[Side, Stretch] = {}
    for phase in zeros:
        for side, foot in soles.items():
            if phase.target not in ("", side):
                continue
            why = lab.absent(foot.force.stream, phase)
            if why:
                ledger.problem(
                    phase,
                    f"Foot in the air: the {side} insole {why}. Check its plug and "
                    "battery, then repeat.",
                )
                continue
            stretch = lab.sole(foot, phase)
            rest = _mean(foot, stretch)
            limit, told = _LIFTED_N, ""
            if stand is not None:
                loaded = _mean(foot, lab.sole(foot, stand))
                limit, told = _NOT_LIFTED * loaded, f", standing {loaded:.0f}"
            known = stand is not None or foot.part_unit == "N"
            if known and rest > max(limit, 0.0):
                unit = "N" if foot.part_unit == "N" else "counts"
                ledger.problem(
                    phase,
                    f"The {side} foot was not in the air: its insole showed "
                    f"{rest:.0f} {unit}{told}. Repeat, sitting, both feet off the "
                    "floor.",
                )
                continue
            found[side] = stretch
    return found


def _stretches(
    lab: Lab, soles: Mapping[Side, Foot], stand: Phase | None, ledger: Ledger
) -> dict[Side, Stretch]:
    if stand is None:
        return {}
    found: dict[Side, Stretch] = {}
    for side, foot in soles.items():
        why = lab.absent(foot.force.stream, stand)
        if why:
            ledger.problem(
                stand,
                f"Two-leg stand: the {side} insole {why}. Check the connection, "
                "then repeat.",
            )
            continue
        found[side] = lab.sole(foot, stand)
        for channel in _stuck(foot, found[side]):
            ledger.note(
                stand,
                f"Channel {channel} of the {side} insole does not change under load: "
                "saturated or broken. Forces may be too low.",
            )
    return found if len(found) == len(soles) else {}


def _single_leg(
    lab: Lab,
    soles: Mapping[Side, Foot],
    alone: Sequence[Phase],
    unloaded: Mapping[Side, Stretch],
    ledger: Ledger,
    *,
    shared: bool,
) -> dict[Side, Stretch]:
    """Return the stands on one leg; {} when a foot lacks one or sides contradict.

    ``shared``: a stand on two legs gives both feet a gain meanwhile.
    """
    found: dict[Side, Stretch] = {}
    wrong: list[Phase] = []
    for phase in alone:
        loads = {
            side: _mean(foot, lab.sole(foot, phase)) - _mean(foot, unloaded.get(side))
            for side, foot in soles.items()
        }
        for side, foot in soles.items():
            if phase.target != side:
                continue
            why = lab.absent(foot.force.stream, phase)
            if why:
                ledger.problem(
                    phase,
                    f"Single-leg stand: the {side} insole {why}. Check the "
                    "connection, then repeat.",
                )
                continue
            found[side] = lab.sole(foot, phase)
            other = [load for foot_side, load in loads.items() if foot_side != side]
            if other and other[0] > max(loads[side], 0.0):
                wrong.append(phase)
    if len(wrong) == len(SIDES):
        text = (
            "The left and right insoles are swapped: each carried nothing in its own "
            "single-leg stand and all in the other's. Exchange the soles, or their "
            "roles in the montage, then repeat."
        )
        for phase in wrong:
            ledger.problem(phase, text)
        return {}
    for phase in wrong:
        ledger.problem(
            phase,
            f"Single-leg stand: the load was on the other leg. Repeat on the "
            f"{phase.target} leg.",
        )
        found.pop("left" if phase.target == "left" else "right", None)
    missing = [side for side in soles if side not in found]
    if found and missing:
        for phase in alone:
            if not ledger.has_problem(phase):
                tell = ledger.note if shared else ledger.problem
                tell(
                    phase,
                    f"Single-leg stand: the {missing[0]} leg's is missing, so both "
                    f"feet share the gain of the two-leg stand. Stand on the "
                    f"{missing[0]} leg too.",
                )
        return {}
    return found


def _calibrated(
    soles: Mapping[Side, Foot],
    standing: Mapping[Side, Stretch],
    single: Mapping[Side, Stretch],
    unloaded: Mapping[Side, Stretch],
    about: About,
    ledger: Ledger,
    phases: Sequence[Phase],
) -> Calibration | None:
    """Use all stands; when they fail together, the two-leg stand, else the others."""
    tries = [(standing, single)]
    if standing and single:
        tries += [(standing, {}), ({}, single)]
    for number, (two_leg, one_leg) in enumerate(tries):
        try:
            return calibrate(
                soles,
                two_leg,
                mass_kg=about.mass_kg,
                made_at=about.made_at,
                person=about.person,
                mounting=about.mounting,
                unloaded=unloaded,
                single_leg=one_leg,
            )
        except CalibrationError as error:
            if number == 0:
                _charge(error.problems, phases, ledger)
    return None


def _charge(problems: Sequence[str], phases: Sequence[Phase], ledger: Ledger) -> None:
    """Note every problem at the phase that it is about."""
    stands = of_kind(phases, "stand") or of_kind(phases, "single_leg")
    for text in problems:
        about = stands
        if text.startswith("Foot in the air"):
            about = of_kind(phases, "zero")
        elif text.startswith(("Single-leg", "With the single-leg")):
            alone = of_kind(phases, "single_leg")
            named = [phase for phase in alone if f" {phase.target} " in text]
            about = tuple(named) or alone
        for phase in about:
            ledger.problem(phase, text)


def _tell(
    found: Calibration,
    zeros: Sequence[Phase],
    stand: Phase | None,
    alone: Sequence[Phase],
    ledger: Ledger,
) -> None:
    for side in SIDES:
        own = found.of(side)
        if own is None:
            continue
        for phase in zeros:
            if phase.target in ("", side):
                ledger.made(phase, f"{side} insole: preload {own.zero_n:.0f} N")
        gain = f"{side} insole: gain {own.gain:.3g}"
        if own.gain_from == "two_leg" and stand is not None:
            ledger.made(stand, gain)
        for phase in alone:
            if own.gain_from == "single_leg" and phase.target == side:
                ledger.made(phase, gain)
    balance = found.standing_balance_pct
    if stand is not None and balance is not None:
        weight_n = found.mass_kg * STANDARD_GRAVITY
        told = f"{weight_n:.0f} N on both feet, {balance:.0f} % on the right"
        ledger.made(stand, told)


def _tell_zero(zeros: Sequence[Phase], ledger: Ledger) -> None:
    for phase in zeros:
        if not ledger.has_problem(phase):
            ledger.made(phase, "zero of the insoles taken")


def _mean(foot: Foot, stretch: Stretch | None) -> float:
    """Return the mean of the foot's parts in their own unit; 0 without rows."""
    if stretch is None or not len(stretch.t_s):
        return 0.0
    total = total_n(foot.raw(stretch.x), foot.shares)
    total = total[np.isfinite(total)]
    return float(total.mean()) if len(total) else 0.0


def _stuck(foot: Foot, stretch: Stretch) -> list[int]:
    """Return the channels that are loaded and never change, numbered from 1."""
    parts = foot.raw(stretch.x)
    if len(parts) < _STUCK_ROWS or parts.shape[1] == 1 or np.isnan(parts).all():
        return []
    load = np.nanmean(np.where(np.isnan(parts), 0.0, parts), axis=0)
    still = np.ptp(np.nan_to_num(parts), axis=0) == 0
    return [int(i) + 1 for i in np.flatnonzero(still & (load > 0.5 * load.max()))]
