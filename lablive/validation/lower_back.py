"""An IMU at the lower back of a walker: contacts beside soles and optical feet."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np

from lablive.importing.imported import Options, unreadable
from lablive.names import STANDARD_GRAVITY
from lablive.signals.filters import butterworth
from lablive.validation.matching import Matched, joined, match
from lablive.validation.outcome import Errors, Outcome, at_most, exactly, told

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from numpy.typing import NDArray

    from lablive.messages import Floats
    from lablive.validation.bench import Bench, Run

FOLDER: Final = "lowerback_imu_mobgap"
FILE: Final = "data/lab/HA/001/data.mat"
RATE_HZ: Final = 100.0
STRAIGHT: Final = "Test5"
REFERENCES: Final = {"INDIP": "soles and foot IMUs", "Stereophoto": "optical feet"}
_WITHIN_S: Final = 0.2
_EDGE_S: Final = 0.05
_SMOOTH_HZ: Final = 5.0
_OPTIONS: Final = Options(rate_hz=RATE_HZ, time_column="samples")
_LABELS: Final = tuple(f"{what}_{axis}" for what in ("acc", "gyr") for axis in "xyz")
# its x points up, y to the right, z forward: forward, left and up are z, -y and x
_MONTAGE: Final = """
schema = 1
name = "Lower-back IMU, axes up, right, forward"
[[stream]]
match = { name = "lower back" }
[[stream.channel]]
label = ["acc_x", "acc_y", "acc_z"]
role = "imu_pelvis.acc"
unit = "g"
axes = ["z", "-y", "x"]
[[stream.channel]]
label = ["gyr_x", "gyr_y", "gyr_z"]
role = "imu_pelvis.gyro"
unit = "deg/s"
axes = ["z", "-y", "x"]
"""


class Bout(NamedTuple):
    """Contacts of some walking: times, NaN = not seen, and ``Left`` or ``Right``."""

    t_s: Floats
    sides: NDArray[np.str_]


class Walk(NamedTuple):
    """One recording: acceleration in g, rates in deg/s, bouts per reference."""

    test: str
    acc_g: Floats
    gyro_dps: Floats
    bouts: dict[str, list[Bout]]

    @property
    def acc_ms2(self) -> Floats:
        """Acceleration in m/s^2."""
        return self.acc_g * STANDARD_GRAVITY

    @property
    def gyro_rps(self) -> Floats:
        """Rates in rad/s."""
        return np.radians(self.gyro_dps)


def read_walks(data: Path) -> Iterator[Walk]:
    """Read every recording of one person from the MATLAB file of the set.

    Raises
    ------
    RecordingError
        The file cannot be read.
    """
    from scipy.io import loadmat
    from scipy.io.matlab import MatReadError

    path = data / FOLDER / FILE
    try:
        tests: dict[str, Any] = loadmat(str(path), simplify_cells=True)["data"]
    except (MatReadError, TypeError, ValueError, KeyError, OSError) as error:
        raise unreadable(path, f"it is no MATLAB file of this set ({error})") from error
    for test, trials in tests["TimeMeasure1"].items():
        for trial in trials.values():
            imu = trial["SU"]["LowerBack"]
            bouts = {
                name: _bouts(trial["Standards"][name]["MicroWB"]) for name in REFERENCES
            }
            acc, gyro = (np.ascontiguousarray(imu[key]) for key in ("Acc", "Gyr"))
            yield Walk(test, acc, gyro, bouts)


def _bouts(found: Any) -> list[Bout]:
    return [
        Bout(
            np.atleast_1d(bout["InitialContact_Event"]).astype(float),
            np.atleast_1d(bout["InitialContact_LeftRight"]),
        )
        for bout in (found if isinstance(found, list) else [found])
    ]


def lower_back(bench: Bench) -> Outcome:
    """Compare contacts of the lower back with both references."""
    straight: dict[str, list[Matched]] = {name: [] for name in REFERENCES}
    daily: list[Matched] = []
    right = wrong = silent = 0
    smooth: list[Matched] = []
    for number, walk in enumerate(read_walks(bench.data)):
        path = _table(bench, f"lower-back-{number}", walk.acc_g, walk.gyro_dps)
        with bench.run([path], _MONTAGE, _OPTIONS) as run:
            for name in REFERENCES:
                if walk.test == STRAIGHT:
                    straight[name] += _matches(run, walk.bouts[name])
            if walk.test != STRAIGHT:
                daily += _matches(run, walk.bouts["INDIP"])
            for bout in walk.bouts["INDIP"]:
                good, bad, none = _sides(run, bout)
                right, wrong, silent = right + good, wrong + bad, silent + none
        if walk.test == STRAIGHT:
            slow_g = butterworth("lowpass", _SMOOTH_HZ, RATE_HZ).zero_phase(
                np.arange(len(walk.acc_g)) / RATE_HZ, walk.acc_g
            )
            path = _table(bench, f"lower-back-smooth-{number}", slow_g, walk.gyro_dps)
            with bench.run([path], _MONTAGE, _OPTIONS) as run:
                smooth += _matches(run, walk.bouts["INDIP"])
    errors = tuple(
        _errors(f"straight walks, {REFERENCES[name]}", parts)
        for name, parts in straight.items()
    )
    slow = _errors("straight walks, low-passed", smooth)
    turns = _errors("daily life with turns, soles and foot IMUs", daily)
    return Outcome(
        truth="Initial contacts of pressure soles with foot IMUs, and of optical feet,"
        " of one healthy old person; two straight walks and a test of daily life.",
        ours=f"Contacts of the pelvis IMU at {RATE_HZ:g} Hz, its axes given. Pairs"
        " within 200 ms, counted from the first to the last contact of each bout.",
        errors=(*errors, turns),
        goals=(
            *(exactly(f"contacts missed, {one.what}", one.missed or 0, 0)
              for one in errors),
            *(exactly(f"contacts extra, {one.what}", one.extra or 0, 0)
              for one in errors),
            *(at_most(f"median error, {one.what}", one.median, 10, "ms")
              for one in errors),
            *(at_most(f"95 % within, {one.what}", one.p95, 40, "ms")
              for one in errors),
            exactly("sides told wrong", wrong, 0),
            told("sides told right, and not told", f"{right}, {silent}"),
            told(f"straight walks when only {_SMOOTH_HZ:g} Hz are left, as in markers",
                 f"median {slow.median:+.0f} ms"),
            told(turns.what, f"{turns.missed} missed, {turns.extra} extra of"
                 f" {turns.n + (turns.missed or 0)}, 95 % within {turns.p95:.0f} ms"),
        ),
        notes=(
            "A side needs 20 even steps in a row; no bout here is that long, so none is"
            " told. With 4 steps instead every side told would be right (tests).",
            "Worse than hoped: in daily life, with turns, starts and stops, steps are"
            " missed. A treadmill has none of these.",
            "The rows come from a MATLAB file and were written as CSV to be imported.",
        ),
    )  # fmt: skip


def _table(bench: Bench, name: str, acc_g: Floats, gyro_dps: Floats) -> Path:
    columns = {"samples": np.arange(len(acc_g), dtype=float)}
    rows = np.column_stack([acc_g, gyro_dps]).T
    return bench.table(name, columns | dict(zip(_LABELS, rows, strict=True)))


def _matches(run: Run, bouts: list[Bout]) -> list[Matched]:
    found = []
    for bout in bouts:
        wanted = bout.t_s[np.isfinite(bout.t_s)]
        span_s = (wanted[0] - _EDGE_S, wanted[-1] + _EDGE_S)
        found.append(match(run.times_s("ic"), wanted, _WITHIN_S, span_s))
    return found


def _errors(what: str, parts: list[Matched]) -> Errors:
    found = joined(parts)
    return Errors(
        what, "ms", 1e3 * found.error_s, found.wanted_s, "time in the recording, s",
        found.missed, found.extra,
    )  # fmt: skip


def _sides(run: Run, bout: Bout) -> tuple[int, int, int]:
    """Return how many contacts have the right side, the wrong one, none."""
    right = wrong = silent = 0
    for side, other in (("left", "right"), ("right", "left")):
        wanted = bout.t_s[(bout.sides == side.capitalize()) & np.isfinite(bout.t_s)]
        for at_s in wanted.tolist():
            near = [
                contact.side
                for contact in run.analysed.pipeline.contacts
                if contact.kind == "ic" and abs(contact.t_s - at_s) < 0.15
            ]
            right += side in near
            wrong += side not in near and other in near
            silent += bool(near) and side not in near and other not in near
    return right, wrong, silent
