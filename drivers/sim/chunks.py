"""Simulated and recorded streams as chunks, without any wire: for pipeline tests."""

from __future__ import annotations

import heapq
from typing import TYPE_CHECKING, Protocol

import numpy as np

from drivers.sim.runner import Runner, RunnerSettings
from lablive.messages import Chunk

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from drivers.sim.datasets import RecordedStream, Recording
    from lablive.messages import Floats

_SHORTEST_S, _LONGEST_S = 0.003, 0.060
_DELAY_S = 0.004  # from the last row of a chunk to its arrival


class Rows(Protocol):
    """A stream that can be asked for any of its rows."""

    def before(self, t_s: float) -> int:
        """Return how many rows lie before ``t_s``."""
        ...

    def rows(self, first: int, count: int) -> tuple[Floats, Floats]:
        """Return times (rows,) in s and values (rows, channels)."""
        ...


def runner_chunks(
    settings: RunnerSettings,
    seconds: float,
    *,
    plan_seed: int = 0,
    start_s: float = 0.0,
    streams: Sequence[str] | None = None,
) -> Iterator[Chunk]:
    """Yield what the runner's sensors send in ``seconds``, in order of arrival.

    Parameters
    ----------
    settings
        Who runs. Stream ids are those of ``Runner(settings).streams``.
    seconds
        Length, standing included.
    plan_seed
        How the rows are cut into chunks (3 to 60 ms); rows do not depend on it.
    start_s
        Lab-clock time of the first row.
    streams
        Names of the wanted streams; None means all.

    Yields
    ------
    Chunk
        Consecutive rows of one stream, float32, times in lab-clock seconds.
    """
    runner = Runner(settings)
    sources = {
        info.id: _RunnerRows(runner, info.name)
        for info in runner.streams
        if streams is None or info.name in streams
    }
    yield from _cut(sources, seconds, plan_seed, start_s)


def recording_chunks(
    recording: Recording, *, plan_seed: int = 0, start_s: float = 0.0
) -> Iterator[Chunk]:
    """Yield a recorded set in order of arrival, like :func:`runner_chunks`."""
    sources = {stream.info.id: _RecordedRows(stream) for stream in recording.streams}
    yield from _cut(sources, recording.seconds, plan_seed, start_s)


class _RunnerRows:
    def __init__(self, runner: Runner, name: str) -> None:
        self._runner = runner
        self._name = name

    def before(self, t_s: float) -> int:
        return self._runner.rows_before(self._name, t_s)

    def rows(self, first: int, count: int) -> tuple[Floats, Floats]:
        return self._runner.rows(self._name, first, count)


class _RecordedRows:
    def __init__(self, stream: RecordedStream) -> None:
        self._stream = stream

    def before(self, t_s: float) -> int:
        return int(np.searchsorted(self._stream.t_s, t_s))

    def rows(self, first: int, count: int) -> tuple[Floats, Floats]:
        cut = slice(first, first + count)
        return self._stream.t_s[cut], self._stream.x[cut]


def _cut(
    sources: Mapping[int, Rows], seconds: float, plan_seed: int, start_s: float
) -> Iterator[Chunk]:
    plan = np.random.default_rng(plan_seed)
    due = [(float(plan.uniform(_SHORTEST_S, _LONGEST_S)), id_, 0) for id_ in sources]
    heapq.heapify(due)
    while due:
        at_s, stream, sent = heapq.heappop(due)
        ready = sources[stream].before(min(at_s, seconds))
        if ready > sent:
            t_s, x = sources[stream].rows(sent, ready - sent)
            values = x.astype(np.float32)
            arrival_s = start_s + at_s + _DELAY_S
            yield Chunk(stream, sent, start_s + t_s, values, None, arrival_s)
        if at_s < seconds:
            later_s = at_s + float(plan.uniform(_SHORTEST_S, _LONGEST_S))
            heapq.heappush(due, (later_s, stream, ready))
