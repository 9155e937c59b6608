"""What the report draws: force and gait line over the stance, numbers over the run."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

import numpy as np

from lablive.comparing.maps import cell_map
from lablive.metrics.motion import obliquity, segment
from lablive.metrics.registry import METRICS, PARTS
from lablive.metrics.shared import ApartError, NotMeasuredError
from lablive.metrics.stack import StrideStack
from lablive.protocol.series import series_of
from lablive.report.data import MeanCurve, Sole, SoleMap, Trace
from lablive.report.figures import mean_curve
from lablive.signals.insole import KPA_CM2_TO_N, feet

if TYPE_CHECKING:
    from collections.abc import Callable

    from lablive.analysis import Analysed
    from lablive.messages import Floats
    from lablive.metrics.metric import StatKey, StrideData
    from lablive.metrics.record import StrideRecord
    from lablive.metrics.summary import Sample
    from lablive.recording.replay import Trial

# drawn over the run, where they were measured
TRACED: Final = ("footfall_sel_dba", "footfall_sel_db", "pelvic_drop_deg")
_SOUND: Final = ("footfall_sel_dba", "footfall_sel_db")
_MOST_BINS: Final = 180  # what a page can show
_STRETCHES: Final = 6  # of a pressure picture, spread over the run
_IN_A_ROW: Final = 10  # stances of each
_KPA: Final = {"kPa": 1.0, "Pa": 1e-3, "N": 1.0, "N/cm^2": 10.0}
_STANCE: Final = np.linspace(0.0, 1.0, 101)
_MOST_CURVES: Final = 240
_ROUND_S: Final = (5.0, 10.0, 15.0, 20.0, 30.0, 60.0, 120.0, 300.0, 600.0)


def force_curves(sample: Sample) -> dict[StatKey, MeanCurve]:
    """Return the force over the stance in body weights."""
    weight = sample.weight.value
    if not np.isfinite(weight):
        return {}
    return _curves(
        sample,
        "peak_force_bw",
        lambda record: (
            None
            if record.force_curve is None
            else record.force_curve.astype(float) / weight
        ),
    )


def gait_lines(sample: Sample) -> dict[StatKey, MeanCurve]:
    """Return the way of the centre of pressure over the stance."""
    return _curves(
        sample,
        "cop_ml_excursion_pct",
        lambda record: (
            None if record.gait_line is None else record.gait_line.astype(float)
        ),
    )


def _curves(
    sample: Sample, like: str, curve_of: Callable[[StrideRecord], Floats | None]
) -> dict[StatKey, MeanCurve]:
    """Average the curves of each foot; of both where no foot can be told.

    Parameters
    ----------
    sample, curve_of
        Strides, and the curve of one.
    like
        Metric of the same rows: where it is withheld, so is the curve.
    """
    keys: tuple[StatKey, ...] = sample.sides or ("both",)
    found: dict[StatKey, MeanCurve] = {}
    for key in keys:
        shown = np.isfinite(sample.measured(METRICS[like], key))
        records = zip(sample.valid(key), shown, strict=True)
        curves = [curve_of(record) for record, show in records if show]
        known = [curve for curve in curves if curve is not None]
        mean = mean_curve(known, sample.expected(key))
        if mean is not None:
            found[key] = mean
    return found


def why_missing(sample: Sample, metric: str) -> str:
    """Return why there is no curve of what a metric measures."""
    lacks = sample.lacks(METRICS[metric])
    return "needs two valid strides" if lacks == "not measured" else lacks


# ------------------------------------------------------------------- over the run
def traces(sample: Sample, t0_s: float) -> dict[str, dict[StatKey, Trace]]:
    """Return what is drawn over the run, per metric and foot; 0 s = the trial's start.

    Sound that was not calibrated is drawn in dB without a zero of its own.
    """
    found: dict[str, dict[StatKey, Trace]] = {}
    for metric_id in TRACED:
        if metric_id in _SOUND and any(it in found for it in _SOUND):
            continue
        metric = METRICS.get(metric_id) or PARTS[metric_id]
        sides: dict[StatKey, Trace] = {}
        for key in sample.sides:
            series = series_of(sample, metric, key)
            if series.n:
                sides[key] = trace(
                    series.t_s - t0_s, series.values, sample.expected(key)
                )
        if sides:
            found[metric_id] = sides
    return found


def trace(t_s: Floats, values: Floats, n_total: int) -> Trace:
    """Return numbers over time: stride by stride, or medians of stretches of many.

    Parameters
    ----------
    t_s, values
        One per stride, shape (strides,), in time order, at least one.
    n_total
        Strides the time holds.
    """
    if len(t_s) <= _MOST_BINS:
        plain = tuple(np.round(values, 3).tolist())
        return Trace(0.0, _times(t_s), plain, plain, plain, len(t_s), n_total)
    span_s = float(t_s[-1] - t_s[0])
    wanted_s = span_s / _MOST_BINS
    bin_s = next((it for it in _ROUND_S if it >= wanted_s), math.ceil(wanted_s))
    numbers = np.floor(t_s / bin_s).astype(int)
    at = np.flatnonzero(np.diff(numbers, prepend=numbers[0] - 1))
    parts = np.split(values, at[1:])
    marks = np.array([np.percentile(part, (10, 50, 90)) for part in parts])
    low, median, high = (tuple(np.round(it, 3).tolist()) for it in marks.T)
    middles = (numbers[at] + 0.5) * bin_s
    return Trace(bin_s, _times(middles), median, low, high, len(t_s), n_total)


def _times(t_s: Floats) -> tuple[float, ...]:
    return tuple(np.round(t_s, 2).tolist())


# ------------------------------------------------------------------------- the sole
def sole(analysed: Analysed) -> Sole | None:
    """Return the insole that gait line and pressure are drawn on."""
    layouts = (foot.layout for foot in feet(analysed.prepared.binding).values())
    layout = next((layout for layout in layouts if layout is not None), None)
    if layout is None:
        return None
    return Sole(
        title=layout.title,
        width_per_length=layout.width_mm / layout.length_mm,
        cells=tuple((cell.x, cell.y) for cell in layout.cells),
        outline=layout.outline,
        areas_cm2=tuple(cell.area_cm2 for cell in layout.cells),
    )


def peak_pressures(
    trial: Trial, analysed: Analysed, sample: Sample
) -> dict[StatKey, SoleMap]:
    """Return the highest pressure of every cell, mean over stances, per foot.

    Stances of up to six stretches of the run are read again from the trial; the swing
    is their zero. A foot whose load is withheld or whose cells have no unit has none.
    """
    found: dict[StatKey, SoleMap] = {}
    for side, foot in feet(analysed.prepared.binding).items():
        if side not in sample.sides or foot.cells is None or foot.layout is None:
            continue
        may = np.isfinite(sample.measured(METRICS["cop_ml_excursion_pct"], side))
        strides = [it.stride for it in sample.valid(side)]
        known = [it for it, show in zip(strides, may, strict=True) if show]
        begins = np.linspace(0, max(len(known) - _IN_A_ROW, 0), _STRETCHES).astype(int)
        chosen = sorted({int(at) + step for at in begins for step in range(_IN_A_ROW)})
        made = cell_map(trial, foot, [known[it] for it in chosen if it < len(known)])
        per_kpa = _KPA.get(made.unit)
        if made.n < 2 or per_kpa is None:
            continue
        peaks = np.array(made.highest) * per_kpa
        if made.unit == "N":
            peaks = peaks / (foot.layout.areas_cm2 * KPA_CM2_TO_N)
        peak_kpa = tuple(np.round(np.fmax(peaks, 0.0), 1).tolist())
        found[side] = SoleMap(peak_kpa, made.n, sample.expected(side))
    return found


# ------------------------------------------------------------------------ the pelvis
class PelvisWatch:
    """Collects how far the swing side drops over the stance, from a spread of strides.

    Give :meth:`look` to the analysis. Of a long run every second, fourth, ... stride is
    kept, so that an hour costs what a minute does.
    """

    def __init__(self) -> None:
        self._kept: dict[StatKey, list[tuple[float, Floats]]] = {}
        self._seen: dict[StatKey, int] = {}
        self._every: dict[StatKey, int] = {}

    def look(self, data: StrideData) -> None:
        """Take the next valid stride."""
        side = data.stride.side
        if side == "unknown" or data.stride.to_s is None:
            return
        number, every = self._seen.get(side, 0), self._every.get(side, 1)
        self._seen[side] = number + 1
        if number % every or "pelvis" not in data.segments:
            return
        strides = StrideStack.of_one(data)
        try:
            segment(strides, "pelvis", zeroed=True)
            angle = obliquity(strides, "pelvis")
        except (NotMeasuredError, ApartError):
            return
        at_s = data.stride.ic_s + _STANCE * (data.stride.to_s - data.stride.ic_s)
        drop = np.interp(at_s, angle.axis.t_s, angle.y)
        own = self._kept.setdefault(side, [])
        own.append((data.stride.ic_s, drop if side == "left" else -drop))
        if len(own) >= _MOST_CURVES:
            del own[1::2]
            self._every[side] = 2 * every

    def curves(self, sample: Sample) -> dict[StatKey, MeanCurve]:
        """Return mean and SD per foot, of the strides that the metric of it uses.

        What is shown while the trial is read may be left out when it is known whole.
        """
        found: dict[StatKey, MeanCurve] = {}
        metric = METRICS["pelvic_drop_deg"]
        for side in sample.sides:
            may = np.isfinite(sample.measured(metric, side))
            records = zip(sample.valid(side), may, strict=True)
            used = {record.stride.ic_s for record, show in records if show}
            drops = [it for ic_s, it in self._kept.get(side, []) if ic_s in used]
            mean = mean_curve(drops, sample.expected(side))
            if mean is not None:
                found[side] = mean
        return found
