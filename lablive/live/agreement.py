"""Whether live and replay found the same, to the last bit."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from lablive.messages import Values
    from lablive.metrics.record import StrideRecord
    from lablive.pipeline import Pipeline


def differences(live: Pipeline, replayed: Pipeline) -> list[str]:
    """Return one sentence per kind of difference; none means bit for bit equal."""
    found: list[str] = []
    if live.contacts != replayed.contacts:
        found.append(
            f"contacts differ: {len(live.contacts)} live, {len(replayed.contacts)} "
            "replayed"
        )
    pairs = list(zip(live.strides, replayed.strides, strict=False))
    wrong = sum(not _same(one, other) for one, other in pairs)
    if wrong or len(live.strides) != len(replayed.strides):
        found.append(
            f"strides differ: {len(live.strides)} live, {len(replayed.strides)} "
            f"replayed, {wrong} of {len(pairs)} not equal"
        )
    return found


def _same(one: StrideRecord, other: StrideRecord) -> bool:
    return (
        one.stride == other.stride
        and one.values.keys() == other.values.keys()
        and all(_equal(one.values[key], other.values[key]) for key in one.values)
        and one.lacks == other.lacks
        and one.notes == other.notes
        and _same_curve(one.force_curve, other.force_curve)
        and _same_curve(one.gait_line, other.gait_line)
    )


def _equal(one: float, other: float) -> bool:
    return one == other or (one != one and other != other)


def _same_curve(one: Values | None, other: Values | None) -> bool:
    if one is None or other is None:
        return one is other
    return np.array_equal(one, other, equal_nan=True)
