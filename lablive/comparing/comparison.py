"""A whole comparison: terms, table, curves, gait lines, maps; ``lablive compare``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

import msgspec

from lablive.comparing.curves import CURVES, USUAL, MeanCurve, percents
from lablive.comparing.maps import CellMap, difference
from lablive.comparing.rows import FeetRow, Row, common_speed, feet_rows, rows_of
from lablive.comparing.stretch import (
    Part,
    Read,
    Stretch,
    part_of,
    read_trial,
    trials_of,
)
from lablive.comparing.terms import Doubt, Terms, alike
from lablive.errors import ConfigError
from lablive.names import SIDES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from lablive.metrics.metric import StatKey
    from lablive.signals.calibrations import Calibrations
    from lablive.signals.montage import Montage

SCHEMA: Final = 1
_FEET: Final = "left and right"


class Wanted(msgspec.Struct, frozen=True):
    """One side: a trial or a session folder, and a range of it.

    Attributes
    ----------
    path
        Of the trial or the folder.
    from_s, until_s
        Seconds from the trial's start; None = from its start, to its end. A range is
        one of a single trial.
    """

    path: str
    from_s: float | None = None
    until_s: float | None = None


class StretchTold(msgspec.Struct, frozen=True):
    """What one side is."""

    name: str
    trials: tuple[str, ...]
    seconds: float
    strides: int
    gait: str
    terms: Terms
    notes: tuple[str, ...]


class CurvePair(msgspec.Struct, frozen=True):
    """A curve of both sides; ``difference`` is mean b less mean a.

    ``at_pct``: percent of ``over``; of the left foot (a) and the right one (b) when
    feet are compared.
    """

    id: str
    label: str
    unit: str
    side: str
    over: str
    at_pct: tuple[float, ...]
    a: MeanCurve
    b: MeanCurve
    difference: tuple[float, ...] = ()


class GaitLines(msgspec.Struct, frozen=True):
    """Mean path of the pressure at 0 to 100 % of stance: (x, y), heel 0 to toe 1."""

    side: str
    a: tuple[tuple[float, float], ...]
    b: tuple[tuple[float, float], ...]


class MapPair(msgspec.Struct, frozen=True):
    """Cells of a sole; ``difference`` of the means, b less a."""

    side: str
    a: CellMap
    b: CellMap
    difference: tuple[float, ...] = ()


class Comparison(msgspec.Struct, frozen=True):
    """Everything ``lablive compare`` writes; NaN is null in the JSON.

    Attributes
    ----------
    a, b
        Then and now; of one stretch (``feet``) the same.
    doubts
        What differs besides the strides; each says what is not stated for it.
    rows
        The table; empty when feet are compared.
    feet
        Left against right; empty otherwise.
    """

    schema: int
    a: StretchTold
    b: StretchTold
    doubts: tuple[Doubt, ...] = ()
    rows: tuple[Row, ...] = ()
    feet: tuple[FeetRow, ...] = ()
    curves: tuple[CurvePair, ...] = ()
    gait_lines: tuple[GaitLines, ...] = ()
    maps: tuple[MapPair, ...] = ()


def compare(
    a: Wanted,
    b: Wanted | None,
    *,
    montage: Montage | None = None,
    calibrations: Calibrations | None = None,
    curves: Sequence[str] = USUAL,
    progress: Callable[[float, str], None] = lambda share, step: None,
) -> Comparison:
    """Compare two ranges, trials or sessions; without ``b`` the feet of one.

    Parameters
    ----------
    a, b
        Then and now.
    montage, calibrations
        Of all trials, in place of their own; None = those.
    curves
        Which of :data:`lablive.comparing.curves.CURVES`.
    progress
        Told the share done and the step.

    Raises
    ------
    RecordingError, ConfigError
        A trial cannot be read, a range holds nothing, a curve is not known.
    """
    unknown = [name for name in curves if name not in CURVES]
    if unknown:
        raise ConfigError(
            f"There is no curve {', '.join(unknown)}.",
            todo=f"Known: {', '.join(CURVES)}.",
        )
    reads = _read(
        [it for it in (a, b) if it is not None],
        montage,
        calibrations,
        curves,
        progress,
    )
    first = stretch_of(a, reads)
    if b is None:
        return compare_feet(first, curves)
    return compare_stretches(first, stretch_of(b, reads), curves)


def compare_stretches(
    a: Stretch, b: Stretch, curves: Sequence[str] = USUAL
) -> Comparison:
    """Compare two stretches that were read already, at the speed they share.

    Parameters
    ----------
    a, b
        Then and now.
    curves
        Which curves; they must have been kept.
    """
    found = alike(a.terms, b.terms)
    speed, why = common_speed(a, b)
    if speed is not None:
        a, b = (it.at_speed(*speed) for it in (a, b))
    else:
        doubts = (*found.doubts, Doubt("speed", why))
        found = found._replace(doubts=doubts)
    pairs: list[tuple[str, StatKey]] = [
        (name, key) for name in curves for key in _keys(name)
    ]
    return Comparison(
        SCHEMA,
        _told(a),
        _told(b),
        doubts=found.doubts,
        rows=tuple(rows_of(a, b, found)),
        curves=_curves(
            (name, key, a.curve(name, key), b.curve(name, key)) for name, key in pairs
        ),
        gait_lines=tuple(
            GaitLines(side, a.gait_line(side), b.gait_line(side))
            for side in SIDES
            if a.gait_line(side) or b.gait_line(side)
        ),
        maps=_maps((side, a.cells(side), b.cells(side)) for side in SIDES),
    )


def compare_feet(stretch: Stretch, curves: Sequence[str] = USUAL) -> Comparison:
    """Compare the left foot (a) with the right one (b) of a stretch.

    Parameters
    ----------
    stretch
        Read already.
    curves
        Which curves; those of the middle of the body are held side by side in each
        foot's own stride.
    """
    told = _told(stretch)
    lines = [stretch.gait_line(side) for side in SIDES]
    return Comparison(
        SCHEMA,
        told,
        told,
        feet=tuple(feet_rows(stretch)),
        curves=_curves(
            (name, _FEET, stretch.curve(name, "left"), stretch.curve(name, "right"))
            for name in curves
        ),
        gait_lines=(GaitLines(_FEET, *lines),) if any(lines) else (),
        maps=_maps([(_FEET, stretch.cells("left"), stretch.cells("right"))]),
    )


def stretch_of(wanted: Wanted, reads: dict[Path, Read]) -> Stretch:
    """Return what was asked for, of trials that were read.

    Raises
    ------
    ConfigError
        A range of a session, or a range with nothing in it.
    """
    trials = trials_of(Path(wanted.path))
    if len(trials) > 1 and (wanted.from_s is not None or wanted.until_s is not None):
        raise ConfigError(
            f"{wanted.path} holds {len(trials)} trials: a range is of one.",
            todo="Name the trial.",
        )
    parts: list[Part] = [
        part_of(reads[path], wanted.from_s, wanted.until_s) for path in trials
    ]
    name = trials[0].stem if len(trials) == 1 else Path(wanted.path).resolve().name
    if wanted.from_s is not None or wanted.until_s is not None:
        end = "the end" if wanted.until_s is None else f"{wanted.until_s:g} s"
        name = f"{name}, {wanted.from_s or 0.0:g} s to {end}"
    return Stretch(name, parts)


def comparison_json(comparison: Comparison) -> bytes:
    """Return the comparison as JSON, NaN as null."""
    return msgspec.json.format(msgspec.json.encode(comparison), indent=1)


def _read(
    wanted: Sequence[Wanted],
    montage: Montage | None,
    calibrations: Calibrations | None,
    curves: Sequence[str],
    progress: Callable[[float, str], None],
) -> dict[Path, Read]:
    """Return every trial that is needed, each read once."""
    paths = list(
        dict.fromkeys(path for it in wanted for path in trials_of(Path(it.path)))
    )
    found: dict[Path, Read] = {}
    for number, path in enumerate(paths):

        def told(share: float, number: int = number, name: str = path.name) -> None:
            progress((number + share) / len(paths), f"reading {name}")

        found[path] = read_trial(
            path, montage, calibrations, curves=curves, progress=told
        )
    return found


def _told(stretch: Stretch) -> StretchTold:
    notes = dict.fromkeys(
        note
        for part in stretch.parts
        for note in (
            *part.read.prepared.notes,
            *(it.text for it in part.read.pipeline.findings()),
        )
    )
    return StretchTold(
        name=stretch.name,
        trials=tuple(part.read.path.name for part in stretch.parts),
        seconds=sum(part.t1_s - part.t0_s for part in stretch.parts),
        strides=stretch.strides,
        gait=stretch.gait,
        terms=stretch.terms,
        notes=tuple(notes),
    )


def _keys(name: str) -> tuple[StatKey, ...]:
    """Return the sides a curve is shown for; a plate's force is of both feet."""
    return (*SIDES, "both") if name == "force" else SIDES


def _curves(
    found: Iterable[tuple[str, str, MeanCurve, MeanCurve]],
) -> tuple[CurvePair, ...]:
    """Return the curves that one side has at least."""
    pairs: list[CurvePair] = []
    for name, side, a, b in found:
        kind = CURVES[name]
        if not (a.mean or b.mean):
            continue
        change: tuple[float, ...] = ()
        if a.mean and b.mean:
            both = zip(a.mean, b.mean, strict=True)
            change = tuple(now - then for then, now in both)
        unit = kind.unit or "BW"
        at_pct = percents(kind.over)
        pairs.append(
            CurvePair(name, kind.label, unit, side, kind.over, at_pct, a, b, change)
        )
    return tuple(pairs)


def _maps(found: Iterable[tuple[str, CellMap, CellMap]]) -> tuple[MapPair, ...]:
    return tuple(
        MapPair(side, a, b, difference(a, b)) for side, a, b in found if a.n or b.n
    )
