"""What surface EMG over the synthetic runner's gluteal muscles reads, in volts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from drivers.sim import gait_model as gait
from drivers.sim import script
from drivers.sim.noise import band_noise, band_pass
from lablive.names import SIDES, Side

if TYPE_CHECKING:
    from drivers.sim.settings import RunnerSettings
    from lablive.messages import Floats

CHANNELS: Final[tuple[tuple[str, Side], ...]] = tuple(
    (muscle, side) for muscle in ("gluteus_maximus", "gluteus_medius") for side in SIDES
)
BURST_BEFORE_S, BURST_AFTER_S = 0.060, 0.110
_HUM_HZ, _CABLE_HZ = 50.0, 1.35
_TAPS: Final = 511


def burst(settings: RunnerSettings, side: Side, t_s: Floats) -> Floats:
    """Return 1 while the muscle fires (60 ms before to 110 ms after contact)."""
    since = gait.timing(settings, side, t_s)
    ahead = settings.stride_s - since.since_ic_s <= BURST_BEFORE_S
    late = since.running & (since.since_ic_s < BURST_AFTER_S)
    return np.where(late | (ahead & (since.stride >= -1)), 1.0, 0.0)


def emg_rows(settings: RunnerSettings, block: int, t_s: Floats) -> Floats:
    """Return the four channels in volts, shape (rows, 4), for one block of rows.

    Noise carrier 30-300 Hz in bursts over a 10-500 Hz baseline, with mains hum and
    cable motion as strong as REF-1 asks for.
    """
    rate = settings.emg_rate_hz
    carrier = band_pass(30.0, 300.0, rate, _TAPS)
    base = band_pass(10.0, min(500.0, 0.49 * rate), rate, _TAPS)
    strength = 10 ** (settings.emg_snr_db / 20)
    hum = settings.emg_hum * np.sin(2 * np.pi * _HUM_HZ * t_s)
    cable = settings.emg_cable * np.sin(2 * np.pi * _CABLE_HZ * t_s)
    effort = script.MVC_TIMES * script.contraction(settings, t_s)
    shared = hum + gait.ramp(settings, t_s) * cable
    columns: list[Floats] = []
    for muscle, side in CHANNELS:
        name = f"emg_{muscle}_{side}"
        fire = band_noise(settings.seed, f"{name}.burst", block, len(t_s), carrier)
        rest = band_noise(settings.seed, f"{name}.base", block, len(t_s), base)
        strong = burst(settings, side, t_s) * strength + effort
        columns.append(strong * fire + rest + shared)
    return np.column_stack(columns) * settings.emg_baseline_v
