"""One metric as the page says it: value, sides, verdict, target, what it stands on.

Pure functions of a snapshot; every block says a metric in the same words.
"""

from __future__ import annotations

import math
from functools import cache
from typing import TYPE_CHECKING, Final, NamedTuple

from ui.numbers import elapsed_text, used_text, value_text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lablive.metrics.bands import Band, Bands
    from lablive.metrics.bands import Verdict as Judged
    from lablive.metrics.metric import StatKey
    from lablive.protocol.baseline import Change
    from lablive.snapshot import Snapshot
    from ui.tokens import Verdict

OLD_S: Final = 2.0  # of the newest step: from then on its numbers say nothing of now
OLD_STRIDES: Final = 2.0  # or so many strides, for who walks slowly
LAB_DEFAULT: Final = "lab default"
_DIGITS: Final = {
    "°": 1, "BW": 2, "BW·s": 3, "dB": 1, "dB(A)": 1, "g": 1, "cm": 1, "kN/m": 1,
    "m/s": 2, "m": 2, "in": 1, "1": 2,
}  # fmt: skip
_FINER: Final = ("_si_pct", "_cv_pct", "cadence_vs_baseline_pct")
_SIGNED: Final = ("_si_pct", "_diff_deg", "_rel_db", "_lr_db", "_vs_baseline_pct")
_WORST: Final[tuple[Verdict, ...]] = ("poor", "caution", "good")


class Reading(NamedTuple):
    """A metric at one moment.

    Attributes
    ----------
    metric, label, unit
        Which.
    digits, signed
        How its numbers are written.
    both, left, right
        Medians; None = not measured.
    verdict, side
        The worse side's, and which side that is when they differ ("" = both, none).
    used, total
        Strides it stands on, of all.
    target, grade
        What is good ("≤ 5°"), and on which evidence ("lab default").
    change
        Against the own baseline, "" when there is none.
    why
        Why there is no number, or what must be known of it.
    old
        Of how long ago it is, "" = it is of now.
    """

    metric: str
    label: str
    unit: str
    digits: int = 0
    signed: bool = False
    both: float | None = None
    left: float | None = None
    right: float | None = None
    verdict: Verdict = "info"
    side: str = ""
    used: int = 0
    total: int = 0
    target: str = ""
    grade: str = ""
    change: str = ""
    why: str = ""
    old: str = ""

    @property
    def is_measured(self) -> bool:
        """Whether there is a number."""
        return self.both is not None or self.left is not None or self.right is not None

    @property
    def least(self) -> float:
        """The smallest range that fills a curve: ten of the last decimal written."""
        return 10.0 ** (1 - self.digits)

    @property
    def lamp(self) -> Verdict:
        """The verdict that may be shown now: none of what is old or missing."""
        return self.verdict if self.is_measured and not self.old else "unknown"

    @property
    def word(self) -> str:
        """The verdict in a word, with the side it is of."""
        return f"{self.lamp} {self.side}".rstrip()

    def number(self, value: float | None) -> str:
        """Return one of its numbers as written, without unit."""
        return value_text(value, self.digits, signed=self.signed)

    @property
    def sides(self) -> str:
        """Both feet, as far as they are known: ``L 3.9 · R 6.2``; else both in one."""
        parts = [
            f"{letter} {self.number(value)}"
            for letter, value in (("L", self.left), ("R", self.right))
            if value is not None
        ]
        return " · ".join(parts) or self.number(self.both)

    @property
    def steps(self) -> str:
        """On how many strides it stands."""
        return used_text(self.used, self.total) if self.total else ""

    @property
    def tip(self) -> str:
        """Everything that is known of it, one thing per line."""
        target = f"target {self.target}" if self.target else ""
        value = f"{self.sides} {self.unit}".rstrip() if self.is_measured else ""
        parts = (self.label, value, self.old, target, self.grade, self.steps,
                 self.change, self.why)  # fmt: skip
        return "\n".join(part for part in parts if part)


