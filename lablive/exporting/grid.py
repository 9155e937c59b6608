"""Streams of different rates on one even clock: every value is one that was measured.

A format that knows one rate only gets the rows of every stream at the steps of one
grid: the newest row that has come, held until the next one. Nothing is interpolated.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from lablive.exporting.source import Source
    from lablive.messages import Floats, StreamInfo
    from lablive.recording.replay import Trial

PIECE_S: Final = 10.0
_HELD_ROWS: Final = 1.5  # of a stream's own rate: a longer hole is missing
_NEAR: Final = 0.5  # a second stream faster than this share needs a finer grid
_LEAST_HZ: Final = 1.0


class Grid(NamedTuple):
    """Even times: begin on the trial's clock, steps per second, how many."""

    t0_s: float
    rate_hz: float
    steps: int

    def times_s(self, first: int, end: int) -> Floats:
        """Return the times of some steps."""
        return self.t0_s + np.arange(first, end) / self.rate_hz


class Held(NamedTuple):
    """Rows of a stream on some steps.

    Attributes
    ----------
    x
        Shape (steps, channels); NaN where nothing was measured.
    skipped
        Rows that share their step with a newer one.
    """

    x: Floats
    skipped: int


def grid_of(source: Source, streams: Sequence[StreamInfo]) -> Grid:
    """Return a grid that takes every row of every stream, if their clocks are even.

    The rate is that of the fastest stream as measured; with a second one nearly as
    fast, on a clock of its own, twice that.
    """
    rates_hz = sorted(
        (rate for it in streams if (rate := measured_hz(source.trial, it)) > 0),
        reverse=True,
    )
    fastest_hz = max(rates_hz[0] if rates_hz else _LEAST_HZ, _LEAST_HZ)
    near = len(rates_hz) > 1 and rates_hz[1] > _NEAR * fastest_hz
    rate_hz = 2.0 * fastest_hz if near else fastest_hz
    begins_s = (source.trial.span(it.id)[0] for it in streams if it.rate_hz)
    t0_s = max(source.t0_s, min(begins_s, default=source.t0_s))
    last_s = min(source.t1_s, source.trial.t1_s)
    return Grid(t0_s, rate_hz, max(1, 1 + round((last_s - t0_s) * rate_hz)))


def measured_hz(trial: Trial, info: StreamInfo) -> float:
    """Return how many rows came per second, lost ones counted; 0 = irregular."""
    rows = trial.rows(info.id)
    first_s, last_s = trial.span(info.id)
    if not info.rate_hz or rows < 2 or last_s <= first_s:
        return 0.0
    lost = [gap.rows_lost for gap in trial.gaps if gap.stream == info.id]
    if any(it is None for it in lost):
        return info.rate_hz
    found_hz = (rows - 1 + sum(it or 0 for it in lost)) / (last_s - first_s)
    even = abs(found_hz / info.rate_hz - 1.0) < 0.02
    return found_hz if even else info.rate_hz


def held(source: Source, info: StreamInfo, grid: Grid) -> Iterator[Held]:
    """Yield a stream's rows on the grid, about ten seconds at a time.

    Parameters
    ----------
    source
        The range.
    info
        The stream; one without a rate keeps its value until the next row.
    grid
        Where to.
    """
    step_s = 1.0 / grid.rate_hz
    longest_s = np.inf
    if info.rate_hz:
        longest_s = max(_HELD_ROWS / info.rate_hz, step_s)
    per_piece = max(1, round(PIECE_S * grid.rate_hz))
    last_t, last_x = np.empty(0), np.empty((0, len(info.channels)))
    if not info.rate_hz:  # what it said last before the range holds
        t_s, x = source.trial.window(info.id, -np.inf, source.t0_s)
        last_t, last_x = t_s[-1:], x[-1:]
    for first in range(0, grid.steps, per_piece):
        end = min(first + per_piece, grid.steps)
        edge_s = grid.times_s(first, end) + 0.5 * step_s
        begin_s = max(source.t0_s, edge_s[0] - step_s)
        t_s, x = source.trial.window(info.id, begin_s, min(source.t1_s, edge_s[-1]))
        order = np.argsort(t_s, kind="stable")
        t_s = np.concatenate([last_t, t_s[order]])
        x = np.concatenate([last_x, x[order]])
        at = t_s.searchsorted(edge_s, side="right") - 1
        rows = np.where(at >= 0, at, 0)
        out = np.full((end - first, x.shape[1]), np.nan)
        if len(t_s):
            known = (at >= 0) & (edge_s - t_s[rows] < longest_s + 0.5 * step_s)
            out[known] = x[rows[known]]
        new = np.unique(at[at >= len(last_t)])
        yield Held(out, len(t_s) - len(last_t) - len(new))
        last_t, last_x = t_s[-1:], x[-1:]
