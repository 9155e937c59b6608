"""What a 16-cell insole under the synthetic runner reads.

Every cell measures 10 cm2, so 1 kPa on it is 1 N: ten ADC counts, one newton, one
kilopascal are three names of the same reading.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from drivers.sim import gait_model as gait

if TYPE_CHECKING:
    from drivers.sim.settings import RunnerSettings
    from lablive.messages import Floats
    from lablive.names import Side

CELLS: Final = 16
CELL_AREA_CM2: Final = 10.0
COUNTS_PER_NEWTON: Final = 10.0
KPA_PER_COUNT: Final = 0.1
ADC_MAX: Final = 4095  # 12 bit
LOST_COUNT: Final = 0xFFFF  # what the device sends for a foot it cannot reach

# cell centres on the insole, the same on both feet: x -0.5 lateral .. +0.5 medial,
# y 0 heel .. 1 toe. Mean y of the regions: heel 0.12, forefoot 0.75, toes 0.92.
CELL_X: Final = np.array([
    -0.18, 0.18, -0.18, 0.18, -0.25, -0.25, 0.10,
    -0.33, 0.0, 0.33, -0.33, 0.0, 0.33, -0.27, 0.0, 0.27,
])  # fmt: skip
CELL_Y: Final = np.array([
    0.08, 0.08, 0.16, 0.16, 0.32, 0.48, 0.48,
    0.70, 0.70, 0.70, 0.80, 0.80, 0.80, 0.90, 0.92, 0.94,
])  # fmt: skip
REGIONS: Final = {
    "heel": slice(0, 4),
    "mid": slice(4, 7),
    "fore": slice(7, 13),
    "toes": slice(13, 16),
}
_STANDING_SHARES: Final = {"heel": 0.55, "fore": 0.40, "toes": 0.05}


def region_shares(u: Floats) -> dict[str, Floats]:
    """Return the share of force under each region at stance fraction ``u`` (REF-1)."""
    toes = 0.5 * np.maximum(0.0, (u - 0.6) / 0.4)
    return {
        "heel": np.maximum(0.0, 1.0 - 2.0 * u),
        "fore": np.minimum(2.0 * u, 1.0) - toes,
        "toes": toes,
    }


def cell_forces_n(settings: RunnerSettings, side: Side, t_s: Floats) -> Floats:
    """Return the true force on every cell in newton, shape (rows, 16).

    Preload and a re-lacing step are part of it; they press on all cells alike.
    """
    force = gait.vertical_force_n(settings, side, t_s)
    since = gait.timing(settings, side, t_s)
    u = np.clip(since.since_ic_s / gait.contact_s(settings, side), 0.0, 1.0)
    shares = region_shares(u)
    cells = np.empty((len(t_s), CELLS))
    preload = np.full(len(t_s), settings.preload_n)
    step_at = settings.right_preload_step_at_s
    if side == "right" and step_at is not None:
        preload += np.where(t_s >= step_at, settings.right_preload_step_n, 0.0)
    cells[:] = preload[:, None] / CELLS
    for region, where in REGIONS.items():
        if region not in shares:  # the arch carries no load in REF-1
            continue
        standing = _STANDING_SHARES[region]
        share = np.where(since.running, shares[region], standing)
        cells[:, where] += (force * share / (where.stop - where.start))[:, None]
    return cells


def insole_counts(
    settings: RunnerSettings, side: Side, t_s: Floats, noise: Floats
) -> Floats:
    """Return ADC counts, shape (rows, 16); LOST_COUNT while the foot is out of reach.

    ``noise`` is unit white noise, shape (rows, 17): one column per cell and one
    common to the foot, so that the noise of the total force is
    ``insole_noise_n`` while single cells stay above zero.
    """
    cell_n = settings.insole_noise_n / CELLS
    common_n = np.sqrt(max(settings.insole_noise_n**2 - CELLS * cell_n**2, 0.0)) / CELLS
    gain = settings.gain_left if side == "left" else settings.gain_right
    force = cell_forces_n(settings, side, t_s) * gain
    force = force + noise[:, :CELLS] * cell_n + noise[:, CELLS:] * common_n
    counts = np.clip(np.rint(force * COUNTS_PER_NEWTON), 0, ADC_MAX)
    lost = settings.left_insole_lost_s
    if side == "left" and lost is not None:
        counts[(t_s >= lost[0]) & (t_s < lost[1])] = LOST_COUNT
    return counts


def to_kpa(counts: Floats) -> Floats:
    """Return the pressure on every cell in kPa; NaN where the foot was out of reach."""
    return np.where(counts == LOST_COUNT, np.nan, counts * KPA_PER_COUNT)


def to_counts(kpa: Floats) -> Floats:
    """Return the counts that :func:`to_kpa` reads as ``kpa``."""
    return np.where(np.isnan(kpa), LOST_COUNT, np.rint(kpa / KPA_PER_COUNT))
