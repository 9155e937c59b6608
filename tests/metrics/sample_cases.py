"""Hand-made strides and samples."""

from __future__ import annotations

from lablive.gait.strides import Stride
from lablive.metrics.against import OwnBaseline
from lablive.metrics.belt import BeltSpeed
from lablive.metrics.metric import StrideData
from lablive.metrics.record import StrideRecord
from lablive.metrics.registry import measure
from lablive.metrics.summary import Sample
from lablive.metrics.weight import Weight


def stride(
    side="left",
    ic_s=0.0,
    contact_s=0.25,
    stride_s=0.74,
    gait="run",
    valid=True,
    expected=1,
    **changed,
):
    half_s = stride_s / 2
    opposite_to_s = ic_s + half_s + contact_s
    if opposite_to_s > ic_s + stride_s:
        opposite_to_s -= stride_s
    about = {
        "side": side,
        "ic_s": ic_s,
        "to_s": ic_s + contact_s,
        "next_ic_s": ic_s + stride_s,
        "opposite_ic_s": ic_s + half_s,
        "opposite_to_s": opposite_to_s,
        "valid": valid,
        "reasons": () if valid else ("gap",),
        "source": "treadmill" if side == "unknown" else "insole",
        "gait": gait,
        "expected": expected,
    }
    return Stride(**(about | changed))


def record(made):
    return StrideRecord(made, measure(StrideData(made)) if made.valid else {})


def own(value, **changed):
    """Return a baseline at 3 m/s that ended at time 0."""
    about = {"end_s": 0.0, "source": "insole", "low_mps": 3.0, "high_mps": 3.0}
    return OwnBaseline(value, **(about | changed))


def belt(constant):
    return BeltSpeed(constant, streams=constant is None)


def sample(strides, **more):
    records = {
        side: [record(made) for made in found] for side, found in strides.items()
    }
    about = {"weight": Weight(), "belt": BeltSpeed(None, streams=False)}
    return Sample(records=records, **(about | more))
