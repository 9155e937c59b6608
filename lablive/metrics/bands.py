"""What a value's colour means: good, caution or poor, from ``configs/metrics.toml``."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Final, Literal

import msgspec

from lablive.config import Problem, load_toml, parse_toml
from lablive.metrics.metric import NAN
from lablive.metrics.registry import METRICS

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

Verdict = Literal["good", "caution", "poor"]
Span = tuple[float, float]
_SCHEMA: Final = 1


class Faster(msgspec.Struct, frozen=True):
    """How spans move with the belt speed."""

    above_mps: float
    per_mps: float


class PoorWith(msgspec.Struct, frozen=True):
    """Another metric that must reach a value before anything is poor."""

    metric: str
    least: float


class Band(msgspec.Struct, frozen=True):
    """Band of one metric.

    Attributes
    ----------
    grade
        Evidence behind the cut-offs, D = lab default, "" = none.
    info, typical
        No colour; what is usual.
    good, caution
        Closed spans; outside both is poor.
    absolute
        The sign of the value does not matter.
    any_speed
        Holds outside the speeds of the file.
    faster
        Above this belt speed in m/s the spans move up by so much per m/s.
    poor_with
        Beyond both spans is poor only together with this, else caution.
    """

    grade: Literal["", "A", "B", "C", "D"] = ""
    info: bool = False
    typical: Span | None = None
    good: Span | None = None
    caution: Span | None = None
    absolute: bool = False
    any_speed: bool = False
    faster: Faster | None = None
    poor_with: PoorWith | None = None


class Bands(msgspec.Struct, frozen=True):
    """Bands of every metric, and the belt speeds they hold for."""

    schema: int
    speeds_mps: Span
    band: dict[str, Band]

    def judge(
        self, metric_id: str, value: float, speed_mps: float, with_value: float = NAN
    ) -> Verdict | None:
        """Return the colour of a value; None where none is due.

        ``speed_mps`` NaN = not known: most bands were found at running speeds only,
        so that they are silent then. ``with_value``: of the metric in ``poor_with``.
        """
        band = self.band[metric_id]
        if band.info or band.good is None or value != value:
            return None
        slowest, fastest = self.speeds_mps
        if not (band.any_speed or slowest <= speed_mps <= fastest):
            return None
        size = abs(value) if band.absolute else value
        if band.faster is not None and speed_mps > band.faster.above_mps:
            size -= band.faster.per_mps * (speed_mps - band.faster.above_mps)
        if _inside(size, band.good):
            return "good"
        if band.caution and _inside(size, band.caution):
            return "caution"
        alone = band.poor_with is not None and not with_value >= band.poor_with.least
        return "caution" if alone else "poor"


def load_bands(path: Path | None = None) -> Bands:
    """Read the bands that come with the program, or a lab's own file.

    Raises
    ------
    ConfigError
        Lists every problem at once, with its line.
    """
    return _shipped() if path is None else load_toml(path, Bands, _check)


@cache
def _shipped() -> Bands:
    """Return the bands of the program: they never change while it runs."""
    shipped = files("configs").joinpath("metrics.toml")
    return parse_toml(shipped.read_text(encoding="utf-8"), Bands, str(shipped), _check)


def span_text(span: Span) -> str:
    """Return a span as people read it: ``≤ 5``, ``≥ 20``, ``3 to 12``."""
    low, high = span
    if low == -float("inf"):
        return f"≤ {high:g}".replace("-", "−")
    if high == float("inf"):
        return f"≥ {low:g}".replace("-", "−")
    return f"{low:g} to {high:g}".replace("-", "−")


def _inside(value: float, span: Span) -> bool:
    return span[0] <= value <= span[1]


def _check(bands: Bands) -> list[Problem]:
    return list(_problems(bands))


def _problems(bands: Bands) -> Iterator[Problem]:
    if bands.schema != _SCHEMA:
        what = f"schema {bands.schema} is not known; this program reads {_SCHEMA}"
        yield ("schema",), what
    for metric_id, band in bands.band.items():
        key = ("band", metric_id)
        if metric_id not in METRICS:
            yield key, f"there is no metric {metric_id}; known: {', '.join(METRICS)}"
        if band.info == (band.good is not None):
            yield key, f"{metric_id}: give either info = true or a good span"
        if band.poor_with is not None and band.poor_with.metric not in METRICS:
            what = f"{metric_id}: there is no metric {band.poor_with.metric}"
            yield (*key, "poor_with"), what
        for name in ("typical", "good", "caution"):
            span = getattr(band, name)
            if span is not None and not span[0] < span[1]:
                yield (*key, name), f"{metric_id}.{name}: lower edge first, then upper"
    missing = [metric_id for metric_id in METRICS if metric_id not in bands.band]
    if missing:
        yield (), f"no band for {', '.join(missing)}; write info = true for no colour"
