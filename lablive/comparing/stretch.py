"""What is compared: a range of a trial, a trial, or a session with all its trials."""

from __future__ import annotations

import dataclasses
import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from lablive.comparing.curves import USUAL, MeanCurve, StrideCurves, mean_of
from lablive.comparing.maps import CellMap, cell_map, foot_of, joined
from lablive.comparing.terms import Terms, terms_of
from lablive.errors import ConfigError
from lablive.preparation import prepare
from lablive.protocol.series import Series, make_series, series_of
from lablive.recording.pieces import in_pieces
from lablive.recording.watched import WatchedTrial
from lablive.results import of_one_gait
from lablive.signals.insole import feet

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from lablive.gait.strides import Gait
    from lablive.messages import Floats
    from lablive.metrics.metric import Metric, Stat, StatKey
    from lablive.metrics.record import StrideRecord
    from lablive.metrics.summary import MetricValue, Sample
    from lablive.names import Side
    from lablive.pipeline import Pipeline
    from lablive.preparation import Prepared
    from lablive.signals.calibrations import Calibrations
    from lablive.signals.montage import Montage

_TRIAL: Final = re.compile(r"trial-\d+\.xdf")
_APART_S: Final = 1e6  # between the clocks of two trials: no minute spans both


@dataclass(frozen=True, slots=True, eq=False)
class Read:
    """A trial that was read once, for any number of ranges.

    Attributes
    ----------
    path, t0_s, t1_s
        The trial, its first time and behind its last.
    prepared, pipeline, curves
        What it was read with, its strides, and the curves of each.
    """

    path: Path
    t0_s: float
    t1_s: float
    prepared: Prepared
    pipeline: Pipeline
    curves: StrideCurves


class Part(NamedTuple):
    """A range of one trial."""

    read: Read
    t0_s: float
    t1_s: float
    sample: Sample  # of one gait


class Stretch:
    """Strides of one or several trials, as one.

    Parameters
    ----------
    name
        How it is called.
    parts
        In time order; at least one.
    """

    def __init__(self, name: str, parts: Sequence[Part]) -> None:
        self.name, self.parts = name, tuple(parts)
        self.terms: Terms = terms_of([(it.read.path, it.read.prepared) for it in parts])

    @property
    def strides(self) -> int:
        """Valid strides."""
        return sum(len(it.sample.valid("both")) for it in self.parts)

    @property
    def gait(self) -> Gait:
        """What most of its strides are."""
        gaits: Counter[Gait] = Counter(
            it.stride.gait for part in self.parts for it in part.sample.valid("both")
        )
        return gaits.most_common(1)[0][0] if gaits else "unknown"

    def series(self, metric: Metric, key: StatKey) -> Series:
        """Return a metric of single strides, one trial's minutes apart from another's.

        Parameters
        ----------
        metric, key
            What, and of which side.
        """
        found = [series_of(part.sample, metric, key) for part in self.parts]
        if len(found) == 1:
            return found[0]
        return make_series(
            metric.id,
            metric.unit,
            np.concatenate([it.t_s + n * _APART_S for n, it in enumerate(found)]),
            np.concatenate([it.values for it in found]),
            np.concatenate([it.speed_mps for it in found]),
            sources=np.concatenate([it.sources for it in found]),
            gaits=np.concatenate([it.gaits for it in found]),
            key=key,
            direction=metric.direction,
        )

    def at_speed(self, low_mps: float, high_mps: float) -> Stretch:
        """Return the strides at a belt speed, from the lowest to the highest."""
        parts = [
            part._replace(
                sample=_kept(
                    part.sample,
                    lambda it, belt=part.sample.belt: (
                        low_mps <= belt.at(it.stride.middle_s) <= high_mps
                    ),
                )
            )
            for part in self.parts
        ]
        return Stretch(self.name, parts)

    def value(self, metric: Metric, key: StatKey) -> Stat:
        """Return a metric of many strides: of the trial with most of them."""
        found = [part.sample.summarise(metric).stat(key) for part in self.parts]
        return max(found, key=lambda it: it.n)

    def summary(self, metric: Metric) -> MetricValue:
        """Return a metric with its note, of the trial with most strides."""
        best = max(self.parts, key=lambda it: len(it.sample.valid("both")))
        return best.sample.summarise(metric)

    def curve(self, name: str, key: StatKey) -> MeanCurve:
        """Return mean and SD of a curve; force in body weights where that is known."""
        curves: list[Floats] = []
        for part in self.parts:
            weight = part.sample.weight.value if name == "force" else 1.0
            wanted = {
                (it.stride.side, it.stride.ic_s) for it in part.sample.valid("both")
            }
            own = part.read.curves.of(name, key, wanted)
            curves += [it / weight for it in own if np.isfinite(weight)]
        return mean_of(curves)

    def gait_line(self, side: Side) -> tuple[tuple[float, float], ...]:
        """Return the mean path of the pressure, heel 0 to toe 1, medial positive."""
        lines = [
            it.gait_line
            for part in self.parts
            for it in part.sample.valid(side)
            if it.gait_line is not None
        ]
        if not lines:
            return ()
        table = np.array(lines, dtype=np.float64)
        seen = np.isfinite(table).any(axis=0)
        out = np.full(table.shape[1:], np.nan)
        out[seen] = np.nanmean(table[:, seen], axis=0)
        return tuple((x, y) for x, y in out.tolist())

    def cells(self, side: Side) -> CellMap:
        """Return what the cells of a sole carried."""
        found: list[CellMap] = []
        for part in self.parts:
            prepared = part.read.prepared
            foot = foot_of(feet(prepared.binding, prepared.calibrations.insole), side)
            if foot is None:
                continue
            opened = WatchedTrial(part.read.path, lambda share: None)
            try:
                strides = (it.stride for it in part.sample.valid(side))
                found.append(cell_map(opened, foot, strides))
            finally:
                opened.close()
        return joined(found)


