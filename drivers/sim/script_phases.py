"""The scripts of the synthetic runner: phases with their true times."""

from __future__ import annotations

from typing import Final

from lablive.calibrating.phases import Phase

# second 0 is the first row; between two phases the runner stands
_CALIBRATION: Final = (
    Phase("zero", 1.0, 4.0),
    Phase("stand", 6.0, 16.0),
    Phase("single_leg", 18.0, 23.5, "left"),
    Phase("single_leg", 26.0, 31.5, "right"),
    Phase("bows", 33.0, 47.0),
    Phase("steps", 49.0, 61.0),
    Phase("pelvis_forward", 64.0, 68.0),
    Phase("pelvis_back", 71.0, 75.0),
    Phase("emg_rest", 77.0, 81.0),
    Phase("mvc", 83.0, 88.5),
    Phase("mvc", 91.0, 96.5),
    Phase("mvc", 99.0, 104.5),
    Phase("belt_noise", 108.0, 129.0),
    Phase("stand_again", 132.0, 138.0),
)
SCRIPTS: Final[dict[str, tuple[Phase, ...]]] = {
    "": (),
    "calibration": _CALIBRATION,
    "zero and stand": (Phase("zero", 5.0, 7.5), Phase("stand", 8.5, 14.0)),
    # as little as gives every metric, for a test in real time
    "short": (
        Phase("zero", 5.0, 7.2),
        Phase("stand", 8.5, 14.5),
        Phase("bows", 16.0, 24.0),
        Phase("steps", 25.0, 32.0),
    ),
}
_AFTER_S: Final = 2.0  # from the last phase to running


def length_s(script: str) -> float:
    """Return the earliest second at which the runner can begin to run."""
    phases = SCRIPTS[script]
    return phases[-1].t1_s + _AFTER_S if phases else 0.0
