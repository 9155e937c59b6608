"""Numbers that rows would give and that are not shown: what speaks against them.

A sensor that was named as swapped, worn the wrong way round or at the end of its range
gives no number that hangs on it, in no tile and in no report (docs/decisions/0023).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from lablive.metrics.metric import NAN
from lablive.metrics.reasons import placed

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from lablive.gait.contacts import ContactSide
    from lablive.metrics.metric import Metric
    from lablive.metrics.record import StrideRecord

# the highest load, or how it is shared, goes into them
FULL_LOAD: Final = frozenset(
    (
        "peak_force_bw", "stance_impulse_bw_s", "impact_peak_bw", "impact_peak_present",
        "impact_peak_present_pct", "valr_bw_s", "vilr_bw_s", "strike_index_pct",
        "rfs_pct", "mfs_pct", "ffs_pct", "cop_path", "cop_ml_excursion_pct",
        "cop_x_midstance_pct", "medial_load_pct", "arch_delta_pct", "pushoff_share_pct",
    )
)  # fmt: skip
# of a sensor in the middle, whichever way it is turned
_ANY_WAY_ROUND: Final = ("peak_force_sacral_bw", "pelvis_rise_cm", "head_shock_g")
# signed by the foot that stands, though the sensor is in the middle
_BY_STANCE: Final = (
    "pelvic_drop_deg", "pelvic_drop_exc_deg", "trunk_side_lean_deg",
    "head_sway_phase_deg",
)  # fmt: skip
_TOO_MANY: Final = 0.5  # of a foot's strides: the rest is a selection


@dataclass(frozen=True, slots=True)
class Withheld:
    """What is known against the sensors of a recording at one time.

    Attributes
    ----------
    sites
        Sites with their side (``thigh_left``, ``pelvis``) -> why nothing that hangs on
        their axes or their side is shown.
    sides
        Why left and right cannot be trusted; "" = they can.
    full_scale
        Foot -> highest value its sole can tell, in the unit of its channels.
    slipped_s
        Site with its side -> since when its sensor sits otherwise than before.
    """

    sites: Mapping[str, str] = field(default_factory=dict[str, str])
    sides: str = ""
    full_scale: Mapping[ContactSide, float] = field(
        default_factory=dict["ContactSide", float]
    )
    slipped_s: Mapping[str, float] = field(default_factory=dict[str, float])

    def why(self, metric: Metric, side: ContactSide) -> str:
        """Return why a metric of one foot is not shown, empty when it is."""
        own = [(it, placed(it, side)) for it in metric.signals]
        if metric.id not in _ANY_WAY_ROUND:
            for _, name in own:
                if name in self.sites:
                    return self.sites[name]
        hangs = (
            "one kind of sensor" in metric.needs
            or metric.id in _BY_STANCE
            or any(signal != name for signal, name in own)
        )
        return self.sides if hangs else ""

    def has_slipped(self, metric: Metric, record: StrideRecord) -> bool:
        """Tell whether a stride's value is of a sensor that had turned on the body."""
        stride = record.stride
        return metric.id not in _ANY_WAY_ROUND and any(
            stride.ic_s >= self.slipped_s.get(placed(it, stride.side), NAN)
            for it in metric.signals
        )


NOTHING: Final = Withheld()


def shown(
    metric: Metric,
    values: list[float],
    records: Sequence[StrideRecord],
    known: Withheld,
) -> list[float]:
    """Return the values of strides, NaN where one may not be shown.

    Parameters
    ----------
    metric
        What was measured.
    values, records
        One per stride; of strides of both feet, too.
    known
        What speaks against the sensors.
    """
    if known.sites or known.sides:
        why = {side: known.why(metric, side) for side in ("left", "right", "unknown")}
        if any(why.values()):
            pairs = zip(values, records, strict=True)
            values = [NAN if why[it.stride.side] else value for value, it in pairs]
    if known.slipped_s and metric.signals:
        pairs = zip(values, records, strict=True)
        values = [NAN if known.has_slipped(metric, it) else x for x, it in pairs]
    if known.full_scale and of_full_load(metric):
        values = without_full(values, records, known)
    return values


def note_of(metric: Metric, records: Sequence[StrideRecord], known: Withheld) -> str:
    """Return which of the strides a metric leaves out, and why; "" for none."""
    if known.full_scale and of_full_load(metric):
        return full_note(records, known)
    n = 0
    if known.slipped_s and metric.signals:
        n = sum(known.has_slipped(metric, record) for record in records)
    if not n:
        return ""
    return (
        f"{n} of {len(records)} strides came after the sensor had turned on the body: "
        "they are not measured"
    )


def of_full_load(metric: Metric) -> bool:
    """Tell whether a metric hangs on the highest load of a stance."""
    return not FULL_LOAD.isdisjoint((metric.id, *metric.made_of))


def is_full(record: StrideRecord, known: Withheld) -> bool:
    """Tell whether a stride's sole stood at the end of its range."""
    return record.highest >= known.full_scale.get(record.stride.side, NAN)


def without_full(
    values: Sequence[float], records: Sequence[StrideRecord], known: Withheld
) -> list[float]:
    """Return a metric of full load with NaN where a sole was at its end.

    Parameters
    ----------
    values, records
        One per stride; of strides of both feet, too.
    known
        Where the soles end.
    """
    full = [is_full(record, known) for record in records]
    gone = {
        side
        for side in known.full_scale
        if sum(
            hit for hit, it in zip(full, records, strict=True) if it.stride.side == side
        )
        > _TOO_MANY * sum(it.stride.side == side for it in records)
    }
    return [
        NAN if hit or record.stride.side in gone else value
        for value, record, hit in zip(values, records, full, strict=True)
    ]


def full_note(records: Sequence[StrideRecord], known: Withheld) -> str:
    """Return how many strides were left out for the end of the range, "" for none."""
    n = sum(is_full(record, known) for record in records)
    if not n:
        return ""
    return (
        f"in {n} of {len(records)} strides the sole is at the end of its range: they "
        "are not measured"
    )
