"""Skill 5, the glutei: how strong, when, and whether at all (metric reference 7).

Amplitudes are in percent of the muscle's own reference (task peak or MVC). A low push-
off value is normal: the gluteus maximus works in late swing and early stance.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from lablive.metrics.derived import share_of, symmetry_of
from lablive.metrics.metric import NAN, Metric, StrideData, stride_metric
from lablive.metrics.shared import NotMeasuredError, shared

if TYPE_CHECKING:
    from collections.abc import Callable

    from lablive.metrics.summary import Sample
    from lablive.signals.emg_activation import Activation

_DEAD: Final = ("flat", "lead-off")  # no signal to measure
_GLUTEI: Final = ("gluteus_maximus", "gluteus_medius")


class _Muscle(NamedTuple):
    """A muscle and how its metrics begin."""

    name: str
    prefix: str
    label: str


_GMAX: Final = _Muscle("gluteus_maximus", "gmax", "Gmax")
_GMED: Final = _Muscle("gluteus_medius", "gmed", "Gmed")


def _metric(
    muscle: _Muscle,
    ending: str,
    label: str,
    unit: str,
    formula: str,
    number: Callable[[StrideData, str], float],
    **about: str | bool,
) -> Metric:
    """Return a metric of one muscle of the stride's own side."""

    def of_stride(data: StrideData) -> float:
        return number(data, muscle.name)

    told = {"direction": "information", "grade": "", "citation": "7"} | about
    return stride_metric(
        id=f"{muscle.prefix}_{ending}",
        label=f"{muscle.label} {label}",
        unit=unit,
        skill="drive",
        sensors=("EMG",),
        signals=(muscle.name,),
        formula=formula,
        **told,
    )(of_stride)


@shared
def _activity(data: StrideData, muscle: str) -> Activation:
    """Return what a muscle did, in the unit of its channel."""
    found = data.emg.get(f"{muscle}_{data.stride.side}")
    if found is None:
        raise NotMeasuredError(f"no EMG of the {_words(muscle)} in this stride")
    dead = [flag for flag in found.flags if flag in _DEAD]
    if dead:
        raise NotMeasuredError(f"the {_words(muscle)} has no signal ({dead[0]})")
    return found.activation


@shared
def _percent(data: StrideData, muscle: str) -> Activation:
    """Return what a muscle did, in percent of its reference."""
    activity = _activity(data, muscle)
    full = data.emg[f"{muscle}_{data.stride.side}"].full
    if not full > 0:
        raise NotMeasuredError(
            f"what is 100 % of the {_words(muscle)} is not known: it needs 20 strides "
            "at the reference speed, or a strongest contraction"
        )
    return activity.in_percent(full)


def _burst(data: StrideData, muscle: str) -> float:
    burst = _activity(data, muscle).burst
    if burst != burst:
        raise NotMeasuredError(f"needs the {_words(muscle)} at rest, 3 s relaxed")
    return burst


def _onset_ms(data: StrideData, muscle: str) -> float:
    onset_ms = _activity(data, muscle).onset_ms
    if onset_ms != onset_ms and _burst(data, muscle):
        raise NotMeasuredError(
            f"the begin of a burst of the {_words(muscle)} cannot be told: less than "
            "6 dB over the rest, or a source without timing"
        )
    return onset_ms


def _words(muscle: str) -> str:
    return muscle.replace("_", " ")