def trials_of(path: Path) -> list[Path]:
    """Return the trials of a session folder, or the one trial.

    Raises
    ------
    ConfigError
        There is none.
    """
    if not path.is_dir():
        if path.is_file():
            return [path]
        raise ConfigError(
            f"There is no file {path}.", todo="Name a trial (.xdf) or a session folder."
        )
    found = sorted(it for it in path.iterdir() if _TRIAL.fullmatch(it.name))
    if not found:
        raise ConfigError(
            f"{path} holds no trial.", todo="Name a trial (.xdf) or a session folder."
        )
    return found


def read_trial(
    path: Path,
    montage: Montage | None = None,
    calibrations: Calibrations | None = None,
    *,
    curves: Sequence[str] = USUAL,
    progress: Callable[[float], None] = lambda share: None,
) -> Read:
    """Send a trial through its pipeline and keep the curves of its strides.

    Parameters
    ----------
    path
        The trial.
    montage, calibrations
        In place of its own; None = those.
    curves
        Which curves.
    progress
        Told the share read.

    Raises
    ------
    RecordingError, ConfigError
        It is no trial, or the montage does not fit it.
    """
    trial = WatchedTrial(path, progress)
    try:
        prepared = prepare(trial, montage, calibrations)
        pipeline, kept = prepared.pipeline(), StrideCurves(curves)
        pipeline.watch(kept.look)
        for marker in trial.markers:
            pipeline.mark(marker)
        for item in in_pieces(trial.chunks(sorted(pipeline.wanted))):
            pipeline.feed(item)
        pipeline.finish()
        end_s = float(np.nextafter(trial.t1_s, np.inf))
        return Read(path, trial.t0_s, end_s, prepared, pipeline, kept)
    finally:
        trial.close()


def part_of(
    read: Read, from_s: float | None = None, until_s: float | None = None
) -> Part:
    """Return a range of a trial, in seconds from its start; None = its end.

    Raises
    ------
    ConfigError
        There is nothing in it.
    """
    t0_s = read.t0_s + (from_s or 0.0)
    t1_s = read.t1_s if until_s is None else min(read.t1_s, read.t0_s + until_s)
    if (from_s or 0.0) < 0.0 or not t0_s < t1_s:
        raise ConfigError(
            f"{read.path.name}: there is nothing from {from_s or 0.0:g} s to "
            f"{'the end' if until_s is None else f'{until_s:g} s'}; the trial lasts "
            f"{read.t1_s - read.t0_s:.1f} s.",
            todo="Give seconds from the trial's start.",
        )
    ended = read.pipeline.results.between(t0_s, t1_s)
    found = _kept(ended, lambda it: it.stride.ic_s >= t0_s)
    return Part(read, t0_s, t1_s, of_one_gait(found))


def _kept(sample: Sample, keep: Callable[[StrideRecord], bool]) -> Sample:
    """Return a sample with some of its strides."""
    records = {
        side: [it for it in own if keep(it)] for side, own in sample.records.items()
    }
    return dataclasses.replace(sample, records=records, memo={})
