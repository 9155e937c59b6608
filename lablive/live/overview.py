"""The curves of a whole trial in a few thousand columns, for its time line.

Least and largest value per column: no peak is lost, whatever the length. Kept beside
the trial as ``trial-01.overview.json``; it can be deleted and is made again by
``python -m lablive.live.overview TRIAL``, in a process of its own, with progress lines;
its last line is the overview itself, for a folder that cannot be written.
"""

from __future__ import annotations

import argparse
import contextlib
import sys
import zlib
from pathlib import Path
from typing import TYPE_CHECKING, Final

import msgspec
import numpy as np

from lablive.editing.edit_file import edits_digest
from lablive.errors import LabLiveError
from lablive.live.scene import Scene
from lablive.messages import Chunk
from lablive.names import SIDES
from lablive.preparation import Prepared, prepare
from lablive.progress_lines import ProgressLines
from lablive.recording.replay import Trial
from lablive.signals.calibrations import calibrations_json
from lablive.signals.montage import parse_montage, to_toml
from lablive.structs import from_json
from lablive.whole_file import replace_file

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from lablive.messages import Floats, Values
    from lablive.signals.binding import Source

SCHEMA: Final = 1
COLUMNS: Final = 4096
_MOVING: Final = ("imu_pelvis", "imu_trunk", "imu_foot_left", "imu_shank_left")
_LATE: Final = 1.5  # of the time between two rows
_QUIET_PA2: Final = 4e-10  # (20 µPa)²: below it nothing is heard


class OverviewCurve(msgspec.Struct, frozen=True):
    """One curve; ``low`` and ``high`` are float32, one a column, NaN = no rows.

    ``lane`` says what is drawn over one another; ``side`` "" = of no foot.
    """

    lane: str
    side: str
    unit: str
    low: bytes
    high: bytes

    def extent(self) -> tuple[Floats, Floats]:
        """Return the least and the largest value of every column."""
        low, high = (np.frombuffer(it, "<f4") for it in (self.low, self.high))
        return low.astype(float), high.astype(float)


class Overview(msgspec.Struct, frozen=True):
    """All curves of a trial; column ``c`` begins ``c * column_s`` after ``t0_s``.

    ``key`` tells the file and what was made of it: another one is of another trial,
    montage, calibration or edit.
    """

    schema: int
    key: str
    t0_s: float
    column_s: float
    curves: tuple[OverviewCurve, ...]


def overview_path(trial: Path) -> Path:
    """Return where the overview of a trial lies."""
    return trial.with_name(f"{trial.stem}.overview.json")


def key_of(trial: Trial, prepared: Prepared) -> str:
    """Return what tells a trial and how it is read."""
    sizes = [file.path.stat().st_size for file in trial.files]
    told = (
        to_toml(prepared.binding.montage),
        calibrations_json(prepared.calibrations),
        edits_digest(trial.path),
    )
    return f"{sum(sizes)}-{zlib.crc32(chr(0).join(told).encode()):08x}"


def read_overview(trial: Path, key: str) -> Overview | None:
    """Return the overview kept beside a trial; None when there is none of it."""
    try:
        found = from_json(overview_path(trial).read_bytes(), Overview)
    except (OSError, msgspec.MsgspecError):
        return None
    return found if (found.schema, found.key) == (SCHEMA, key) else None


def make_overview(
    trial: Trial,
    prepared: Prepared,
    progress: Callable[[float], None] = lambda share: None,
) -> Overview:
    """Read a trial once and return its curves.

    Parameters
    ----------
    trial, prepared
        The trial and what was made of its header.
    progress
        Told the share read.
    """
    span_s = max(trial.duration_s, 1e-3)
    column_s = span_s / COLUMNS
    makers = _makers(trial, prepared)
    held = [(np.full(COLUMNS, np.nan), np.full(COLUMNS, np.nan)) for _ in makers]
    streams = sorted({stream for _, _, _, stream, _ in makers})
    for item in trial.chunks(streams):
        if not isinstance(item, Chunk) or not len(item):
            continue
        for (*_, stream, values), (low, high) in zip(makers, held, strict=True):
            if stream == item.stream:
                rows = values(item.t_s, item.x)
                _take(item.t_s, rows, trial.t0_s, column_s, low, high)
        progress((float(item.t_s[-1]) - trial.t0_s) / span_s)
    for (*_, stream, _), ends in zip(makers, held, strict=True):
        _hold(*ends, _step_s(trial, stream) / column_s)
    curves = tuple(
        OverviewCurve(lane, side, unit, _bytes(low), _bytes(high))
        for (lane, side, unit, _, _), (low, high) in zip(makers, held, strict=True)
    )
    return Overview(SCHEMA, key_of(trial, prepared), trial.t0_s, column_s, curves)


def window_overview(
    trial: Trial, prepared: Prepared, begin_s: float, end_s: float, columns: int
) -> Overview:
    """Return the curves of a short part of a trial, read now.

    Parameters
    ----------
    trial, prepared
        The trial and what was made of its header.
    begin_s, end_s
        The part.
    columns
        How many.
    """
    column_s = max(end_s - begin_s, 1e-3) / columns
    rows: dict[int, tuple[Floats, Values]] = {}
    curves: list[OverviewCurve] = []
    for lane, side, unit, stream, values in _makers(trial, prepared):
        if stream not in rows:
            rows[stream] = trial.window(stream, begin_s, end_s)
        low, high = np.full(columns, np.nan), np.full(columns, np.nan)
        t_s, x = rows[stream]
        if len(t_s):
            _take(t_s, values(t_s, x), begin_s, column_s, low, high)
            _hold(low, high, _step_s(trial, stream) / column_s)
        curves.append(OverviewCurve(lane, side, unit, _bytes(low), _bytes(high)))
    return Overview(SCHEMA, "", begin_s, column_s, tuple(curves))


