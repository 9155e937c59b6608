"""Axes of the IMUs from recorded phases: each sensor fails or counts by itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import msgspec
import numpy as np

from lablive.calibrating.legs import swapped_pairs
from lablive.calibrating.phases import of_kind
from lablive.calibrating.verdict import Ledger
from lablive.errors import CalibrationError
from lablive.names import site_words
from lablive.signals.imu_quality import clipped, rate_note
from lablive.signals.segment_calibration import (
    SegmentCalibration,
    SiteCalibration,
    calibrate_segments,
    check_standing,
    with_pelvic_range,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lablive.calibrating.phases import Phase, PhaseKind
    from lablive.calibrating.rows import About, Lab
    from lablive.signals.segment_axes import ImuRows

_MOVEMENT: Final[dict[str, PhaseKind]] = {
    "pelvis": "bows", "trunk": "bows", "head": "bows",
    "thigh": "steps", "shank": "steps", "foot": "steps",
}  # fmt: skip
_HELD_DPS: Final = 3.0  # [design] gyro SD of a posture that is held


def align(
    lab: Lab, phases: Sequence[Phase], about: About
) -> tuple[SegmentCalibration | None, Ledger]:
    """Return the axes of every segment that showed them, and what phases were good for.

    A sensor whose movement failed keeps up and its gyroscope's bias, without angles:
    the montage's axes do not stand in for a movement that contradicts them or failed.

    Parameters
    ----------
    lab
        Streams, channels and rows.
    phases
        Phases that count (:func:`lablive.calibrating.phases.last_tries`).
    about
        Person, mounting, date.
    """
    ledger = Ledger()
    stand = next(iter(of_kind(phases, "stand")), None)
    if not lab.sites:
        return None, ledger
    if stand is None:
        for phase in of_kind(phases, "bows", "steps", "stand_again"):
            ledger.problem(phase, "No quiet stand was recorded: stand still for 10 s.")
        return None, ledger
    lost = _swapped(lab, phases, ledger)
    sites: list[SiteCalibration] = []
    no_gyro: list[str] = []
    for site in lab.sites:
        rows = _rows(lab, site, stand, ledger)
        if rows is None:
            continue
        if rows.gyro is None:
            no_gyro.append(site)
            ledger.note(
                stand,
                f"The {site_words(site)} sensor has no gyroscope: contacts, no angles.",
            )
            continue
        own = _site(lab, site, rows, stand, phases, about, ledger)
        if own is not None and site not in lost:
            sites.append(own)
    if not sites and not no_gyro:
        return None, ledger
    found = SegmentCalibration(
        about.made_at, about.person, about.mounting, tuple(sites), tuple(no_gyro)
    )
    found = _pelvic_range(lab, found, phases, ledger)
    _check_again(lab, found, phases, ledger)
    return found, ledger


def _rows(lab: Lab, site: str, phase: Phase, ledger: Ledger) -> ImuRows | None:
    """Return a sensor's rows of a phase; None when they do not cover it."""
    part = site_words(site)
    why = lab.absent(lab.binding.sources[f"imu_{site}.acc"].stream, phase)
    if why:
        ledger.problem(
            phase,
            f"{phase.title}, {part}: the sensor {why}. Check its battery and "
            "connection, then repeat.",
        )
        return None
    rows = lab.imu(site, phase)
    clips = clipped(rows.acc, "acc").any()
    turns = rows.gyro is not None and clipped(rows.gyro, "gyro").any()
    if clips or turns:
        ledger.problem(
            phase,
            f"{phase.title}, {part}: the sensor reached the end of its "
            f"{'gyroscope' if turns else 'accelerometer'}'s range. Move more slowly, "
            "or set a larger range, then repeat.",
        )
        return None
    return rows


