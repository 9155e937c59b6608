"""A countermovement jump on two force plates: its flight."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from lablive.gait.contacts import ContactDetector, ContactSettings
from lablive.importing.imported import Options
from lablive.metrics.jumps import jump_height_m
from lablive.validation.outcome import Outcome, at_most, exactly, near, told

if TYPE_CHECKING:
    from lablive.messages import Floats
    from lablive.validation.bench import Bench

FOLDER: Final = "jump_force_jumpmetrics"
FILES: Final = ("cmj_example.txt",)
RATE_HZ: Final = 2000.0
PUBLISHED_S: Final = 0.5095  # of the set's authors
PUBLISHED_HZ: Final = 26.64  # their low-pass, forward and backward
WEIGHT_N: Final = 723.0
_QUIET_N: Final = (10.0, 20.0)  # flight begins below, ends over
_LANDED_N: Final = 2000.0
_WITHIN_MS: Final = 5.0
_MONTAGE: Final = """
schema = 1
name = "Two force plates, one under each foot"
[subject]
mass_kg = 73.7
[[stream]]
match = { name = "two plates" }
[[stream.channel]]
index = 2
role = "insole_left.force"
unit = "N"
[[stream.channel]]
index = 8
role = "insole_right.force"
unit = "N"
"""


def raw_flight_s(force_n: Floats) -> float:
    """Return the flight by the thresholds of the set's authors on unfiltered force."""
    landed = int(np.flatnonzero(force_n > _LANDED_N)[0])
    loaded = np.flatnonzero(force_n[: landed - 200] >= _QUIET_N[0])
    quiet = np.flatnonzero(force_n[:landed] < _QUIET_N[1])
    return float(quiet[-1] - loaded[-1]) / RATE_HZ


def published_flight_s(force_n: Floats) -> float:
    """Return the flight as the set's authors compute it (docs/decisions/0013)."""
    from scipy import signal

    design: Any = signal.butter(4, PUBLISHED_HZ / (RATE_HZ / 2))
    smooth = np.asarray(signal.filtfilt(design[0], design[1], force_n))
    landed = int(smooth.argmax())
    pushed = int(smooth[: landed - 400].argmax())
    quiet = np.abs(smooth[pushed:landed]) < _QUIET_N[0]
    edges = np.flatnonzero(np.diff(quiet.astype(int), prepend=0, append=0))
    long = [i for i, j in edges.reshape(-1, 2).tolist() if j - i >= 0.25 * RATE_HZ]
    on = int(np.flatnonzero(smooth[pushed:landed] < _QUIET_N[1])[-1]) + 1
    return (on - long[0]) / RATE_HZ


def jump(bench: Bench) -> Outcome:
    """Compare the flight between the last toe-off and the first landing."""
    path = bench.data / FOLDER / FILES[0]
    with bench.run([path], _MONTAGE, Options(rate_hz=RATE_HZ)) as run:
        left, right = (
            run.rows(f"insole_{side}.force")[1] for side in ("left", "right")
        )
        force_n = left[:, 0] + right[:, 0]
        # both feet together, as a belt would see them
        kind = ContactSettings(rate_hz=RATE_HZ, weight_n=WEIGHT_N, feet=2, drill=True)
        total = ContactDetector(kind, "unknown", "treadmill")
        events = total.feed(np.arange(len(force_n)) / RATE_HZ, force_n) + total.finish()
        per_foot = [_flight(run.times_s("to", side), run.times_s("ic", side))
                    for side in ("left", "right")]  # fmt: skip
        landings = len(run.times_s("ic"))
    ours = _flight(*(np.array([e.t_s for e in events if e.kind == kind])
                     for kind in ("to", "ic")))  # fmt: skip
    raw, published = raw_flight_s(force_n), published_flight_s(force_n)
    return Outcome(
        truth="The plates' own unfiltered force, both feet added: below 10 N to over"
        f" 20 N. Beside it the figure the authors publish, {PUBLISHED_S} s.",
        ours="Contacts of both feet together, off at 0.05, on at 0.08 body weights"
        " followed back to 0.05 (36 N); and of each foot by the whole chain.",
        errors=(),
        goals=(
            exactly("landings told, both feet", landings, 4),
            near("flight against the unfiltered force", 1e3 * ours, 1e3 * raw,
                 _WITHIN_MS, "ms"),
            near("flight against the published figure", 1e3 * ours, 1e3 * PUBLISHED_S,
                 _WITHIN_MS, "ms"),
            at_most("the published figure, computed again from the file",
                    1e3 * (published - PUBLISHED_S), 0.6, "ms"),
            told("flight of the left and the right foot by itself",
                 " and ".join(f"{1e3 * one:.1f} ms" for one in per_foot)),
            told("jump height by flight time",
                 f"{100 * jump_height_m(ours):.1f} cm, published flight"
                 f" {100 * jump_height_m(PUBLISHED_S):.1f} cm"),
        ),
        notes=(
            "Both plates are added here, for the chain knows no sum of two insoles.",
            "Worse than hoped by name, not by measure: the published flight is 18 ms"
            " shorter than the force itself says. Its low-pass rings below zero behind"
            " the push-off, so that take-off is told late (decision 0013).",
        ),
    )  # fmt: skip


def _flight(off_s: Floats, on_s: Floats) -> float:
    """Return the time from the last toe-off before the last landing to it, s."""
    if not len(on_s) or not (off_s < on_s[-1]).any():
        return np.nan
    return float(on_s[-1] - off_s[off_s < on_s[-1]][-1])