def extents(
    found: Overview, begin_s: float, end_s: float, columns: int
) -> list[tuple[Floats, Floats]]:
    """Return the least and largest value of every curve in columns of a part.

    Parameters
    ----------
    found
        The curves.
    begin_s, end_s
        The part; outside of the curves there is NaN.
    columns
        How many; more than there are repeat what is there.
    """
    edges = np.linspace(begin_s, end_s, columns + 1)
    place = (edges - found.t0_s) / found.column_s
    first = np.floor(place[:-1] + 1e-6).astype(np.intp)
    last = np.maximum(first + 1, np.ceil(place[1:] - 1e-6).astype(np.intp))
    told: list[tuple[Floats, Floats]] = []
    for curve in found.curves:
        low, high = curve.extent()
        inside = (last > 0) & (first < len(low))
        pairs = np.stack([first, last], axis=1).clip(0, len(low))
        pairs[~inside] = (0, 1)
        at = pairs.ravel()
        least = np.fmin.reduceat(np.append(low, np.nan), at)[::2]
        most = np.fmax.reduceat(np.append(high, np.nan), at)[::2]
        least[~inside] = most[~inside] = np.nan
        told.append((least, most))
    return told


_Maker = tuple[str, str, str, int, "Callable[[Floats, Values], Floats]"]


def _makers(trial: Trial, prepared: Prepared) -> list[_Maker]:
    """Return lane, side, unit, stream and values of every curve there is."""
    binding, calibrations = prepared.binding, prepared.calibrations
    scene = Scene(binding, trial.streams, calibrations.insole)
    found: list[_Maker] = []
    for name in scene.curves:
        stream = scene.stream(name)
        if stream is not None:
            side = "" if name == "both" else name

            def force(t_s: Floats, x: Values, curve: str = name) -> Floats:
                return scene.window(curve, t_s, x).force  # type: ignore[arg-type]

            found.append(("force", side, scene.unit, stream, force))
    sources = binding.sources
    for side in SIDES:
        muscles = [
            it for role, it in sources.items()
            if role.startswith("emg_") and role.endswith(f"_{side}")
        ]  # fmt: skip
        if muscles:  # the first: one curve that is measured, not a mixture
            name = muscles[0].role.removeprefix("emg_").removesuffix(f"_{side}")
            found.append(_of(name.replace("_", " "), side, muscles[0], _plain))
    moving = [site for site in _MOVING if f"{site}.acc" in sources][:1]
    found += [_of("movement", "", sources[f"{site}.acc"], _size) for site in moving]
    if "mic_belt.level" in sources:
        found.append(_of("sound", "", sources["mic_belt.level"], _level))
    if "treadmill.speed" in sources:
        found.append(_of("belt", "", sources["treadmill.speed"], _plain))
    return found


def _of(
    lane: str, side: str, source: Source, values: Callable[[Floats], Floats]
) -> _Maker:
    def made(t_s: Floats, x: Values) -> Floats:
        return values(source.extract(x))

    unit = "dB" if values is _level else source.unit
    return (lane, side, unit, source.stream, made)


def _plain(x: Floats) -> Floats:
    return x[:, 0]


def _size(x: Floats) -> Floats:
    return np.sqrt(np.einsum("ij,ij->i", x, x))


def _level(x: Floats) -> Floats:
    """Return the A-weighted level of energies, dB re the unit's own reference."""
    return 10.0 * np.log10(np.maximum(x[:, 0], _QUIET_PA2))


def _take(
    t_s: Floats, y: Floats, t0_s: float, column_s: float, low: Floats, high: Floats
) -> None:
    """Widen the columns in which rows lie."""
    column = np.clip(((t_s - t0_s) / column_s).astype(np.intp), 0, len(low) - 1)
    starts = np.flatnonzero(np.diff(column, prepend=-1))
    at = column[starts]
    # stamps may go back: a column can come twice
    np.fmin.at(low, at, np.fmin.reduceat(y, starts))
    np.fmax.at(high, at, np.fmax.reduceat(y, starts))


def _step_s(trial: Trial, stream: int) -> float:
    """Return how long a row of a stream stands for: until the next is overdue."""
    (rate_hz,) = (it.rate_hz for it in trial.streams if it.id == stream)
    return _LATE / rate_hz if rate_hz > 0 else _LATE


def _hold(low: Floats, high: Floats, columns: float) -> None:
    """Let rows stand for the columns until the next one is overdue, never longer."""
    if columns <= 1.0:
        return
    at = np.arange(len(low))
    last = np.maximum.accumulate(np.where(np.isnan(low), -1, at))
    held = (last >= 0) & (at - last <= columns) & np.isnan(low)
    low[held], high[held] = low[last[held]], high[last[held]]


def _bytes(values: Floats) -> bytes:
    return values.astype("<f4").tobytes()


def keep(path: Path, found: Overview) -> None:
    """Write an overview beside its trial; OSError when the folder refuses."""
    replace_file(overview_path(path), msgspec.json.encode(found))


def main(arguments: Sequence[str] | None = None) -> int:
    """Make the overview of a trial, keep it beside it and print it."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("trial", type=Path)
    parser.add_argument("--montage-text", default="")
    given = parser.parse_args(arguments)
    lines = ProgressLines()
    try:
        trial = Trial(given.trial)
        text = given.montage_text
        montage = parse_montage(text, "the window's montage") if text else None
        found = make_overview(
            trial, prepare(trial, montage), lambda share: lines(share, "overview")
        )
    except LabLiveError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    with contextlib.suppress(OSError):  # it is printed: the folder may refuse
        keep(given.trial, found)
    sys.stdout.write(msgspec.json.encode(found).decode() + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
