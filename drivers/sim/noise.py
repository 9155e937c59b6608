"""Random numbers that depend only on seed, stream and row number, never on the cut."""

from __future__ import annotations

import zlib
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from lablive.messages import Floats


def generator(seed: int, name: str, block: int) -> np.random.Generator:
    """Return the generator of one block (>= -1) of one named noise source."""
    key = [seed, zlib.crc32(name.encode())]
    return np.random.Generator(np.random.Philox(key=key, counter=[0, 0, 0, block + 1]))


def white(seed: int, name: str, block: int, rows: int, channels: int) -> Floats:
    """Return unit white noise of one block, shape (rows, channels)."""
    return generator(seed, name, block).standard_normal((rows, channels))


@lru_cache(maxsize=16)
def band_pass(low_hz: float, high_hz: float, rate_hz: float, taps: int) -> Floats:
    """Return a windowed-sinc band-pass of unit noise gain, shape (taps,)."""
    n = np.arange(taps) - (taps - 1) / 2
    high, low = 2 * high_hz / rate_hz, 2 * low_hz / rate_hz
    kernel = (high * np.sinc(high * n) - low * np.sinc(low * n)) * np.hamming(taps)
    return kernel / np.sqrt(np.sum(kernel**2))


def band_noise(seed: int, name: str, block: int, rows: int, kernel: Floats) -> Floats:
    """Return one block of unit-RMS noise shaped by ``kernel``, shape (rows,).

    The block before lends the filter its history, so blocks join without a seam.
    """
    before = white(seed, name, block - 1, rows, 1)[rows - len(kernel) + 1 :, 0]
    here = white(seed, name, block, rows, 1)[:, 0]
    return np.convolve(np.concatenate([before, here]), kernel, "valid")
