"""The table of recorded sets that LabLive is measured with."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from lablive.validation import (
    belt_drift,
    feet,
    inclination,
    insoles,
    jump,
    lower_back,
    muscles,
    pelvis,
    running,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from lablive.validation.bench import Bench
    from lablive.validation.outcome import Outcome


class Case(NamedTuple):
    """One comparison: what it is called, what it needs, and who does it.

    Attributes
    ----------
    title
        Heading in the report.
    folder, files
        What must be there, in the data folder.
    run
        Does the comparison.
    library
        What else it needs besides LabLive's own; "" = nothing.
    """

    title: str
    folder: str
    files: tuple[str, ...]
    run: Callable[[Bench], Outcome]
    library: str = ""


CASES: Final[dict[str, Case]] = {
    "running-sacrum": Case(
        "Running: contacts of the sacral accelerometer",
        running.FOLDER, running.FILES, running.sacrum,
    ),
    "running-force": Case(
        "Running: contacts of a force treadmill",
        running.FOLDER, running.FILES, running.force,
    ),
    "belt-drift": Case(
        "Running: a force treadmill whose zero drifts",
        belt_drift.FOLDER, belt_drift.FILES, belt_drift.drift,
    ),
    "feet": Case("Walking: contacts of foot IMUs", feet.FOLDER, feet.FILES, feet.feet),
    "lower-back": Case(
        "Walking: contacts of an IMU at the lower back",
        lower_back.FOLDER, (lower_back.FILE,), lower_back.lower_back,
    ),
    "pelvis-walk": Case(
        "Walking: pelvic obliquity and drop against a laboratory's model",
        pelvis.WALK, pelvis.WALK_FILES, pelvis.walk, "ezc3d",
    ),
    "pelvis-walking2": Case(
        "Walking: pelvic obliquity against markers",
        pelvis.WALKING2, pelvis.WALKING2_FILES, pelvis.walking2, "ezc3d",
    ),
    "inclination": Case(
        "An IMU in the hand: inclination against optical orientation",
        inclination.FOLDER, inclination.FILES, inclination.hand_held, "h5py",
    ),
    "glutei": Case(
        "Walking: force plates and gluteal EMG",
        muscles.FOLDER, muscles.FILES, muscles.walk,
    ),
    "jump": Case("Jump: flight on force plates", jump.FOLDER, jump.FILES, jump.jump),
    "pedar": Case(
        "Insoles of 99 cells: steps and cadence",
        insoles.PEDAR, insoles.PEDAR_FILES, insoles.pedar,
    ),
    "stappone": Case(
        "One insole of 12 cells: cadence",
        insoles.STAPPONE, insoles.STAPPONE_FILES, insoles.stappone,
    ),
    "loadsol": Case(
        "Insoles that lose packets: no false steps",
        insoles.LOADSOL, insoles.LOADSOL_FILES, insoles.loadsol,
    ),
}  # fmt: skip