def read(metric_id: str, snapshot: Snapshot, at_s: float) -> Reading:
    """Return a metric of a snapshot; ``at_s``: now on the lab clock, or the cursor."""
    from lablive.metrics.registry import METRICS

    metric, band = METRICS[metric_id], bands().band[metric_id]
    found = snapshot.tiles.get(metric_id)
    label = f"{metric.label[:1].upper()}{metric.label[1:]}"
    made = Reading(
        metric_id,
        label,
        metric.unit,
        digits_of(metric_id, metric.unit),
        metric_id.endswith(_SIGNED),
        target=target_text(band, metric.unit),
        grade=grade_text(band.grade or metric.grade),
        why="no steps yet",
    )
    if found is None:
        return made
    value = found.value
    numbers = {
        key: stat.median if stat.n and math.isfinite(stat.median) else None
        for key, stat in (
            ("both", value.stat("both")),
            ("left", value.stat("left")),
            ("right", value.stat("right")),
        )
    }
    verdict, side = _worse(found.verdicts)
    both = value.stat("both")
    made = made._replace(
        both=numbers["both"],
        left=numbers["left"],
        right=numbers["right"],
        verdict=verdict,
        side=side,
        used=both.n,
        total=both.n_total,
        why=value.note or ("" if numbers["both"] is not None else _nothing(both.n)),
    )
    if not made.is_measured:
        return made
    change = snapshot.changes.get(metric_id, {}).get("both")
    return made._replace(
        change=change_text(change, made.digits) if change is not None else "",
        old=age_text(snapshot, at_s, compares="two feet" in metric.needs),
    )


@cache
def bands() -> Bands:
    """Return the bands that are shipped; the first call loads the metrics."""
    from lablive.metrics.bands import load_bands

    return load_bands()


def digits_of(metric_id: str, unit: str) -> int:
    """Return how many decimals a metric is written with."""
    return 1 if metric_id.endswith(_FINER) else _DIGITS.get(unit, 0)


def target_text(band: Band, unit: str) -> str:
    """Return what is good, "" for what is only information."""
    from lablive.metrics.bands import span_text

    if band.info or band.good is None:
        return ""
    size = f"±{band.good[1]:g}" if band.absolute else span_text(band.good)
    return size + (unit if unit == "°" else "")


def grade_text(grade: str) -> str:
    """Return a grade of evidence as the screen says it."""
    return {"": "", "D": LAB_DEFAULT}.get(grade, f"grade {grade}")


def change_text(change: Change, digits: int) -> str:
    """Say what the last minute is against the baseline; "" when it cannot be told."""
    if not math.isfinite(change.delta):
        return ""
    if change.verdict == "within error":
        return "as in the baseline"
    told = f"{value_text(change.delta, digits, signed=True)} since baseline"
    # without five baseline minutes nobody knows how much of it is error
    return told if change.verdict == "change" else f"{told}, error not known"


def age_text(snapshot: Snapshot, at_s: float, *, compares: bool = False) -> str:
    """Say for how long no step was measured; "" while they are.

    What needs both feet is as old as the foot that lags behind the other.
    """
    last_s = snapshot.last_stride_s
    if not last_s:
        return ""
    cadence = snapshot.tiles.get("cadence_spm")
    per_min = cadence.value.stat("both").median if cadence is not None else math.nan
    usual_s = 120.0 / per_min if per_min > 0 else 0.0  # a stride has two steps
    limit_s = max(OLD_S, OLD_STRIDES * usual_s)
    newest_s = max(last_s.values())
    if at_s - newest_s > limit_s:
        return f"no step measured for {_seconds(at_s - newest_s)}"
    side = min(last_s, key=lambda name: last_s[name])
    if compares and newest_s - last_s[side] > limit_s:
        return f"no {side} step measured for {_seconds(at_s - last_s[side])}"
    return ""


def _nothing(strides: int) -> str:
    """Say why a metric without a number and without a note has none."""
    return "a line, drawn on the insoles" if strides else "no steps yet"


def _seconds(age_s: float) -> str:
    return f"{age_s:.0f} s" if age_s < 60.0 else elapsed_text(age_s)


def _worse(verdicts: Mapping[StatKey, Judged]) -> tuple[Verdict, str]:
    """Return the worse side's verdict, and its letter when the sides differ."""
    left, right = verdicts.get("left"), verdicts.get("right")
    if left is None and right is None:
        return verdicts.get("both", "info"), ""
    for verdict in _WORST:
        if verdict in (left, right):
            if left == right:
                return verdict, ""
            return verdict, "L" if left == verdict else "R"
    return "info", ""
