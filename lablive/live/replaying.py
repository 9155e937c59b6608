"""A recorded trial on the live page: cursor, windows, and the pipeline in slices."""

from __future__ import annotations

from bisect import bisect_left
from typing import TYPE_CHECKING, Final

import numpy as np

from lablive.clock import now_s
from lablive.editing.edit_file import read_edits
from lablive.live.overview import Overview, key_of, read_overview, window_overview
from lablive.live.scene import Scene
from lablive.messages import Chunk
from lablive.metrics.registry import METRICS
from lablive.names import SIDES
from lablive.preparation import prepare
from lablive.recording.replay import Trial
from lablive.snapshot import USUAL

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from lablive.gait.contacts import Contact
    from lablive.messages import Floats, Values
    from lablive.metrics.record import StrideRecord
    from lablive.metrics.summary import MetricValue
    from lablive.names import Side
    from lablive.signals.montage import Montage
    from lablive.snapshot import Snapshot, Wanted

LOOK_BACK_S: Final = 0.05  # a picture older than this is no picture of this moment
AT_ONCE_S: Final = 60.0  # of a trial that can be read between two pictures
DETAIL_HZ: Final = 50  # columns of such a part
FRAME_S: Final = 0.005
SNAPSHOT_S: Final = 0.1  # of trial time: how finely tiles follow the cursor


