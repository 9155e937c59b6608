"""Streams as pure functions of row numbers: the same bits whatever window asks."""

from __future__ import annotations

import zlib
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from drivers.sim.noise import generator
from lablive.messages import StreamInfo

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from lablive.messages import Floats

_BLOCK_S = 0.64
_SPEED_JITTER_S = 0.05
_CACHED_BLOCKS = 64


class StreamModel(NamedTuple):
    """One simulated stream: its description and how to make a block of rows."""

    info: StreamInfo
    rate_hz: float
    block_rows: int
    block: Callable[[int, Floats], Floats]


class Streams:
    """Simulated streams; time 0 is the first row of each.

    Rows are computed in fixed blocks and cut afterwards.

    Parameters
    ----------
    models
        In the order of the wires; they are numbered from 0.
    seed
        Of the noise.
    device
        What they say they come from.
    """

    def __init__(self, models: Sequence[StreamModel], seed: int, device: str) -> None:
        numbered = [
            model._replace(info=_numbered(model.info, index, device))
            for index, model in enumerate(models)
        ]
        self._models = {model.info.name: model for model in numbered}
        self._seed = seed
        self.streams: tuple[StreamInfo, ...] = tuple(it.info for it in numbered)
        self._block = lru_cache(maxsize=_CACHED_BLOCKS)(self._make_block)

    def rate_hz(self, name: str) -> float:
        """Return how many rows per second a stream has (also an irregular one)."""
        return self._models[name].rate_hz

    def rows_before(self, name: str, t_s: float) -> int:
        """Return how many rows of a stream certainly lie before ``t_s``."""
        model = self._models[name]
        late_s = 0.0 if model.info.rate_hz else _SPEED_JITTER_S
        return max(0, int(np.ceil((t_s - late_s) * model.rate_hz - 1e-9)))

    def rows(self, name: str, first: int, count: int) -> tuple[Floats, Floats]:
        """Return times (rows,) in s and values (rows, channels) of some rows."""
        size = self._models[name].block_rows
        blocks = range(first // size, (first + count - 1) // size + 1)
        if count <= 0:
            return np.empty(0), np.empty((0, len(self._models[name].info.channels)))
        pieces = [self._block(name, block) for block in blocks]
        start = first - blocks[0] * size
        cut = slice(start, start + count)
        if len(pieces) == 1:
            return pieces[0][0][cut], pieces[0][1][cut]
        t_s = np.concatenate([piece[0] for piece in pieces])[cut]
        return t_s, np.concatenate([piece[1] for piece in pieces])[cut]

    def window(self, name: str, t0_s: float, t1_s: float) -> tuple[Floats, Floats]:
        """Return times and values of a stream's rows in ``[t0_s, t1_s)``."""
        first = self.rows_before(name, t0_s)
        return self.rows(name, first, self.rows_before(name, t1_s) - first)

    def _make_block(self, name: str, block: int) -> tuple[Floats, Floats]:
        model = self._models[name]
        row = np.arange(model.block_rows) + block * model.block_rows
        t_s = row / model.rate_hz
        if not model.info.rate_hz:  # a treadmill reports when it gets round to it
            late = generator(self._seed, f"{name}.late", block)
            t_s = t_s + _SPEED_JITTER_S * late.random(model.block_rows)
        return t_s, model.block(block, t_s)


def model_of(
    info: StreamInfo, rate_hz: float, block: Callable[[int, Floats], Floats]
) -> StreamModel:
    """Build a stream; ``rate_hz`` is its true rate, ``info`` has the nominal one."""
    return StreamModel(info, rate_hz, block_rows(info.rate_hz or rate_hz), block)


def block_rows(rate_hz: float) -> int:
    """Return how many rows a block has."""
    return max(16, round(_BLOCK_S * rate_hz))


def _numbered(info: StreamInfo, index: int, device: str) -> StreamInfo:
    number = zlib.crc32(info.name.encode())
    return StreamInfo(
        id=index,
        name=info.name,
        type=info.type,
        rate_hz=info.rate_hz,
        channels=info.channels,
        source_id=f"lablive-sim-{number:08x}",
        hostname="simulated",
        device=device,
        counter_bits=info.counter_bits,
    )