def _site(
    lab: Lab,
    site: str,
    rows: ImuRows,
    stand: Phase,
    phases: Sequence[Phase],
    about: About,
    ledger: Ledger,
) -> SiteCalibration | None:
    aligned = (site,) if lab.has_axes(site) else ()
    still = _try(site, rows, None, aligned, about, stand, ledger)
    if still is None:
        return None
    part = site_words(site)
    bias = float(np.degrees(np.linalg.norm(still.gyro_bias_rps)))
    ledger.made(stand, f"{part}: up, gyroscope bias {bias:.2f} deg/s")
    slow = rate_note(site, still.rate_hz)
    if slow:
        ledger.note(stand, slow)
    kind = _MOVEMENT.get(site.partition("_")[0])
    movement = next(iter(of_kind(phases, kind)), None) if kind else None
    if movement is None:
        return still
    moved = _rows(lab, site, movement, ledger)
    own = None
    if moved is not None and moved.gyro is not None:
        own = _try(site, rows, moved, aligned, about, movement, ledger)
    if own is None:
        return _try(site, rows, None, (), about, stand, ledger)
    ledger.made(movement, f"{part}: {own.variance_pct:.0f} % about its left axis")
    return own


def _try(
    site: str,
    rows: ImuRows,
    moved: ImuRows | None,
    aligned: tuple[str, ...],
    about: About,
    phase: Phase,
    ledger: Ledger,
) -> SiteCalibration | None:
    """Calibrate one sensor; its problems are charged to a phase."""
    try:
        found = calibrate_segments(
            {site: rows},
            {} if moved is None else {site: moved},
            made_at=about.made_at,
            aligned=aligned,
        )
    except CalibrationError as error:
        ledger.problem(phase, *error.problems)
        return None
    return found.of(site)


def _swapped(lab: Lab, phases: Sequence[Phase], ledger: Ledger) -> set[str]:
    """Return the sites whose left and right sensors were mixed up."""
    lost: set[str] = set()
    for phase in of_kind(phases, "steps"):
        legs = [site for site in lab.sites if _MOVEMENT.get(_part(site)) == "steps"]
        rows = {site: lab.imu(site, phase) for site in legs}
        for part, text in swapped_pairs(lab, phase, rows).items():
            ledger.problem(phase, text)
            lost |= {site for site in legs if _part(site) == part}
    return lost


def _pelvic_range(
    lab: Lab, found: SegmentCalibration, phases: Sequence[Phase], ledger: Ledger
) -> SegmentCalibration:
    forward = next(iter(of_kind(phases, "pelvis_forward")), None)
    back = next(iter(of_kind(phases, "pelvis_back")), None)
    if forward is None or back is None:
        for phase in of_kind(phases, "pelvis_forward", "pelvis_back"):
            other = "back" if phase is forward else "forward"
            ledger.note(phase, f"Waits for the other way: tilt the pelvis {other}.")
        return found
    if "pelvis" not in lab.sites:
        return found
    held = [_rows(lab, "pelvis", phase, ledger) for phase in (forward, back)]
    for phase, rows in zip((forward, back), held, strict=True):
        if rows is None or rows.gyro is None:
            continue
        sd_dps = float(np.degrees(np.nanstd(rows.gyro, axis=0)).max())
        if sd_dps > _HELD_DPS:
            ledger.problem(
                phase,
                f"The pelvis was not held: gyro SD {sd_dps:.1f} deg/s, at most "
                f"{_HELD_DPS:g}. Go to the end, then hold still for 4 s.",
            )
    ahead, behind = held
    if ahead is None or behind is None:
        return found
    if ledger.has_problem(forward) or ledger.has_problem(back):
        return found
    try:
        made = with_pelvic_range(found, ahead, behind)
    except CalibrationError as error:
        ledger.problem(forward, *error.problems)
        ledger.problem(back, *error.problems)
        return found
    if made.pelvic_range is not None:
        ledger.made(forward, f"{made.pelvic_range.anterior_deg:+.1f} deg from standing")
        ledger.made(back, f"{made.pelvic_range.posterior_deg:+.1f} deg from standing")
    return made


def _check_again(
    lab: Lab, found: SegmentCalibration, phases: Sequence[Phase], ledger: Ledger
) -> None:
    for phase in of_kind(phases, "stand_again"):
        for own in found.sites:
            rows = _rows(lab, own.site, phase, ledger)
            if rows is None:
                continue
            alone = msgspec.structs.replace(found, sites=(own,))
            try:
                (check,) = check_standing(alone, {own.site: rows})
            except CalibrationError as error:
                ledger.problem(phase, *error.problems)
                continue
            moved_deg = float(np.hypot(check.lean_deg, check.obliquity_deg))
            ledger.made(phase, f"{site_words(own.site)}: {moved_deg:.1f} deg moved")
            if check.slipped:
                ledger.note(phase, check.note)


def _part(site: str) -> str:
    return site.partition("_")[0]
