"""What a sound level meter beside the synthetic runner's belt reads.

One row per millisecond: the mean A-, C- and Z-weighted sound pressure squared over
that millisecond in Pa^2, as the microphone driver stores it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from drivers.sim import gait_model as gait
from drivers.sim import script
from lablive.names import SIDES

if TYPE_CHECKING:
    from drivers.sim.settings import RunnerSettings
    from lablive.messages import Floats

REFERENCE_PA2: Final = 4e-10  # (20 uPa)^2
RATE_HZ: Final = 1000.0
_DECAY_S: Final = 0.015
# a footfall and a belt motor carry more low sound than the A weighting lets through
_STEP_DB: Final = (0.0, 8.0, 10.0)
_NOISE_DB: Final = (0.0, 6.0, 9.0)
# 1 ms of noise below 4 kHz is a mean of about 8 independent squares
NOISE_SHAPE: Final = 4.0


def level_rows(settings: RunnerSettings, t_s: Floats, noise: Floats) -> Floats:
    """Return A, C, Z mean squares in Pa^2, shape (rows, 3).

    ``noise`` holds gamma numbers of shape ``NOISE_SHAPE`` and mean 1, (rows, 3).
    """
    end_s = t_s + 1 / RATE_HZ
    steps = np.zeros_like(t_s)
    for side in SIDES:
        gained = _received(settings, side, end_s) - _received(settings, side, t_s)
        sel = settings.sel_left_dba if side == "left" else settings.sel_right_dba
        steps = steps + REFERENCE_PA2 * 10 ** (sel / 10) * gained * RATE_HZ
    floor = REFERENCE_PA2 * 10 ** (settings.noise_dba / 10)
    weight_step = 10 ** (np.array(_STEP_DB) / 10)
    weight_noise = 10 ** (np.array(_NOISE_DB) / 10)
    floor = floor * script.noise_share(settings, t_s)[:, None]
    return steps[:, None] * weight_step + floor * noise * weight_noise


def _received(settings: RunnerSettings, side: gait.Side, t_s: Floats) -> Floats:
    """Return how many footfalls' energy has reached the microphone by ``t_s``."""
    since = gait.timing(settings, side, t_s - settings.sound_latency_s)
    part = 1.0 - np.exp(-since.since_ic_s / _DECAY_S)
    return np.where(since.running, since.stride + part, 0.0)
