"""Left against right: asymmetry of a run (reference 0.6, 2) and of drills (8.1)."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final, Literal

import msgspec
import numpy as np

from lablive.metrics.derived import symmetry_index_pct
from lablive.metrics.metric import NAN
from lablive.names import Side
from lablive.protocol.baseline import median_of
from lablive.protocol.series import Series, on_ratio_scale
from lablive.protocol.speed import not_comparable

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

# reference 6.1: what a sensor that sits askew adds to one side it takes off the other
_ASKEW: Final = "a pelvis sensor that sits askew by 1° shifts this by 2°"


class Asymmetry(msgspec.Struct, frozen=True):
    """Right minus left of one metric.

    Attributes
    ----------
    value, unit
        Symmetry index 200 (R - L)/(R + L) in percent, or R - L in the metric's unit
        when it has no true zero.
    angle_pct
        Symmetry angle; NaN without a true zero.
    larger
        Side with the larger median.
    n_left, n_right
        Valid strides.
    note
        What limits it.
    low_mps, high_mps
        Belt speed of the strides, lowest and highest.
    """

    metric_id: str
    unit: str
    value: float = NAN
    angle_pct: float = NAN
    larger: Side | Literal["equal", "unknown"] = "unknown"
    n_left: int = 0
    n_right: int = 0
    note: str = ""
    why: str = ""
    low_mps: float = NAN
    high_mps: float = NAN


class LimbSymmetry(msgspec.Struct, frozen=True):
    """Limb symmetry index: 100 involved / uninvolved, or 100 lower / higher.

    Attributes
    ----------
    involved
        None: no side is, the lower mean is held against the higher one.
    n_left, n_right
        Repetitions.
    """

    unit: str = "%"
    value: float = NAN
    involved: Side | None = None
    n_left: int = 0
    n_right: int = 0
    why: str = ""


def asymmetry(left: Series, right: Series) -> Asymmetry:
    """Return the asymmetry of the same metric of both feet.

    Parameters
    ----------
    left, right
        Strides of one stretch of running: one kind of sensor and one speed.
    """
    ratio = on_ratio_scale(left.metric_id, left.unit)
    empty = Asymmetry(
        left.metric_id, "%" if ratio else left.unit, n_left=left.n, n_right=right.n
    )
    on_left, on_right = median_of(left), median_of(right)
    why = not_comparable(left, right)
    for side, median in (("left", on_left), ("right", on_right)):
        why = why or (f"{side}: {median.why}" if median.why else "")
    if not why and ratio and not min(on_left.value, on_right.value) > 0:
        why = "a symmetry index needs positive values"
    if why:
        return msgspec.structs.replace(empty, why=why)
    speeds_mps = np.concatenate((left.speed_mps, right.speed_mps))
    index = symmetry_index_pct(on_left.value, on_right.value)
    angle = symmetry_angle_pct(on_left.value, on_right.value)
    return msgspec.structs.replace(
        empty,
        value=index if ratio else on_right.value - on_left.value,
        angle_pct=angle if ratio else NAN,
        larger=_larger(on_left.value, on_right.value),
        note=_ASKEW if left.metric_id == "pelvic_drop_deg" else "",
        low_mps=float(speeds_mps.min()),
        high_mps=float(speeds_mps.max()),
    )


def symmetry_angle_pct(left: float, right: float) -> float:
    """Return (45° - atan2(L, R)) / 90° in percent; + means the right is larger.

    >>> round(symmetry_angle_pct(250.0, 240.0), 3)
    -1.299
    """
    return (45.0 - math.degrees(math.atan2(left, right))) / 90.0 * 100.0


def limb_symmetry(
    left: ArrayLike, right: ArrayLike, involved: Side | None = None
) -> LimbSymmetry:
    """Return the limb symmetry index of the mean repetitions of a drill.

    Parameters
    ----------
    left, right
        One score per valid repetition, shape (repetitions,); NaN = not measured.
    involved
        The side that was injured; None when neither is.
    """
    scores = [np.asarray(side, dtype=float).ravel() for side in (left, right)]
    found = [score[np.isfinite(score)] for score in scores]
    empty = LimbSymmetry(involved=involved, n_left=len(found[0]), n_right=len(found[1]))
    if not all(len(score) for score in found):
        why = "needs repetitions of both sides"
        return msgspec.structs.replace(empty, why=why)
    on_left, on_right = (float(np.mean(score)) for score in found)
    if min(on_left, on_right) <= 0:
        why = "needs scores above zero"
        return msgspec.structs.replace(empty, why=why)
    share = on_left / on_right
    if involved == "right" or (involved is None and share > 1.0):
        share = 1.0 / share
    return msgspec.structs.replace(empty, value=100.0 * share)


def _larger(left: float, right: float) -> Side | Literal["equal"]:
    if left == right:
        return "equal"
    return "right" if right > left else "left"
