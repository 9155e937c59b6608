"""A lab with the scripted calibration in memory: any row, channel or phase changed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache

import msgspec
import numpy as np

from drivers.sim.runner import Runner
from drivers.sim.settings import RUNNERS
from lablive.calibrating.calibrate import PART_PHASES, work_out
from lablive.calibrating.rows import About, Lab
from lablive.signals.auto_montage import auto_montage
from lablive.signals.binding import bind
from lablive.signals.montage import Subject

SETTINGS = RUNNERS["calibration"]
END_S = SETTINGS.standing_s + 41.0
ABOUT = About(
    made_at="2026-07-01T10:00:00+02:00",
    person="P7",
    mounting="2026-07-01 morning",
    microphone="left of the belt",
    mass_kg=70.0,
)


@lru_cache(maxsize=1)
def runner() -> Runner:
    return Runner(SETTINGS)


@lru_cache(maxsize=1)
def recorded() -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Return stream name -> times and float32 values of the whole script."""
    found = {}
    for info in runner().streams:
        t_s, x = runner().window(info.name, 0.0, END_S)
        found[info.name] = (t_s, x.astype(np.float32))
    return found


class ArrayRows:
    """Rows of arrays, by stream id."""

    def __init__(self, rows: dict[int, tuple[np.ndarray, np.ndarray]]) -> None:
        self.rows = rows

    def window(self, stream_id: int, t0_s: float, t1_s: float):
        t_s, x = self.rows[stream_id]
        first, end = np.searchsorted(t_s, (t0_s, t1_s))
        return t_s[first:end], x[first:end]


@dataclass
class Case:
    """The lab as it was recorded; methods return a changed copy."""

    rows: dict[str, tuple[np.ndarray, np.ndarray]]
    phases: tuple
    about: About = ABOUT
    axes: tuple[str, ...] = ()

    def without(self, *names: str) -> Case:
        left = {name: rows for name, rows in self.rows.items() if name not in names}
        return replace(self, rows=left)

    def only(self, *kinds: str) -> Case:
        kept = tuple(phase for phase in self.phases if phase.kind in kinds)
        return replace(self, phases=kept)

    def changed(self, name: str, change) -> Case:
        """Return a copy where ``change(t_s, x)`` gives the rows of a stream."""
        t_s, x = self.rows[name]
        after = change(t_s, x.copy())
        after = after if isinstance(after, tuple) else (t_s, after)
        return replace(self, rows={**self.rows, name: after})

    def phase(self, kind: str, target: str = ""):
        return next(p for p in self.phases if (p.kind, p.target) == (kind, target))

    def lab(self) -> Lab:
        streams = [info for info in runner().streams if info.name in self.rows]
        montage = auto_montage(streams)
        subject = Subject(mass_kg=self.about.mass_kg)
        montage = msgspec.structs.replace(montage, subject=subject)
        montage = self._with_axes(montage)
        rows = {info.id: self.rows[info.name] for info in streams}
        return Lab(
            {info.id: info for info in streams},
            bind(montage, streams),
            ArrayRows(rows),
        )

    def _with_axes(self, montage):
        rules = [
            msgspec.structs.replace(
                rule,
                channels=tuple(
                    msgspec.structs.replace(channel, axes=("x", "y", "z"))
                    if channel.role.split(".")[0] in self.axes
                    else channel
                    for channel in rule.channels
                ),
            )
            for rule in montage.streams
        ]
        return msgspec.structs.replace(montage, streams=tuple(rules))

    def outcome(self, *parts: str):
        return work_out(
            self.lab(), self.phases, self.about, parts=parts or tuple(PART_PHASES)
        )

    def verdicts(self, *parts: str):
        """Return (kind, target) -> verdict."""
        found = self.outcome(*parts).verdicts(self.phases)
        return {(v.phase, v.target): v for v in found}


def case() -> Case:
    return Case(dict(recorded()), runner().phases)


def sensor(site: str) -> str:
    return f"Sim {site.replace('_', ' ')} IMU"


def inside(t_s: np.ndarray, phase) -> np.ndarray:
    return (t_s >= phase.t0_s) & (t_s < phase.t1_s)


def told(verdict) -> str:
    """Return everything that a verdict says."""
    return " ".join([*verdict.problems, *verdict.notes])
