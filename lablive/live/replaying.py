"""A recorded trial on the live page: cursor, windows, and the pipeline in slices."""

from __future__ import annotations

from bisect import bisect_left
from typing import TYPE_CHECKING, Final

import numpy as np

from lablive.clock import now_s
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
        self.trial = Trial(path)
        prepared = prepare(self.trial, montage)
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
        """Move the cursor by so much real time."""
        if self.playing:
            self.seek(self.cursor_s + passed_s * self.speed)
            self.playing = self.cursor_s < self.trial.t1_s

    def toggle(self) -> None:
        """Play or pause; at the end play from the beginning."""
        if not self.playing and self.cursor_s >= self.trial.t1_s:
            self.cursor_s = self.trial.t0_s
        self.playing = not self.playing

    def seek(self, t_s: float) -> None:
        """Put the cursor there, inside the trial."""
        self.cursor_s = min(max(t_s, self.trial.t0_s), self.trial.t1_s)

    def to_marker(self, direction: int) -> None:
        """Jump to the next marker (+1) or the one before (-1)."""
        times = sorted(mark.t_s for mark in self.trial.markers)
        ahead = [t for t in times if (t - self.cursor_s) * direction > 1e-3]
        if ahead:
            self.seek(ahead[0] if direction > 0 else ahead[-1])

    def window_around(self, window_s: float) -> tuple[float, float]:
        """Return the page of ``window_s`` that holds the cursor: it does not slide."""
        page = int((self.cursor_s - self.trial.t0_s) / window_s)
        begin_s = self.trial.t0_s + page * window_s
        return begin_s, begin_s + window_s

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