class ReplaySession:
    """Play a trial; results fill in while it is watched.

    Parameters
    ----------
    path
        The trial.
    montage
        Which channel measures what; None = the trial's own, else its labels.

    Raises
    ------
    RecordingError, ConfigError
        It is no trial, or its montage does not fit its streams.
    """

    def __init__(self, path: Path, montage: Montage | None = None) -> None:
        self.path = path
        self.given_montage = montage
        self.trial = Trial(path)
        prepared = prepare(self.trial, montage)
        self.prepared = prepared
        self.edits = read_edits(self.trial)
        self.overview_key = key_of(self.trial, prepared)
        self.overview: Overview | None = read_overview(path, self.overview_key)
        self.notes = prepared.notes
        self.binding = prepared.binding
        self.calibrations = prepared.calibrations
        self.calibration = prepared.calibrations.insole
        self.pipeline = prepared.pipeline()
        for marker in self.trial.markers:
            self.pipeline.mark(marker)
        self.scene = Scene(self.binding, self.trial.streams, self.calibration)
        self.peaks: dict[Side, Floats] = {}  # of every cell, over the whole trial
        self._items = self.trial.chunks(sorted(self.pipeline.wanted))
        self._pending = True
        self._fed_s = self.trial.t0_s
        self._snapshot: tuple[object, Snapshot | None] = (None, None)
        self.cursor_s = self.trial.t0_s
        self.playing = False
        self.speed = 1.0
        self.range_s: tuple[float, float] | None = None
        self.looping = False

    def close(self) -> None:
        """Let go of the files."""
        self.trial.close()

    @property
    def done(self) -> float:
        """Share of the trial that the pipeline has been through, 0 to 1."""
        return self.share(self._fed_s) if self._pending else 1.0

    def share(self, t_s: float) -> float:
        """Return a time as a share of the trial, 0 to 1."""
        span_s = self.trial.duration_s
        return min(max((t_s - self.trial.t0_s) / span_s, 0.0), 1.0) if span_s else 0.0

    def work(self, budget_s: float) -> bool:
        """Feed the pipeline for so long; True when something was done."""
        if not self._pending:
            return False
        until_s = now_s() + budget_s
        for item in self._items:
            self.pipeline.feed(item)
            if isinstance(item, Chunk) and len(item):
                self._fed_s = max(self._fed_s, float(item.t_s[-1]))
                self._see_peaks(item)
            if now_s() > until_s:
                return True
        self.pipeline.finish()
        self._pending = False
        return True

    def advance(self, passed_s: float) -> None:
        """Move the cursor by so much real time; in a loop from its end to its begin."""
        if not self.playing:
            return
        begin_s, end_s = self._played
        before_s = self.cursor_s
        to_s = before_s + passed_s * self.speed
        if self.looping and before_s <= end_s < to_s:
            long_s = max(end_s - begin_s, 1e-3)
            to_s = begin_s + (to_s - end_s) % long_s
        self.seek(to_s)
        self.playing = self.cursor_s < self.trial.t1_s

    @property
    def _played(self) -> tuple[float, float]:
        """What a loop plays: the range, else the whole trial."""
        return self.range_s or (self.trial.t0_s, self.trial.t1_s)

    def toggle(self) -> None:
        """Play or pause; at the end, or outside a loop, play from its beginning."""
        begin_s, end_s = self._played
        outside = self.looping and not begin_s <= self.cursor_s < end_s
        if not self.playing and (outside or self.cursor_s >= self.trial.t1_s):
            self.cursor_s = begin_s if self.looping else self.trial.t0_s
        self.playing = not self.playing

    def begin_range(self) -> None:
        """Let the range begin at the cursor; it goes to its end, or the trial's."""
        end_s = self.range_s[1] if self.range_s else self.trial.t1_s
        if end_s <= self.cursor_s:
            end_s = self.trial.t1_s
        self.set_range(self.cursor_s, end_s)

    def end_range(self) -> None:
        """Let the range end at the cursor."""
        begin_s = self.range_s[0] if self.range_s else self.trial.t0_s
        if begin_s >= self.cursor_s:
            begin_s = self.trial.t0_s
        self.set_range(begin_s, self.cursor_s)

    def set_range(self, begin_s: float, end_s: float) -> None:
        """Choose a range of the trial; an empty one is none."""
        low, high = sorted((begin_s, end_s))
        low, high = max(low, self.trial.t0_s), min(high, self.trial.t1_s)
        self.range_s = (low, high) if low < high else None

    def seek(self, t_s: float) -> None:
        """Put the cursor there, inside the trial."""
        self.cursor_s = min(max(t_s, self.trial.t0_s), self.trial.t1_s)

    def to_marker(self, direction: int) -> None:
        """Jump to the next marker (+1) or the one before (-1)."""
        self._to_one_of([mark.t_s for mark in self.trial.markers], direction)

    def to_contact(self, direction: int, *, same_foot: bool = False) -> None:
        """Jump to the next contact (+1) or the one before (-1).

        ``same_foot``: of the foot that touched last at the cursor: a whole stride.
        """
        found = [it for it in self.pipeline.contacts if it.kind == "ic"]
        if same_foot:
            last = bisect_left(found, self.cursor_s + 1e-6, key=lambda it: it.t_s)
            side = found[max(last - 1, 0)].side if found else "unknown"
            found = [it for it in found if it.side == side]
        self._to_one_of([it.t_s for it in found], direction)

    def to_frame(self, direction: int) -> None:
        """Move by one row of the quickest force curve, else by 5 ms."""
        rates = [self.scene.rate_hz(name) for name in self.scene.curves]
        rate_hz = max(rates, default=0.0)
        self.seek(self.cursor_s + direction * (1.0 / rate_hz if rate_hz else FRAME_S))

    def _to_one_of(self, times_s: list[float], direction: int) -> None:
        ahead = [t for t in times_s if (t - self.cursor_s) * direction > 1e-3]
        if ahead:
            self.seek(min(ahead) if direction > 0 else max(ahead))

    def window_around(self, window_s: float) -> tuple[float, float]:
        """Return the page of ``window_s`` that holds the cursor: it does not slide."""
        page = int((self.cursor_s - self.trial.t0_s) / window_s)
        begin_s = self.trial.t0_s + page * window_s
        return begin_s, begin_s + window_s

    def overview_of(self, begin_s: float, end_s: float) -> Overview | None:
        """Return curves fine enough for a part; None while they are being made."""
        span_s = end_s - begin_s
        if span_s > AT_ONCE_S:
            return self.overview
        columns = max(int(span_s * DETAIL_HZ), 64)
        return window_overview(self.trial, self.prepared, begin_s, end_s, columns)

    def rows(
        self, stream: int | None, t0_s: float, t1_s: float
    ) -> tuple[Floats, Values]:
        """Return recorded rows in ``[t0_s, t1_s)``: (rows,), (rows, channels)."""
        if stream is None:
            raise ValueError("the curve has no stream")
        return self.trial.window(stream, t0_s, t1_s)

    def row_at_cursor(self, stream: int | None) -> Values | None:
        """Return the newest row at the cursor, shape (1, channels), None in a hole."""
        if stream is None:
            return None
        end_s = self.cursor_s
        _, x = self.trial.window(stream, end_s - LOOK_BACK_S, end_s + 1e-9)
        return x[-1:] if len(x) else None

    def contacts_between(self, t0_s: float, t1_s: float) -> Sequence[Contact]:
        """Return the contacts of a window."""
        found = self.pipeline.contacts
        first = bisect_left(found, t0_s, key=lambda contact: contact.t_s)
        last = bisect_left(found, t1_s, key=lambda contact: contact.t_s)
        return found[first:last]

    def metric(self, metric_id: str) -> MetricValue:
        """Return a metric over the whole trial, as ``lablive analyze`` does."""
        return self.pipeline.results.sample().summarise(METRICS[metric_id])

    def strides_before(self, t_s: float) -> Sequence[StrideRecord]:
        """Return the last strides that ended before a time, both feet."""
        found = self.pipeline.strides
        end = bisect_left(found, t_s, key=lambda record: record.stride.next_ic_s)
        return found[max(end - 4, 0) : end]

    def snapshot(self, wanted: Wanted = USUAL) -> Snapshot:
        """Return what the page shows at the cursor, whatever was shown before."""
        t0_s, at_s = self.trial.t0_s, self.cursor_s
        if at_s < self.trial.t1_s:
            at_s = t0_s + SNAPSHOT_S * int((at_s - t0_s) / SNAPSHOT_S)
        key = (at_s, len(self.pipeline.strides), wanted)
        known, snapshot = self._snapshot
        if snapshot is None or known != key:
            snapshot = self.pipeline.snapshot(at_s, wanted)
            self._snapshot = (key, snapshot)
        return snapshot

    def _see_peaks(self, chunk: Chunk) -> None:
        for side in SIDES:
            if self.scene.picture_stream(side) != chunk.stream:
                continue
            cells = self.scene.cells(side, chunk.x)
            if cells is not None:
                highest = np.fmax.reduce(cells, axis=0)
                before = self.peaks.get(side)
                self.peaks[side] = (
                    highest if before is None else np.fmax(before, highest)
                )
