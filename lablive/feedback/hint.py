"""What the runner is told after each stride: value, target, which way, how far."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal

import msgspec

from lablive.feedback.offers import INF
from lablive.feedback.schedule import Schedule
from lablive.live.sounds import Backdrop
from lablive.metrics.metric import NAN, Stat, StatKey
from lablive.metrics.registry import METRICS
from lablive.names import SIDES

if TYPE_CHECKING:
    from lablive.feedback.offers import CueText, Offer, Words
    from lablive.gait.contacts import ContactSide
    from lablive.gait.strides import Stride
    from lablive.metrics.summary import MetricValue, Sample
    from lablive.names import Side
    from lablive.results import Results

FeedbackSound = Literal["off", "noise", "tone"]
Way = Literal["in target", "lower", "higher", "unknown"]

STALE_S: Final = 3.0  # no stride for so long: nobody runs
EARLY_STALE_S: Final = 2.0  # the same, of values that come with each stance
_TONE_HZ: Final = {"lower": 880.0, "higher": 330.0}  # the pitch says what is wrong
_LOUDEST: Final = 0.6


class Target(msgspec.Struct, frozen=True):
    """What a value should be, in the metric's unit.

    Attributes
    ----------
    metric_id, side
        What is fed back.
    low, high
        Edges; infinite = none.
    reach
        How far beyond an edge the scale goes.
    digits
        Decimals that the runner sees.
    """

    metric_id: str
    side: StatKey
    low: float
    high: float
    reach: float
    digits: int = 0

    def way(self, value: float) -> Way:
        """Return which way a value has to go."""
        if value != value:
            return "unknown"
        if value > self.high:
            return "lower"
        return "higher" if value < self.low else "in target"

    def off(self, value: float) -> float:
        """Return how far outside a value is: 0 in the target, 1 at the scale's end."""
        outside = max(value - self.high, self.low - value, 0.0)
        return min(outside / self.reach, 1.0)

    @property
    def scale(self) -> tuple[float, float]:
        """Lowest and highest value of the runner's scale."""
        low = self.low - self.reach if self.low > -INF else self.high - self.reach
        high = self.high + self.reach if self.high < INF else self.low + self.reach
        return low, high


def target_of(
    metric_id: str, side: StatKey, offer: Offer, baseline: float = NAN
) -> Target | None:
    """Return the target of an offer; None without the baseline that it needs."""
    if offer.of == "value":
        return Target(metric_id, side, offer.low, offer.high, offer.reach, offer.digits)
    if not (baseline > 0 or baseline < 0):
        return None
    share = abs(baseline) / 100.0  # of a negative baseline, more percent is lower
    edges = (offer.low * baseline / 100.0, offer.high * baseline / 100.0)
    reach = offer.reach * share
    return Target(metric_id, side, min(edges), max(edges), reach, offer.digits)


class Hint(msgspec.Struct, frozen=True):
    """What the runner sees and hears at one moment.

    Attributes
    ----------
    t_s
        When it was made.
    target
        What the value should be.
    value, left, right
        Median of the last strides; of both feet the mean of the two; NaN = none.
    n
        Strides behind the value.
    way, off
        Which way it has to go, and how far outside it is, 0 to 1.
    is_shown
        False while the runner does without.
    cue
        The words.
    sound
        What is to be heard.
    """

    t_s: float
    target: Target
    value: float = NAN
    left: float = NAN
    right: float = NAN
    n: int = 0
    way: Way = "unknown"
    off: float = 0.0
    is_shown: bool = True
    cue: str = ""
    sound: Backdrop = Backdrop()


class Feedback:
    """One metric of the last strides made into hints.

    Parameters
    ----------
    target
        What the value should be.
    words
        The runner's language.
    strides
        Median of the last so many of each foot.
    sound
        Noise that fades as the value nears its target, a tone whose pitch says which
        way, or none.
    schedule
        When there is feedback.
    """

    def __init__(
        self,
        target: Target,
        words: Words,
        *,
        strides: int = 3,
        sound: FeedbackSound = "off",
        schedule: Schedule | None = None,
    ) -> None:
        self.target = target
        self._metric = METRICS[target.metric_id]
        self._words = words
        self._text: CueText = words.cue[target.metric_id]
        self._strides = strides
        self._sound: FeedbackSound = sound
        self._schedule = schedule or Schedule()
        self._newest: tuple[object, MetricValue | None] = (None, None)

    def hint(
        self, results: Results, t_s: float, away: frozenset[ContactSide] = frozenset()
    ) -> Hint:
        """Return what the runner is told at a time: only what was known before it.

        Parameters
        ----------
        results
            Their early values count where they are of this metric.
        t_s
            Lab clock.
        away
            Feet whose sensor sends nothing: no old value stands for them.
        """
        is_early = results.early_metric == self.target.metric_id
        told = results.early if is_early else results.sample
        stale_s = EARLY_STALE_S if is_early else STALE_S
        sample = told(t_s, self._strides)
        newest: dict[ContactSide, Stride] = {
            side: records[-1].stride
            for side, records in sample.records.items()
            if records
        }
        value = self._value(sample, newest)
        # after a doubtful stride that foot is told nothing until its next good one
        fresh: set[ContactSide] = {
            side
            for side, stride in newest.items()
            if stride.valid and t_s - stride.next_ic_s <= stale_s and side not in away
        }
        left, right = (value.stat(s).median if s in fresh else NAN for s in SIDES)
        key = _source(self.target.side, fresh)
        stat = value.stat(key) if key is not None else Stat()
        way = self.target.way(stat.median)
        off = 0.0 if way == "unknown" else self.target.off(stat.median)
        shown = self._schedule.is_on(t_s)
        return Hint(
            t_s, self.target, stat.median, left, right, stat.n, way, off, shown,
            self._cue(way, shown=shown, away=bool(self._feet & away)),
            self._backdrop(way, off) if shown else Backdrop(),
        )  # fmt: skip

    @property
    def _feet(self) -> frozenset[ContactSide]:
        """The feet that are told of."""
        side = self.target.side
        return frozenset((*SIDES, "unknown") if side == "both" else (side,))

    def _value(self, sample: Sample, newest: dict[ContactSide, Stride]) -> MetricValue:
        """Return the metric of the sample, worked out once per stride."""
        key = tuple((side, stride.next_ic_s) for side, stride in newest.items())
        known = self._newest[1]
        if known is None or key != self._newest[0]:
            known = sample.summarise(self._metric)
            self._newest = (key, known)
        return known

    def _cue(self, way: Way, *, shown: bool, away: bool) -> str:
        if away and way == "unknown":
            return self._words.away
        if not shown:
            return self._words.hidden
        return {
            "in target": self._words.in_target,
            "unknown": self._words.waiting,
            "lower": self._text.lower,
            "higher": self._text.higher,
        }[way]

    def _backdrop(self, way: Way, off: float) -> Backdrop:
        if way in ("in target", "unknown"):
            return Backdrop()
        # never quite silent outside the target
        level = _LOUDEST * (0.15 + 0.85 * off)
        if self._sound == "noise":
            return Backdrop(noise=level)
        if self._sound == "tone":
            return Backdrop(tone=level, tone_hz=_TONE_HZ[way])
        return Backdrop()


def _source(wanted: StatKey, fresh: set[ContactSide]) -> StatKey | None:
    """Return what the value is taken from; of both feet, the one that still tells."""
    if wanted != "both":
        return wanted if wanted in fresh else None
    feet: list[Side] = [side for side in SIDES if side in fresh]
    if len(feet) == 1:
        return feet[0]
    return "both" if fresh else None
