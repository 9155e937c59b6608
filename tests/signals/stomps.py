"""Stomps as insole, IMU and microphone feel them; the truth is when they began."""

from __future__ import annotations

import numpy as np

from lablive.names import STANDARD_GRAVITY


def times(rng: np.random.Generator, count: int, first_s: float = 3.0) -> np.ndarray:
    """Return begins about a second apart, not in step."""
    return first_s + np.cumsum(rng.uniform(0.7, 1.3, count))


def force(
    rng: np.random.Generator, t_s: np.ndarray, stomps_s: np.ndarray
) -> np.ndarray:
    """Return the force under a foot in N, shape (rows,): 15 ms to its peak."""
    found = rng.normal(0.0, 3.0, len(t_s))
    for at_s in stomps_s:
        u = t_s - at_s
        on = (u >= 0) & (u < 0.3)
        late = np.clip(u - 0.015, 0.0, None)
        impact = 1500 * np.minimum(u / 0.015, 1) * np.exp(-late / 0.05)
        found += np.where(on, impact + 300 * np.minimum(u / 0.05, 1), 0.0)
    return found


def acc(rng: np.random.Generator, t_s: np.ndarray, stomps_s: np.ndarray) -> np.ndarray:
    """Return acceleration in m/s^2, shape (rows, 3): a leg swings, then it rings."""
    size = STANDARD_GRAVITY + rng.normal(0.0, 0.2, len(t_s))
    for at_s in stomps_s:
        u = t_s - at_s
        swing = np.sin(np.pi * np.clip(u + 0.25, 0.0, 0.25) / 0.25)
        size += np.where((u > -0.25) & (u < 0), 3.0 * swing, 0.0)
        late = np.clip(u - 0.004, 0.0, None)
        ring = np.exp(-late / 0.012) * np.cos(2 * np.pi * 40 * late)
        size += np.where(u >= 0, 60 * np.clip(u / 0.004, 0, 1) * ring, 0.0)
    return np.column_stack((0.6 * size, 0.0 * size, 0.8 * size))


def sound(
    rng: np.random.Generator, t_s: np.ndarray, stomps_s: np.ndarray
) -> np.ndarray:
    """Return energy of each ms, shape (rows,), noise of a room under it."""
    found = 1e-6 * rng.exponential(1.0, len(t_s))
    for at_s in stomps_s:
        u = t_s + 0.5e-3 - at_s  # the middle of the row
        decay = np.exp(-np.clip(u, 0.0, None) / 0.03)
        found += np.where(u >= 0, 0.01 * decay * rng.exponential(1.0, len(t_s)), 0.0)
    return found
