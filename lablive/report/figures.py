"""Curves for the report: mean and SD over strides, axis ticks, words for the blind.

The template draws them; these functions only prepare numbers and text.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from lablive.report.data import MeanCurve, Sole, SoleMap, Trace
from lablive.report.numbers import number
from lablive.report.tables import FEW

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from lablive.metrics.metric import StatKey
    from lablive.report.words import Words

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


def value_ticks(
    lowest: float, highest: float, at_most: int = 5
) -> list[tuple[float, str]]:
    """Return round values that enclose a span, with their texts.

    >>> value_ticks(-2.1, 3.0)
    [(-4.0, '\u22124'), (-2.0, '\u22122'), (0.0, '0'), (2.0, '2'), (4.0, '4')]
    """
    span = max(highest - lowest, 1e-3)
    raw = span / (at_most - 1)
    power = 10.0 ** math.floor(math.log10(raw))
    step, first, last = power, 0, at_most
    for step in (power * m for m in (1, 2, 5, 10, 20)):
        first = math.floor(lowest / step + 1e-9)
        last = max(math.ceil(highest / step - 1e-9), first + 1)
        if last - first < at_most:
            break
    decimals = max(0, -math.floor(math.log10(step) + 1e-9))
    return [(it * step, number(it * step, decimals)) for it in range(first, last + 1)]


def force_figure(
    force: Mapping[StatKey, MeanCurve], force_from: str, words: Words
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
            "few": _few(force[side]),
        }
        top = int(mean.argmax())
        at = force[side].percent[top]
        told.append(
            words.say(
                "{side}, mean of {n} stances, highest at {at} % of stance, "
                "{peak} body weights",
                side=words.say(_WORDS[side]), n=force[side].n, at=at,
                peak=f"{mean[top]:.2f}",
            )
        )  # fmt: skip
    alt = words.say(
        "Curves of {source} force in body weights over the stance from foot contact "
        "(0 %) to toe-off (100 %), mean and one SD: {sides}.",
        source=words.say(force_from),
        sides="; ".join(told),
    )
    return {"sides": sides, "ticks": axis_ticks(highest), "alt": alt}


def pelvis_figure(
    pelvis: Mapping[StatKey, MeanCurve], words: Words, few: Sequence[StatKey] = ()
) -> dict[str, Any] | None:
    """Prepare the drop of the pelvis over the stance: mean and SD of each foot.

    ``few``: the feet that are marked for gaps; curves of a long run are some of many.
    """
    if not pelvis:
        return None
    sides: dict[str, Any] = {}
    told: list[str] = []
    edges: list[float] = []
    for side, curve in pelvis.items():
        mean, sd = (np.array(part)[:, 0] for part in (curve.mean, curve.sd))
        edges += [float((mean - sd).min()), float((mean + sd).max())]
        sides[side] = {
            "percent": curve.percent,
            "mean": mean.tolist(),
            "low": (mean - sd).tolist(),
            "high": (mean + sd).tolist(),
            "count": _count(curve),
            "few": side in few,
        }
        told.append(
            words.say(
                "{side}, highest {peak} degrees, mean of {n} stances",
                side=words.say(_WORDS[side]), peak=number(float(mean.max()), 1),
                n=curve.n,
            )
        )  # fmt: skip
    alt = words.say(
        "Drop of the pelvis on the swing side over the stance, degrees from standing: "
        "{sides}.",
        sides="; ".join(told),
    )
    return {"sides": sides, "ticks": value_ticks(min(edges), max(edges)), "alt": alt}


def gait_line_figure(
    gait_line: Mapping[StatKey, MeanCurve],
    sole: Sole | None,
    soles: Mapping[StatKey, SoleMap],
    words: Words,
) -> dict[str, Any] | None:
    """Prepare the sole figure: path of the pressure's centre, highest pressures."""
    if not gait_line and not soles:
        return None
    sole = sole or Sole(title="", width_per_length=0.37)
    sides: dict[str, Any] = {}
    told: list[str] = []
    highest = max((max(it.peak_kpa) for it in soles.values()), default=0.0)
    for side in _SHOWN:
        if side in gait_line:
            path = gait_line[side]
            mean, sd = np.array(path.mean), np.array(path.sd)
            sides[side] = {
                "percent": path.percent,
                "x": mean[:, 0].tolist(),
                "y": mean[:, 1].tolist(),
                "low": (mean[:, 0] - sd[:, 0]).tolist(),
                "high": (mean[:, 0] + sd[:, 0]).tolist(),
                "count": _count(path),
                "few": _few(path),
            }
            told.append(
                words.say(
                    "{side}, mean of {n} stances, from {begin} to {end} % of insole "
                    "length",
                    side=words.say(_WORDS[side]), n=path.n,
                    begin=f"{100 * mean[0, 1]:.0f}", end=f"{100 * mean[-1, 1]:.0f}",
                )
            )  # fmt: skip
        if side in soles:
            top = max(soles[side].peak_kpa)
            told.append(
                words.say(
                    "{side}, highest pressure {peak} kPa, mean of {n} stances",
                    side=words.say(_WORDS[side]), peak=f"{top:.0f}", n=soles[side].n,
                )
            )  # fmt: skip
    pressures = {
        side: {
            "share": [max(0.0, it / highest) if highest else 0.0 for it in of.peak_kpa],
            "top": f"{max(of.peak_kpa):.0f}",
            "n": of.n,
        }
        for side, of in soles.items()
    }
    alt = words.say(
        "Soles of both feet from above with the mean path of the centre of pressure "
        "from foot contact to toe-off: {sides}.",
        sides="; ".join(told),
    )
    return {
        "sides": sides,
        "pressures": pressures,
        "radii": _radii(sole),
        "title": sole.title,
        "width_per_length": sole.width_per_length,
        "cells": sole.cells,
        "outline": sole.outline,
        "alt": alt,
    }


