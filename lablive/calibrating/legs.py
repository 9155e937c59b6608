"""Which leg is lifted, by every sensor of it: left and right mixed up are found.

While marching, the insole of the lifted foot is unloaded and the sensors of that leg
turn. A pair of sensors that follows the other leg is swapped.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from lablive.names import SIDES
from lablive.signals.insole import feet, total_n

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lablive.calibrating.phases import Phase
    from lablive.calibrating.rows import Lab
    from lablive.messages import Floats
    from lablive.signals.segment_axes import ImuRows

_ROW_S: Final = 0.05
_AGREES: Final = 0.3  # [design] correlation; opposite legs reach -0.8
_PARTS: Final = ("thigh", "shank", "foot")


def swapped_pairs(
    lab: Lab, phase: Phase, rows: Mapping[str, ImuRows]
) -> dict[str, str]:
    """Return part -> cause and remedy for every pair that follows the other leg.

    Parameters
    ----------
    lab, phase
        The marching steps.
    rows
        Site -> rows of the steps.

    Notes
    -----
    The insoles are believed, else the majority of three pairs; two pairs that disagree
    are both named. One pair alone, or sensors that are all swapped, cannot be told.
    """
    t_s = np.arange(phase.t0_s, phase.t1_s, _ROW_S)
    pairs: dict[str, Floats] = {}
    for part in _PARTS:
        both = [rows.get(f"{part}_{side}") for side in SIDES]
        if all(own is not None and own.gyro is not None for own in both):
            left, right = (_turning(own, t_s) for own in both if own is not None)
            pairs[part] = left - right
    soles = _soles(lab, phase, t_s)
    if soles is not None:
        wrong = [part for part, way in pairs.items() if _alike(way, soles) < -_AGREES]
        return {part: _text(part, "or the insoles are") for part in wrong}
    if len(pairs) < 2:
        return {}
    against = {
        part: [other for other in pairs if _alike(way, pairs[other]) < -_AGREES]
        for part, way in pairs.items()
    }
    if len(pairs) == 2:
        doubtful = [part for part, others in against.items() if others]
        return {part: _text(part, f"or the {against[part][0]} sensors are")
                for part in doubtful}  # fmt: skip
    wrong = [part for part, others in against.items() if len(others) == 2]
    return {part: _text(part, "both other pairs say so") for part in wrong}


def _text(part: str, or_else: str) -> str:
    return (
        f"The left and right {part} sensors are swapped ({or_else}): each moved while "
        "the other leg was lifted. Exchange them, or their roles in the montage, then "
        "repeat stand and steps."
    )


def _turning(rows: ImuRows | None, t_s: Floats) -> Floats:
    """Return how fast a sensor turns at every ``t_s``, shape (rows,)."""
    if rows is None or rows.gyro is None or len(rows.t_s) < 2:
        return np.zeros(len(t_s))
    speed = np.linalg.norm(np.nan_to_num(rows.gyro), axis=1)
    window = max(1, round(0.3 / float(np.median(np.diff(rows.t_s)))))
    smooth = np.convolve(speed, np.ones(window) / window, "same")
    return np.interp(t_s, rows.t_s, smooth)


def _soles(lab: Lab, phase: Phase, t_s: Floats) -> Floats | None:
    """Return how much more the right sole carries: the left foot is lifted."""
    found: list[Floats] = []
    for foot in feet(lab.binding).values():
        stretch = lab.sole(foot, phase)
        total = total_n(foot.raw(stretch.x), foot.shares)
        known = np.isfinite(total)
        if np.count_nonzero(known) < 2:
            return None
        found.append(np.interp(t_s, stretch.t_s[known], total[known]))
    if len(found) < len(SIDES):
        return None
    left, right = found
    return right - left


def _alike(one: Floats, other: Floats) -> float:
    """Return the correlation of two curves, 0 when one does not change."""
    a, b = one - one.mean(), other - other.mean()
    size = float(np.sqrt((a @ a) * (b @ b)))
    return float(a @ b) / size if size > 0 else 0.0
