"""Segments, muscles, sound and free fall during a set; why each has nothing to say."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from lablive.errors import ConfigError
from lablive.gait.rows import RowHistory
from lablive.gait.strides import Stride
from lablive.lanes.lane import Seen
from lablive.metrics.smooth import smooth_rows
from lablive.names import site_words
from lablive.signals.angles import forward_lean_deg, obliquity_deg
from lablive.signals.emg import EmgSettings, EmgStage, kind_of
from lablive.signals.emg_activation import ONSET_SD
from lablive.signals.level_meter import LevelMeter
from lablive.signals.sound import AFTER_S, BEFORE_S, GAP_S, decibel
from lablive.signals.sound_latency import LONGEST_S

if TYPE_CHECKING:
    from lablive.lanes.segments import SegmentLane
    from lablive.messages import Floats, StreamInfo, Values
    from lablive.metrics.metric import SegmentRows
    from lablive.signals.binding import Source
    from lablive.signals.calibrations import Calibrations

MARGIN_S: Final = 0.15  # rows beside a window, for a 10 Hz curve
_FREE_FALL_MPS2, _LEAST_FALL_S = 4.0, 0.060  # metric reference 8.1
_MISSING_S: Final = 0.005
_ROW_S: Final = 1e-3
_UV: Final = 1e6


class Angles(NamedTuple):
    """Lean and obliquity of a segment in a window, degrees, shape (rows,)."""

    t_s: Floats
    lean: Floats
    obliquity: Floats


class SegmentTrack:
    """One IMU during a set."""

    def __init__(self, lane: SegmentLane, stream: int) -> None:
        self._lane = lane
        self.stream = stream
        self.reached_s = -np.inf

    def feed(self, t_s: Floats, x: Values) -> None:
        """Take the next rows."""
        self._lane.feed(t_s, x)
        self.reached_s = float(t_s[-1])

    def advance(self, t_s: float) -> None:
        """Let time pass without rows."""
        self._lane.advance(t_s)
        self.reached_s = max(self.reached_s, t_s)

    def angles(
        self, t0_s: float, t1_s: float, *, zeroed: bool, smooth: bool = True
    ) -> Angles | str:
        """Return the angles of a window, or why there are none."""
        rows = self._rows(t0_s, t1_s)
        who = f"the {site_words(self._lane.site)} IMU"
        if isinstance(rows, str):
            return rows
        if not rows.has_angles:
            return f"{who} needs its calibration movements"
        if zeroed and not rows.zeroed:
            return f"{who} needs quiet standing as its zero"
        if not rows.settled:
            return f"{who}'s orientation has not settled"
        inside = (rows.t_s >= t0_s - MARGIN_S) & (rows.t_s <= t1_s + MARGIN_S)
        t = rows.t_s[inside]
        lean = np.degrees(
            np.unwrap(np.radians(forward_lean_deg(rows.rotation[inside])))
        )
        oblique = obliquity_deg(rows.rotation[inside])
        if smooth:
            try:
                lean = smooth_rows(t, lean, rows.rate_hz)
                oblique = smooth_rows(t, oblique, rows.rate_hz)
            except ConfigError as error:
                return str(error)
        own = (t >= t0_s) & (t <= t1_s)
        return Angles(t[own], lean[own], oblique[own])

    def _rows(self, t0_s: float, t1_s: float) -> SegmentRows | str:
        span = Stride(
            "unknown", t0_s, None, t1_s, None, None,
            valid=True, reasons=(), source="insole", gait="unknown", expected=1,
        )  # fmt: skip
        seen = Seen()
        self._lane.look([(span, seen)])
        rows = seen.segments.get(self._lane.site)
        if rows is not None:
            return rows
        told = seen.lacks.get(self._lane.site, "no IMU rows")
        return told.replace("in this stride", "in this repetition")


class MuscleTrack:
    """The muscles of one EMG stream during a set."""

    def __init__(
        self,
        sources: dict[str, Source],
        info: StreamInfo,
        calibrations: Calibrations,
    ) -> None:
        self._sources = sources
        self.stream = info.id
        self._why = ""
        self.reached_s = -np.inf
        self._rows = RowHistory(by_channel=True)
        try:
            self._set = EmgSettings(
                rate_hz=info.rate_hz,
                kind=kind_of(info.type),
                notch_hz=calibrations.emg_notch_hz,
            )
        except ConfigError as error:
            self._why = str(error)
            return
        self._stage = EmgStage(self._set, len(sources))
        self._rest = {
            role: calibrations.emg_rest(role, self._set, source.unit)
            for role, source in sources.items()
        }

    def has(self, role: str) -> bool:
        """Tell whether a muscle is measured."""
        return role in self._sources

    def feed(self, t_s: Floats, x: Values) -> None:
        """Take the next rows."""
        if self._why:
            self.reached_s = float(t_s[-1])
            return
        raw = np.concatenate([it.extract(x) for it in self._sources.values()], axis=1)
        rows = self._stage.feed(t_s, raw)
        if len(rows.t_s):
            self._rows.append(rows.t_s, rows.smooth, rows.envelope)
        self.reached_s = float(t_s[-1]) - self._stage.delay_s

    def advance(self, t_s: float) -> None:
        """Let time pass without rows."""
        self.reached_s = max(self.reached_s, t_s)

    def active_pct(self, role: str, t0_s: float, t1_s: float) -> float | str:
        """Return the share of time above rest by three of its SD, or why not."""
        found = self._column(role, t0_s, t1_s, 0)
        if isinstance(found, str):
            return found
        rest = self._rest[role]
        if rest is None:
            return "the muscle's rest was not recorded (EMG gate)"
        return 100.0 * float(np.mean(found > rest.mean + ONSET_SD * rest.sd))

    def mean_uv(self, role: str, t0_s: float, t1_s: float) -> float | str:
        """Return the mean envelope in microvolts, or why not."""
        if not self._why and self._sources[role].unit != "V":
            return "the EMG is not in volts"
        found = self._column(role, t0_s, t1_s, len(self._sources))
        return found if isinstance(found, str) else _UV * float(np.mean(found))

    def _column(self, role: str, t0_s: float, t1_s: float, first: int) -> Floats | str:
        if self._why:
            return self._why
        t, x = self._rows.floats(t0_s, t1_s)
        column = first + list(self._sources).index(role)
        values = x[:, column] if len(t) else np.empty(0)
        whole = len(t) >= 0.9 * (t1_s - t0_s) * self._set.rate_hz
        if not whole or np.isnan(values).any():
            return "EMG rows are missing in this repetition"
        return values


class SoundTrack:
    """The microphone during a set."""

    def __init__(
        self, source: Source, info: StreamInfo, calibrations: Calibrations
    ) -> None:
        self._source = source
        self.stream = info.id
        self._why = ""
        self._meter: LevelMeter | None = None
        self.reached_s = -np.inf
        if source.role.endswith(".audio"):
            try:
                self._meter = LevelMeter(info.rate_hz)
            except ConfigError as error:
                self._why = str(error)
        latency = calibrations.sound_latency
        self._latency_s = None if latency is None else latency.latency_s
        self._rows = RowHistory()

    @property
    def after_s(self) -> float:
        """How long after a landing its sound may come."""
        late_s = LONGEST_S if self._latency_s is None else self._latency_s
        return late_s + AFTER_S

    def feed(self, t_s: Floats, x: Values) -> None:
        """Take the next rows."""
        self.reached_s = float(t_s[-1])
        if self._why:
            return
        level = self._source.extract(x)
        t = t_s
        if self._meter is not None:
            t, level = self._meter.feed(t, level[:, 0])
        if len(t):
            self._rows.append(t, np.asarray(level[:, :1], np.float64))

    def advance(self, t_s: float) -> None:
        """Let time pass without rows."""
        self.reached_s = max(self.reached_s, t_s)

    def quiet(self, on_s: float) -> float:
        """Return the mean square before a landing is heard, NaN = not known."""
        heard_s = on_s + (self._latency_s or 0.0)
        rows = self._between(heard_s + GAP_S[0], heard_s + GAP_S[1])
        return float("nan") if isinstance(rows, str) else float(rows.mean())

    def landing_db(self, on_s: float, noise: float) -> float | str:
        """Return the A-weighted exposure of a landing, the noise taken off.

        Without a known latency of the microphone the window is wide enough for any:
        levels then compare only with others of the same lab that day.
        """
        begin_s = on_s - BEFORE_S + (self._latency_s or 0.0)
        end_s = on_s + self.after_s
        rows = self._between(begin_s, end_s)
        if isinstance(rows, str):
            return rows
        exposure = float(rows.mean()) * (end_s - begin_s)
        floor = noise * (end_s - begin_s)
        if not noise > 0:
            return "the noise of the room is not known"
        if decibel(exposure) - decibel(floor) < 3.0:
            return "the landing is not 3 dB over the noise of the room"
        return decibel(exposure - floor)

    def _between(self, t0_s: float, t1_s: float) -> Floats | str:
        if self._why:
            return self._why
        t, x = self._rows.floats(t0_s, t1_s)
        missing_s = (t1_s - t0_s) - len(t) * _ROW_S
        if missing_s > _MISSING_S or not np.isfinite(x).all() or not len(t):
            return "sound rows are missing in this repetition"
        return x[:, 0]


class FallTrack:
    """The pelvis accelerometer: it knows free fall when no sole does."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self.stream = source.stream
        self._rows = RowHistory()
        self.reached_s = -np.inf

    def feed(self, t_s: Floats, x: Values) -> None:
        """Take the next rows."""
        acc = self._source.extract(x)
        size = np.sqrt(acc[:, 0] ** 2 + acc[:, 1] ** 2 + acc[:, 2] ** 2)
        self._rows.append(t_s, size[:, None])
        self.reached_s = float(t_s[-1])

    def advance(self, t_s: float) -> None:
        """Let time pass without rows."""
        self.reached_s = max(self.reached_s, t_s)

    def falls(self, t0_s: float, t1_s: float) -> list[tuple[float, float]]:
        """Return begin and end of every free fall of 60 ms or more in a time."""
        t, x = self._rows.floats(t0_s, t1_s)
        free = np.isfinite(x[:, 0]) & (x[:, 0] < _FREE_FALL_MPS2) if len(t) else t > 0
        edges = np.flatnonzero(np.diff(free.astype(int), prepend=0, append=0))
        found = [
            (float(t[a]), float(t[b]))
            for a, b in edges.reshape(-1, 2).tolist()
            if a and b < len(t)
        ]
        return [it for it in found if it[1] - it[0] >= _LEAST_FALL_S]