gmax_drive_pct = _metric(
    _GMAX, "drive_pct", "swing to mid-stance", "% ref",
    "Mean envelope, -10 to 60 % of stance, in % of the reference",
    lambda data, muscle: _percent(data, muscle).drive_mean,
    direction="higher is better", grade="D", contested=True, citation="7; S47",
)  # fmt: skip
gmax_pushoff_pct = _metric(
    _GMAX, "pushoff_pct", "in push-off", "% ref",
    "Mean envelope, 60 to 100 % of stance, in % of the reference",
    lambda data, muscle: _percent(data, muscle).pushoff_mean,
    grade="D", contested=True, citation="7; S47, S48",
)  # fmt: skip
gmax_stance_mean_pct = _metric(
    _GMAX, "stance_mean_pct", "mean in stance", "% ref",
    "Mean envelope in stance, in % of the reference",
    lambda data, muscle: _percent(data, muscle).stance_mean,
)  # fmt: skip
gmax_stance_peak_pct = _metric(
    _GMAX, "stance_peak_pct", "peak in stance", "% ref",
    "Highest envelope in stance, in % of the reference",
    lambda data, muscle: _percent(data, muscle).stance_peak,
)  # fmt: skip
gmed_stance_peak_pct = _metric(
    _GMED, "stance_peak_pct", "peak in stance", "% ref",
    "Highest envelope in stance, in % of the reference",
    lambda data, muscle: _percent(data, muscle).stance_peak,
    citation="7; S48",
)  # fmt: skip
gmed_stance_mean_pct = _metric(
    _GMED, "stance_mean_pct", "mean in stance", "% ref",
    "Mean envelope in stance, in % of the reference",
    lambda data, muscle: _percent(data, muscle).stance_mean,
)  # fmt: skip
_PEAK_TIMES: Final = tuple(
    _metric(
        muscle, "peak_time_pct", "peak time", "% stance",
        "When the envelope peaks, -30 to 100 % of stance",
        lambda data, name: _activity(data, name).peak_time_pct,
        direction="in a band", grade="D", citation=f"7; {source}",
    )
    for muscle, source in ((_GMAX, "S47"), (_GMED, "S48"))
)  # fmt: skip
_ONSETS: Final = tuple(
    _metric(
        muscle, "onset_ms", "onset after contact", "ms",
        "Begin of the burst that overlaps stance less contact, - = before",
        _onset_ms,
        direction="lower is better", grade="D",
    )
    for muscle in (_GMAX, _GMED)
)  # fmt: skip
_BURSTS: Final = tuple(
    _metric(
        muscle, "burst", "burst", "1", "A burst overlaps stance", _burst,
        direction="higher is better", grade="D",
    )
    for muscle in (_GMAX, _GMED)
)  # fmt: skip
gmax_burst_present_pct, gmed_burst_present_pct = (
    share_of(part, f"{part.id}_present_pct", f"strides with a {muscle.label} burst")
    for part, muscle in zip(_BURSTS, (_GMAX, _GMED), strict=True)
)
gmax_si_pct = symmetry_of(gmax_stance_mean_pct, "gmax_si_pct", "Gmax asymmetry")
gmed_si_pct = symmetry_of(gmed_stance_mean_pct, "gmed_si_pct", "Gmed asymmetry")


def _flags(sample: Sample) -> str:
    told = [note for muscle in _GLUTEI for note in sample.notes(muscle)]
    return "; ".join(dict.fromkeys(told))


@stride_metric(
    label="EMG warnings",
    unit="1",
    skill="drive",
    sensors=("EMG",),
    direction="lower is better",
    grade="D",
    citation="7",
    remark=_flags,
)
def emg_quality(data: StrideData) -> float:
    """Count the warnings of the worse gluteal channel: hum, clip, movement, SNR."""
    counts = [len(data.emg[it].flags) for it in data.emg if it.startswith(_GLUTEI)]
    if not counts:
        raise NotMeasuredError("needs EMG of the gluteus maximus or medius")
    return float(max(counts))


@stride_metric(
    label="calf / Gmax in push-off",
    unit="1",
    skill="drive",
    sensors=("EMG",),
    direction="information",
    grade="D",
    citation="10",
    signals=("gastrocnemius", "gluteus_maximus"),
)
def calf_glute_ratio(data: StrideData) -> float:
    """Push-off mean of the gastrocnemius / of the gluteus maximus, both in % ref."""
    glute = _percent(data, "gluteus_maximus").pushoff_mean
    calf = _percent(data, "gastrocnemius").pushoff_mean
    return calf / glute if glute > 0 else NAN


PARTS: Final[tuple[Metric, ...]] = (*_BURSTS, gmed_stance_mean_pct)
METRICS: Final[tuple[Metric, ...]] = (
    gmax_drive_pct,
    gmax_pushoff_pct,
    gmax_stance_mean_pct,
    gmax_stance_peak_pct,
    _PEAK_TIMES[0],
    _ONSETS[0],
    gmax_burst_present_pct,
    gmax_si_pct,
    gmed_stance_peak_pct,
    _PEAK_TIMES[1],
    _ONSETS[1],
    gmed_burst_present_pct,
    gmed_si_pct,
    emg_quality,
    calf_glute_ratio,
)
