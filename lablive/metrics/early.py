"""Metrics that are known before their stride is over: for feedback, never for a report.

A stance is over at its toe-off; a mean over a whole stride is known once the contact
that ends it is. Both come long before the next contact of the same foot, while a stride
of the board waits for the rows of every sensor around it. Where the numbers are those
of the stride's own record and where they are provisional: docs/decisions/0031.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal, NamedTuple

from lablive.metrics.foot_line import way_of_before
from lablive.metrics.registry import METRICS, PARTS
from lablive.metrics.smooth import WOBBLE_HZ

if TYPE_CHECKING:
    from collections.abc import Callable

    from lablive.metrics.curve import PerStride
    from lablive.metrics.metric import Metric
    from lablive.metrics.stack import StrideStack


class Early(NamedTuple):
    """How a metric is worked out ahead of its stride.

    Attributes
    ----------
    of
        ``stance``: with its toe-off. ``stride``: with the contact that ends it.
    share, later_s
        Of a stance: rows are needed up to this share of it, and so much later.
    filter_hz
        Low-pass that looks ahead, 0 = none.
    parts
        What is measured of each stride; empty = the metric itself.
    force
        Whether it is made of force, whose zero is provisional.
    learned
        Whether it hangs on what a lane learns from stride to stride.
    of_pair
        Needs the stance before as well: function of the stride up to now and of this
        stance.
    """

    of: Literal["stance", "stride"]
    share: float = 1.0
    later_s: float = 0.0
    filter_hz: float = 0.0
    parts: tuple[str, ...] = ()
    force: bool = False
    learned: bool = False
    of_pair: Callable[[StrideStack, StrideStack], PerStride] | None = None


_CONTACT: Final = Early("stance", share=0.0)
_FORCE: Final = Early("stance", force=True)
_CYCLE: Final = Early("stride", filter_hz=WOBBLE_HZ)
_EMG: Final = Early("stance", learned=True)

EARLY: Final[dict[str, Early]] = {
    "footfall_rel_db": Early(
        "stance", share=0.0, parts=("footfall_sel_db",), learned=True
    ),
    "cadence_spm": Early("stride"),
    "contact_time_ms": Early("stance"),
    "pelvic_drop_deg": Early("stance", share=0.8, filter_hz=WOBBLE_HZ),
    "pelvic_drop_exc_deg": Early("stance", share=0.8, filter_hz=WOBBLE_HZ),
    "pelvic_tilt_rel_deg": _CYCLE,
    "trunk_lean_deg": _CYCLE,
    "trunk_side_lean_deg": Early("stance", filter_hz=WOBBLE_HZ),
    "peak_force_bw": _FORCE,
    "impact_peak_bw": _FORCE,
    "valr_bw_s": _FORCE,
    "vilr_bw_s": _FORCE,
    "tibial_shock_g": Early("stance", share=0.0, later_s=0.08, filter_hz=60.0),
    "vert_osc_cm": Early(
        "stride", parts=("pelvis_rise_cm", "contact_time_ms", "flight_time_ms")
    ),
    "shank_angle_ic_deg": _CONTACT,
    "knee_flexion_ic_deg": _CONTACT,
    "hip_flexion_ic_deg": _CONTACT,
    "foot_ahead_m": _CONTACT,
    "foot_ahead_leg": _CONTACT,
    "thigh_extension_to_deg": Early("stance"),
    # the peak comes about toe-off; later than 20 ms after it, it is missed
    "thigh_extension_peak_deg": Early("stance", later_s=0.04, filter_hz=WOBBLE_HZ),
    "foot_progression_deg": Early("stance", of_pair=way_of_before),
    "gmax_drive_pct": _EMG,
    "gmax_pushoff_pct": _EMG,
}


def measured(metric_id: str) -> tuple[Metric, ...]:
    """Return what is measured of each stride for an early metric."""
    parts = EARLY[metric_id].parts or (metric_id,)
    return tuple(METRICS.get(part) or PARTS[part] for part in parts)


def signals(metric_id: str) -> frozenset[str]:
    """Return the signals besides force that an early metric looks at."""
    own = METRICS[metric_id].signals
    return frozenset(
        (*own, *(it for part in measured(metric_id) for it in part.signals))
    )
