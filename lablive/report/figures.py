"""Curves for the report: mean and SD over strides, axis ticks, words for the blind.

The template draws them; these functions only prepare numbers and text.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from lablive.report.data import MeanCurve, Sole

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from lablive.metrics.metric import StatKey

_POINTS: Final = 101
_SHOWN: Final[tuple[StatKey, ...]] = ("left", "right", "both")
_WORDS: Final[dict[StatKey, str]] = {
    "left": "left",
    "right": "right",
    "both": "both feet",
}
_DECIMALS: Final = 4  # a tenth of a pixel on paper


def mean_curve(curves: Sequence[NDArray[np.float64]], n_total: int) -> MeanCurve | None:
    """Average stance curves, each of shape (101,) or (101, channels), NaN = unknown.

    A point stands when half of the curves know it, so that the ends are not drawn
    from a few odd strides. Returns None with fewer than two curves: one stance has
    no spread to show.
    """
    known_curves = [curve for curve in curves if np.isfinite(curve).any()]
    if len(known_curves) < 2:
        return None
    stack = np.stack([np.reshape(curve, (_POINTS, -1)) for curve in known_curves])
    known = np.asarray(np.isfinite(stack).all(axis=2))
    shown = np.flatnonzero(known.sum(axis=0) >= max(2, len(stack) / 2))
    if not len(shown):
        return None
    values = np.where(known[:, :, np.newaxis], stack, np.nan)[:, shown]
    return MeanCurve(
        percent=tuple(shown.tolist()),
        mean=_rounded(np.nanmean(values, axis=0)),
        sd=_rounded(np.nanstd(values, axis=0, ddof=1)),
        n=len(stack),
        n_total=n_total,
    )


def _rounded(values: NDArray[np.float64]) -> tuple[tuple[float, ...], ...]:
    return tuple(tuple(row) for row in np.round(values, _DECIMALS).tolist())


def axis_ticks(highest: float, at_most: int = 7) -> list[tuple[float, str]]:
    """Return round values from 0 to at least ``highest`` with their texts."""
    highest = max(highest, 0.1)
    raw = highest / (at_most - 1)
    power = 10.0 ** math.floor(math.log10(raw))
    step = next(power * m for m in (1, 2, 5, 10) if power * m >= raw * (1 - 1e-9))
    decimals = max(0, -math.floor(math.log10(step) + 1e-9))
    count = math.ceil(highest / step - 1e-9)
    return [
        (index * step, f"{index * step:.{decimals}f}") for index in range(count + 1)
    ]


def force_figure(
    force: Mapping[StatKey, MeanCurve], force_from: str
) -> dict[str, Any] | None:
    """Prepare the stance-force figure: curves, spread, ticks and alternative text."""
    if not force:
        return None
    sides: dict[str, Any] = {}
    told: list[str] = []
    highest = 0.0
    for side in _SHOWN:
        if side not in force:
            continue
        mean, sd = (np.array(part)[:, 0] for part in (force[side].mean, force[side].sd))
        low, high = mean - sd, mean + sd
        highest = max(highest, float(high.max()))
        sides[side] = {
            "percent": force[side].percent,
            "mean": mean.tolist(),
            "low": np.maximum(low, 0.0).tolist(),
            "high": high.tolist(),
            "count": _count(force[side]),
        }
        top = int(mean.argmax())
        at = force[side].percent[top]
        told.append(
            f"{_WORDS[side]}, mean of {force[side].n} stances, highest at {at} % of "
            f"stance, {mean[top]:.2f} body weights"
        )
    return {
        "sides": sides,
        "ticks": axis_ticks(highest),
        "alt": f"Curves of {force_from} force in body weights over the stance from "
        f"foot contact (0 %) to toe-off (100 %), mean and one SD: {'; '.join(told)}.",
    }


def gait_line_figure(
    gait_line: Mapping[StatKey, MeanCurve], sole: Sole | None
) -> dict[str, Any] | None:
    """Prepare the gait-line figure: centre-of-pressure path on each foot's outline."""
    if not gait_line:
        return None
    sole = sole or Sole(title="", width_per_length=0.37)
    sides: dict[str, Any] = {}
    told: list[str] = []
    for side in _SHOWN:
        if side not in gait_line:
            continue
        path = gait_line[side]
        mean, sd = np.array(path.mean), np.array(path.sd)
        sides[side] = {
            "percent": path.percent,
            "x": mean[:, 0].tolist(),
            "y": mean[:, 1].tolist(),
            "low": (mean[:, 0] - sd[:, 0]).tolist(),
            "high": (mean[:, 0] + sd[:, 0]).tolist(),
            "count": _count(path),
        }
        told.append(
            f"{_WORDS[side]}, mean of {path.n} stances, from {100 * mean[0, 1]:.0f} to "
            f"{100 * mean[-1, 1]:.0f} % of insole length"
        )
    return {
        "sides": sides,
        "title": sole.title,
        "width_per_length": sole.width_per_length,
        "cells": sole.cells,
        "outline": sole.outline,
        "alt": "Soles of both feet from above with the mean path of the centre of "
        f"pressure from foot contact to toe-off: {'; '.join(told)}.",
    }


def _count(curve: MeanCurve) -> str:
    return f"{curve.n} of {curve.n_total} stances"
