"""Skill 3, what is heard: level of each footfall against the person's own baseline.

Metric reference, section 5. Sound works as a cue within one person, shoe, speed and
place of the microphone; people are never compared by it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from lablive.metrics.against import against_baseline
from lablive.metrics.derived import difference_of
from lablive.metrics.metric import (
    NAN,
    Found,
    Metric,
    StrideData,
    sample_metric,
    stride_metric,
)
from lablive.metrics.shared import NotMeasuredError
from lablive.names import SIDES

if TYPE_CHECKING:
    from lablive.messages import Floats
    from lablive.metrics.metric import SoundStride, StatKey
    from lablive.metrics.summary import Sample

_CALIBRATED: Final = "Pa^2"


def _centred(_: Sample) -> str:
    return "holds for a microphone on the centre line of the belt"


@stride_metric(
    label="footfall exposure level",
    unit="dB",
    skill="landing",
    sensors=("microphone",),
    direction="information",
    citation="5.1; S58",
    signals=("sound",),
)
def footfall_sel_db(data: StrideData) -> float:
    """A-weighted sound exposure level of the footfall, noise subtracted."""
    return _sound(data).a.sel_db


@stride_metric(
    label="footfall exposure level",
    unit="dB(A)",
    skill="landing",
    sensors=("calibrated microphone",),
    direction="information",
    citation="5.1; S58",
    signals=("sound",),
)
def footfall_sel_dba(data: StrideData) -> float:
    """A-weighted sound exposure level, -20 to 130 ms around what is heard."""
    return _calibrated(_sound(data)).a.sel_db


@stride_metric(
    label="footfall peak level",
    unit="dB(A)",
    skill="landing",
    sensors=("calibrated microphone",),
    direction="information",
    citation="5.1",
    signals=("sound",),
)
def footfall_peak_dba(data: StrideData) -> float:
    """Highest A-weighted 10 ms level of the footfall."""
    return _calibrated(_sound(data)).a.peak_db


@stride_metric(
    label="noise between footfalls",
    unit="dB(A)",
    skill="landing",
    sensors=("calibrated microphone",),
    direction="information",
    grade="D",
    citation="5.1",
    signals=("sound",),
    formula="A-weighted level of the belt between footfalls",
    remark=lambda sample: _over_noise(sample),
)
def noise_floor_dba(data: StrideData) -> float:
    """A-weighted level of the belt between footfalls."""
    if data.sound is None:
        raise NotMeasuredError("no sound was recorded at this contact")
    return _calibrated(data.sound).noise_db[0]


@stride_metric(
    label="footfall over the noise",
    unit="dB",
    skill="landing",
    sensors=("microphone",),
    direction="higher is better",
    citation="5.1",
    signals=("sound",),
)
def over_noise_db(data: StrideData) -> float:
    """Exposure level over that of the noise alone."""
    return NAN if data.sound is None else data.sound.a.over_noise_db


@stride_metric(
    label="latency of the microphone",
    unit="ms",
    skill="landing",
    sensors=("microphone", "insole"),
    direction="information",
    grade="D",
    citation="5.3",
    signals=("sound",),
)
def sound_latency_ms(data: StrideData) -> float:
    """How much later than its contact a footfall is heard, as calibrated."""
    return NAN if data.sound is None else 1e3 * data.sound.latency_s


@sample_metric(
    label="footfall level against the own baseline",
    unit="dB",
    skill="landing",
    sensors=("microphone",),
    direction="lower is better",
    grade="C",
    citation="5.4; S10, S11, S14, S15",
    signals=("sound",),
    formula="exposure level less the median of the same foot's baseline minute",
)
def footfall_rel_db(sample: Sample) -> Found:
    """Return how much louder than in the baseline minute each foot lands."""
    sides: dict[StatKey, Floats] = {}
    refused: NotMeasuredError | None = None
    for side in SIDES:
        try:
            level, base = against_baseline(sample, footfall_sel_db, side).T
            sides[side] = level - base
        except NotMeasuredError as refusal:
            refused = refusal
    if not sides and refused is not None:
        raise refused
    sides["both"] = np.concatenate(list(sides.values()))
    return Found({key: sample.stat_of(values, key) for key, values in sides.items()})


def _over_noise(sample: Sample) -> str:
    over = sample.values(over_noise_db, "both")
    if not len(over):
        return ""
    return f"footfalls stand {np.median(over):.0f} dB out of it"


def _sound(data: StrideData) -> SoundStride:
    if data.sound is None:
        raise NotMeasuredError("no sound was recorded at this contact")
    if not data.sound.measurable:
        told = {
            "not measurable": "footfalls do not stand out of the belt's noise by 3 dB",
            "noise not known": "the belt's noise is not known yet",
        }
        quality = data.sound.a.quality
        raise NotMeasuredError(told.get(quality, "sound is missing at these contacts"))
    return data.sound


def _calibrated(sound: SoundStride) -> SoundStride:
    if sound.unit != _CALIBRATED:
        raise NotMeasuredError("needs a calibrated microphone; this one is relative")
    return sound


footfall_lr_db = difference_of(
    footfall_sel_db, "footfall_lr_db", "sound of the right foot less the left",
    remark=_centred,
)  # fmt: skip

PARTS: Final[tuple[Metric, ...]] = (footfall_sel_db, over_noise_db)
METRICS: Final[tuple[Metric, ...]] = (
    footfall_rel_db,
    footfall_sel_dba,
    footfall_peak_dba,
    footfall_lr_db,
    noise_floor_dba,
    sound_latency_ms,
)