def _radii(sole: Sole) -> list[float]:
    """Return how large each cell is drawn, in insole lengths: as its sensing area.

    Circles that would overlap their nearest neighbour shrink to it.
    """
    if not sole.areas_cm2:
        return []
    points = np.array(sole.cells) * (sole.width_per_length, 1.0)
    apart = np.hypot(*(points[:, np.newaxis] - points[np.newaxis]).transpose(2, 0, 1))
    np.fill_diagonal(apart, np.inf)
    half = apart.min(axis=1) / 2 if len(points) > 1 else np.array([0.05])
    return np.round(0.94 * half, _DECIMALS).tolist()


def trace_figure(
    of: Mapping[StatKey, Trace],
    name: str,
    unit: str,
    parts: Sequence[tuple[str, float, float]],
    duration_s: float,
    words: Words,
) -> dict[str, Any]:
    """Prepare a figure of one metric over the run.

    Parameters
    ----------
    of
        Per foot.
    name, unit, words
        For its text.
    parts
        Kind, begin and end of what was marked, in seconds from the start.
    duration_s
        Length of the trial.
    """
    minutes = duration_s / 60.0
    lows = [it for trace in of.values() for it in trace.low]
    highs = [it for trace in of.values() for it in trace.high]
    ticks = value_ticks(min(lows), max(highs))
    step = next(
        (it for it in (0.25, 0.5, 1, 2, 5, 10, 15, 20, 30, 60) if minutes / it <= 12),
        120,
    )
    marks = np.arange(0.0, minutes + 1e-9, step).tolist()
    bins = next(iter(of.values())).bin_s
    told = "; ".join(
        words.say(
            "{side}, first {first}, last {last} {unit}, {n} of {m} strides",
            side=words.say(_WORDS[side]), first=number(trace.median[0], 1),
            last=number(trace.median[-1], 1), unit=unit, n=trace.n, m=trace.n_total,
        )
        for side, trace in of.items()
    )  # fmt: skip
    return {
        "sides": {
            side: {
                "t": [round(it / 60.0, 4) for it in trace.t_s],
                "mid": trace.median,
                "low": trace.low,
                "high": trace.high,
                "count": _count(trace),
                "few": _few(trace),
            }
            for side, trace in of.items()
        },
        "single": bins == 0.0,
        "about": words.say("every stride")
        if bins == 0.0
        else words.say("{n} s medians, 10 – 90 %", n=f"{bins:g}"),
        "minutes": minutes,
        "ticks": ticks,
        "marks": [(it, f"{it:g}") for it in marks],
        "parts": [
            (words.say(kind), begin / 60.0, end / 60.0) for kind, begin, end in parts
        ],
        "alt": words.say("{name} over the run: {sides}.", name=name, sides=told),
    }


def _count(of: MeanCurve | Trace) -> str:
    return f"n {of.n}/{of.n_total}"


def _few(of: MeanCurve | Trace) -> bool:
    return of.n < FEW * of.n_total
