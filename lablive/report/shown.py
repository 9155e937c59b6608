"""How a metric is shown: decimals, unit, and lengths in feet and inches."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from lablive.metrics.registry import METRICS

if TYPE_CHECKING:
    from lablive.report.settings import Units

_BY_UNIT: Final = {
    "ms": 0, "%": 1, "°": 1, "BW": 2, "BW·s": 3, "BW/s": 0, "dB": 1, "dB(A)": 1,
    "g": 1, "m": 2, "cm": 1, "in": 1, "m/s": 2, "kN/m": 1, "steps/min": 1,
    "% length": 0, "% width": 0, "% stance": 0, "% ref": 0, "1": 2,
}  # fmt: skip
_OWN: Final = {
    "emg_quality": 0, "gait_mode": 0, "cop_path": 0, "stride_time_cv_pct": 1,
    "thigh_sagittal_pct": 0, "rear_share_pct": 0, "toe_last_pct": 0,
    "gmax_burst_present_pct": 0, "gmed_burst_present_pct": 0, "pelvic_neutral_pct": 0,
    "arm_cross_pct": 0, "insole_gain_ratio": 2, "cop_x_midstance_pct": 0,
    "medial_load_pct": 0, "rfs_pct": 0, "mfs_pct": 0, "ffs_pct": 0,
    "impact_peak_present_pct": 0, "shock_attenuation_pct": 0,
}  # fmt: skip
_IMPERIAL: Final = {"m": ("ft", 1 / 0.3048, 2), "cm": ("in", 1 / 2.54, 1)}


class Shown(NamedTuple):
    """Unit on paper, factor to it, decimals."""

    unit: str
    factor: float
    decimals: int


def shown(metric_id: str, units: Units = "metric") -> Shown:
    """Return how a metric's values are printed."""
    unit = METRICS[metric_id].unit
    decimals = _OWN.get(metric_id, _BY_UNIT.get(unit, 1))
    if units == "imperial" and unit in _IMPERIAL:
        return Shown(*_IMPERIAL[unit])
    return Shown("" if unit == "1" else unit, 1.0, decimals)
