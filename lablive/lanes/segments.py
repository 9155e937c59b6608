"""IMU rows to the orientation and movement of one body segment in each stride."""

from __future__ import annotations

import contextlib
from collections import deque
from typing import TYPE_CHECKING, Final

import numpy as np

from lablive.errors import ConfigError
from lablive.gait.rows import RowHistory
from lablive.gait.stances import rows_in
from lablive.lanes.lane import Backlog
from lablive.metrics.metric import SegmentRows, reach_s
from lablive.metrics.smooth import ahead_s
from lablive.names import site_words
from lablive.signals.angles import in_axes, rotation_elements
from lablive.signals.imu_quality import rate_note
from lablive.signals.orientation import (
    Orientation,
    OrientationSettings,
    measured_rate_hz,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from numpy.typing import NDArray

    from lablive.gait.contacts import Contact
    from lablive.gait.strides import Stride
    from lablive.lanes.lane import Glance, Seen
    from lablive.messages import Floats, Values
    from lablive.signals.binding import Source
    from lablive.signals.segment_calibration import SiteCalibration

_MAX_HOLE_S: Final = 0.020  # metric reference 0.5
_RATE_ROWS: Final = 200  # that tell the rate of a stream which names none
_STUCK_S: Final = 0.150  # as for insoles, metric reference 1.1
_STUCK_ROWS: Final = 5  # of a slow sensor
_ROWS_BEHIND: Final = 2  # an instant lies between two rows, and they jitter
# cosines of up against the segment's own: 120 and 60 degrees, as in a calibration
_UPSIDE_DOWN, _ON_ITS_SIDE = -0.5, 0.5
# columns of a row
_ROTATION, _RATE, _ACC = slice(0, 9), slice(9, 12), slice(12, 15)
_UP: Final = slice(6, 9)  # the world's up in segment axes


class SegmentLane:
    """One IMU from its rows to the segment it is worn on.

    Parameters
    ----------
    site
        One of :data:`lablive.names.IMU_SITES`.
    acc, gyro
        Where they are read; None = the sensor has none.
    rate_hz
        Nominal rate of the stream, 0 = it names none.
    own
        The sensor's calibration; None = axes as the montage says.
    aligned
        Whether the montage gives axes.
    lies
        The body may lie, as in a bridge: that the segment does says nothing.
    """

    def __init__(
        self,
        site: str,
        acc: Source | None,
        gyro: Source | None,
        rate_hz: float,
        own: SiteCalibration | None,
        *,
        aligned: bool,
        lies: bool = False,
    ) -> None:
        self.site = site
        self.names: tuple[str, ...] = (site,)
        self.stream: int | None = None
        self._acc, self._gyro = acc, gyro
        self._own = own
        self._matrix = np.eye(3) if own is None else own.matrix
        self._bias = np.zeros(3) if own is None else np.array(own.gyro_bias_rps)
        self._lies = lies
        self._has_angles = aligned if own is None else own.has_angles
        self._rate_hz = rate_hz
        self._names_rate = rate_hz > 0
        self._orientation: Orientation | None = None
        self._backlog = Backlog()
        self._rows = RowHistory(by_channel=True)
        self._known_s = -np.inf  # the rate is known from here on
        self._last_s = -np.inf
        self._holes: deque[tuple[float, float]] = deque()
        self._unsettled: deque[tuple[float, float]] = deque()
        self._note = ""
        self._why = self._unusable()
        if not self._why:
            self._begin()
        if not self._why and acc is not None:
            self.stream = acc.stream

    def feed(self, t_s: Floats, x: Values) -> None:
        """Take the next rows of the stream."""
        self._backlog.append(t_s, x)
        if self._backlog.long:
            self._work()

    def advance(self, t_s: float) -> None:
        """Let time pass without rows."""
        self._backlog.advance(t_s)

    def contact(self, contact: Contact) -> None:
        """Orientation knows no contacts."""

    def ready(self, stride: Stride) -> bool:
        """Tell whether the rows reach far enough behind a stride."""
        until_s = stride.next_ic_s + reach_s(stride.stride_s)
        return bool(self._why) or self._backlog.reached_s >= until_s

    def look(self, strides: Sequence[tuple[Stride, Seen]]) -> None:
        """Add the segment's rows around each stride, or why there are none."""
        untils_s = [
            stride.next_ic_s + reach_s(stride.stride_s) for stride, _ in strides
        ]
        self._look(strides, untils_s)

    def _look(
        self, strides: Sequence[tuple[Stride, Seen]], untils_s: Sequence[float]
    ) -> None:
        self._work()
        why = self._why
        if self._orientation is None and not why:
            why = f"no {site_words(self.site)} IMU rows in this stride"
        if why:
            for _, seen in strides:
                seen.lacks[self.site] = why
            return
        begins_s = [stride.ic_s - reach_s(stride.stride_s) for stride, _ in strides]
        t_s, x = self._rows.floats(min(begins_s), max(untils_s))
        spans_s = list(zip(begins_s, untils_s, strict=True))
        around = list(self._around(t_s, x, [stride for stride, _ in strides], spans_s))
        there = [
            stride
            for (stride, _), found in zip(strides, around, strict=True)
            if not isinstance(found, str)
        ]
        lying = iter(self._lying(t_s, x, there))
        for (_, seen), found in zip(strides, around, strict=True):
            if isinstance(found, str):
                seen.lacks[self.site] = found
                continue
            seen.worn[self.site] = how = next(lying)
            if not how:
                seen.segments[self.site] = found
                continue
            seen.lacks[self.site] = (
                f"the {site_words(self.site)} IMU is {how}, by the axes it was given: "
                "turn it, or correct its axes, and calibrate again"
            )

    @property
    def reached_s(self) -> float:
        """Every row up to here has come, or never will."""
        return self._backlog.reached_s

    def early_s(self, stride: Stride, filter_hz: float) -> float:
        """Return until when rows must have come for an early look."""
        if self._why:
            return -np.inf
        if not self._names_rate:  # it is measured, sooner or later
            return stride.next_ic_s + reach_s(0.0)
        if filter_hz:
            with contextlib.suppress(ConfigError):  # the metric will say it is slow
                return stride.next_ic_s + ahead_s(self._rate_hz, filter_hz)
        return stride.next_ic_s + _ROWS_BEHIND / self._rate_hz

    def look_early(self, stride: Stride, glance: Glance, seen: Seen) -> None:
        """Add the segment's rows up to a time, or why there are none."""
        self._look([(stride, seen)], [glance.until_s])

    def trim(self, before_s: float) -> None:
        """Give up rows older than ``before_s``."""
        self._rows.trim(before_s)
        for spans in (self._holes, self._unsettled):
            while spans and spans[0][1] < before_s:
                spans.popleft()

    # ------------------------------------------------------------------- the sensor
    def _unusable(self) -> str:
        who = f"the {site_words(self.site)} IMU"
        if self._acc is None:
            return f"{who} has no accelerometer: no angles"
        if self._gyro is None:
            return f"{who} has no gyroscope: contacts, but no angles"
        if self._acc.stream != self._gyro.stream:
            return f"{who} sends acceleration and rates in two streams: no angles"
        return ""

    def _begin(self) -> None:
        """Make the filter once the rate is known."""
        if not self._rate_hz:
            return
        try:
            settings = OrientationSettings(
                rate_hz=self._rate_hz,
                gyro_bias_rps=None if self._own is None else self._own.gyro_bias_rps,
            )
        except ConfigError as error:
            self._why = str(error)
            return
        self._orientation = Orientation(settings)
        self._hole_s = max(_MAX_HOLE_S, 1.5 / self._rate_hz) + 1e-9
        self._note = self._told()

    def _told(self) -> str:
        notes = [rate_note(self.site, self._rate_hz)]
        words = site_words(self.site)
        if self._own is None:
            notes.append(f"the {words} IMU is not calibrated")
        elif self._own.axes_from == "montage":
            notes.append(f"{words}: axes as the montage says")
        return "; ".join(note.rstrip(".") for note in notes if note)

    # --------------------------------------------------------------------- the rows
    def _work(self) -> None:
        """Turn the rows that wait into the segment's."""
        waiting = self._backlog.take()
        if waiting is None or self._acc is None or self._gyro is None:
            return
        t, x = waiting
        if self._orientation is None:
            if self._why:
                return
            if len(t) < _RATE_ROWS:
                self._backlog.put_back(t, x)
                return
            self._known_s = float(t[_RATE_ROWS - 1])
            self._rate_hz = round(measured_rate_hz(t[:_RATE_ROWS]), 1)
            self._begin()
            if self._orientation is None:
                self._why = self._why or "the rate of the rows cannot be told"
                return
        acc, gyro = self._acc.extract(x), self._gyro.extract(x)
        quat, settled = self._orientation.feed(t, acc, gyro)
        if np.isnan(np.add.reduce(quat, axis=None)):  # a row was not measured whole
            good = np.isfinite(quat[:, 0])
            t, acc, gyro = t[good], acc[good], gyro[good]
            quat, settled = quat[good], settled[good]
            if not len(t):
                return
        self._note_spans(t, settled)
        vectors = np.empty((5, 3, len(t)))  # the matrix, rates, acceleration
        vectors[:3] = rotation_elements(quat)
        np.subtract(gyro.T, self._bias[:, None], out=vectors[3])
        vectors[4] = acc.T
        self._rows.append(t, in_axes(vectors, self._matrix).reshape(15, -1).T)

    def _note_spans(self, t: Floats, settled: NDArray[np.bool_]) -> None:
        """Note where rows are missing and where the inclination is not settled."""
        if not np.isneginf(self._last_s):
            t = np.concatenate(([self._last_s], t))
        for row in np.flatnonzero(t[1:] - t[:-1] > self._hole_s).tolist():
            self._holes.append((float(t[row]), float(t[row + 1])))
        self._last_s = float(t[-1])
        if not settled.all():
            times_s = t[len(t) - len(settled) :]
            edges = np.flatnonzero(np.diff(settled, prepend=True, append=True))
            for first, end in edges.reshape(-1, 2).tolist():
                span = (float(times_s[first]), float(times_s[end - 1]))
                self._unsettled.append(span)

    def _around(
        self,
        t_s: Floats,
        x: Floats,
        strides: Sequence[Stride],
        spans_s: Sequence[tuple[float, float]],
    ) -> Iterator[SegmentRows | str]:
        """Yield the rows around each stride, or why they cannot be used."""
        if not len(t_s):
            x = np.empty((0, 15))  # of a sensor that has never sent a row
        rotation = x[:, _ROTATION].T.reshape(3, 3, len(t_s)).transpose(2, 0, 1)
        rates, acc = x[:, _RATE], x[:, _ACC]
        may_be_stuck = _repeats(x[:, _RATE.start : _ACC.stop])
        who = f"{site_words(self.site)} IMU"
        for stride, (begin_s, until_s) in zip(strides, spans_s, strict=True):
            rows = rows_in(t_s, begin_s, until_s)
            t = t_s[rows]
            if self._known_s > until_s:
                yield f"the rate of the {who} is not known yet"
            elif not len(t) or t[-1] < stride.ic_s or t[0] > stride.next_ic_s:
                yield f"no {who} rows in this stride"
            # the rows just outside are needed: the contacts lie between two rows
            elif (
                t[0] > stride.ic_s
                or t[-1] < stride.next_ic_s
                or _touched(self._holes, stride)
            ):
                yield f"{who} rows are missing in this stride"
            elif may_be_stuck and _stuck(t, x[rows, _RATE.start : _ACC.stop]):
                yield f"the {who} repeats one row: it measures nothing"
            else:
                yield SegmentRows(
                    t_s=t,
                    rotation=rotation[rows],
                    rate_rps=rates[rows],
                    acc_mps2=acc[rows],
                    rate_hz=self._rate_hz,
                    has_angles=self._has_angles,
                    zeroed=self._own is not None,
                    settled=not _touched(self._unsettled, stride),
                    note=self._note,
                )

    def _lying(
        self, t_s: Floats, x: Floats, strides: Sequence[Stride]
    ) -> Sequence[str]:
        """Return how a segment lies that ought to stand, "" for one that stands.

        In the mean of a stride every leg does, too: whichever foot its rows belong to.
        A forearm may lie: it is held up.
        """
        has_up = self._own is not None or self._has_angles
        if not strides or self._lies or not has_up or self.site.startswith("forearm"):
            return [""] * len(strides)
        ends_s = [end_s for it in strides for end_s in (it.ic_s, it.next_ic_s)]
        # rows reach beyond each stride; every other sum is of what lies between two
        ups = np.add.reduceat(x[:, _UP].T, t_s.searchsorted(ends_s), axis=1)[:, ::2]
        return [_how_it_lies(*up) for up in ups.T.tolist()]


def _how_it_lies(x: float, y: float, z: float) -> str:
    """Return how a segment lies whose world's up is so in its own axes."""
    size = (x * x + y * y + z * z) ** 0.5
    if z < _UPSIDE_DOWN * size:
        return "upside down"
    return "on its side" if z < _ON_ITS_SIDE * size else ""


def _repeats(felt: Floats) -> bool:
    """Tell whether one channel repeats to the bit so often that all may."""
    same = felt[1:, -1] == felt[:-1, -1]
    return int(np.count_nonzero(same)) >= _STUCK_ROWS


def _stuck(t_s: Floats, felt: Floats) -> bool:
    """Tell whether rates and acceleration repeat to the bit for too long.

    No sensor that measures does: its noise changes the last digits.
    """
    if not _repeats(felt):
        return False
    same = (felt[1:] == felt[:-1]).all(axis=1)
    edges = np.flatnonzero(np.diff(same, prepend=False, append=False))
    return any(
        end - first >= _STUCK_ROWS and t_s[end] - t_s[first] >= _STUCK_S
        for first, end in edges.reshape(-1, 2).tolist()
    )


def _touched(spans: Collection[tuple[float, float]], stride: Stride) -> bool:
    """Tell whether a span lies in a stride, in part at least."""
    return bool(spans) and any(
        begin_s < stride.next_ic_s and end_s > stride.ic_s for begin_s, end_s in spans
    )
