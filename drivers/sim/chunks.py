"""The synthetic runner's streams as chunks, without any wire: for pipeline tests."""

from __future__ import annotations

import heapq
from typing import TYPE_CHECKING

import numpy as np

from drivers.sim.runner import Runner, RunnerSettings
from lablive.messages import Chunk

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_SHORTEST_S, _LONGEST_S = 0.003, 0.060
_DELAY_S = 0.004  # from the last row of a chunk to its arrival


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
    wanted = [s for s in runner.streams if streams is None or s.name in streams]
    plan = np.random.default_rng(plan_seed)
    due = [(float(plan.uniform(_SHORTEST_S, _LONGEST_S)), s.id, 0) for s in wanted]
    heapq.heapify(due)
    infos = {info.id: info for info in wanted}
    while due:
        at_s, stream, sent = heapq.heappop(due)
        name = infos[stream].name
        ready = runner.rows_before(name, min(at_s, seconds))
        if ready > sent:
            t_s, x = runner.rows(name, sent, ready - sent)
            arrival_s = start_s + at_s + _DELAY_S
            yield Chunk(
                stream, sent, start_s + t_s, x.astype(np.float32), None, arrival_s
            )
        if at_s < seconds:
            later = at_s + float(plan.uniform(_SHORTEST_S, _LONGEST_S))
            heapq.heappush(due, (later, stream, ready))
