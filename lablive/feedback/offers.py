"""What can be fed back, and in which words: configs/feedback.toml and cues.toml."""

from __future__ import annotations

from importlib.resources import files
from typing import TYPE_CHECKING, Final, Literal

import msgspec

from lablive.config import Problem, parse_toml
from lablive.metrics.registry import METRICS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from typing import TypeVar

    T = TypeVar("T")

INF: Final = float("inf")
_SCHEMA: Final = 1
_MOST_STRIDES: Final = 20

TargetOf = Literal["value", "baseline"]


class Offer(msgspec.Struct, frozen=True):
    """A metric that can be fed back, and the target it begins with.

    Attributes
    ----------
    of
        What ``low``, ``high`` and ``reach`` are in: the metric's own unit, or % of the
        person's baseline.
    low, high
        Edges of the target; infinite = none.
    reach
        How far beyond the target the scale goes.
    digits
        Decimals that the runner sees.
    strides
        Of each foot behind the value; 0 = as many as for all.
    """

    reach: float
    digits: int = 0
    strides: int = 0
    of: TargetOf = "value"
    low: float = -INF
    high: float = INF


class Offers(msgspec.Struct, frozen=True):
    """Every metric that can be fed back, in the order of the menu."""

    schema: int
    strides: int
    metric: dict[str, Offer]

    def strides_of(self, metric_id: str) -> int:
        """Return how many strides of each foot are behind a value."""
        return self.metric[metric_id].strides or self.strides


class CueText(msgspec.Struct, frozen=True):
    """Words about one metric; ``lower`` or ``higher`` may be missing, not both."""

    title: str
    less: str
    more: str
    lower: str = ""
    higher: str = ""


class CallText(msgspec.Struct, frozen=True):
    """What is called out; ``block``: kind of block -> words, else the kind itself."""

    record: str
    stop: str
    over: str
    block: dict[str, str]


class Words(msgspec.Struct, frozen=True):
    """All that a runner can read or hear, in one language."""

    in_target: str
    waiting: str
    away: str
    hidden: str
    left: str
    right: str
    target: str
    decimal: str
    call: CallText
    cue: dict[str, CueText]


class Cues(msgspec.Struct, frozen=True):
    """The words in every language there is."""

    schema: int
    en: Words
    de: Words

    def words(self, language: str) -> Words:
        """Return the words of a language, English for one that is not there."""
        return self.de if language == "de" else self.en


def load_offers() -> Offers:
    """Read what can be fed back; raises ConfigError with every problem at once."""
    return _load("feedback.toml", Offers, lambda offers: list(_wrong_offers(offers)))


def load_cues() -> Cues:
    """Read the words for the runner; raises ConfigError with every problem at once."""
    return _load("cues.toml", Cues, lambda cues: list(_wrong_cues(cues)))


def _load(name: str, kind: type[T], check: Callable[[T], Sequence[str | Problem]]) -> T:
    shipped = files("configs").joinpath(name)
    return parse_toml(shipped.read_text(encoding="utf-8"), kind, str(shipped), check)


def _wrong_offers(offers: Offers) -> Iterator[Problem]:
    if offers.schema != _SCHEMA:
        yield ("schema",), f"is {offers.schema}, this program reads {_SCHEMA}"
    if not 1 <= offers.strides <= _MOST_STRIDES:
        yield ("strides",), f"must be 1 to {_MOST_STRIDES}"
    for name, offer in offers.metric.items():
        at = ("metric", name)
        if name not in METRICS:
            yield at, "there is no such metric"
        if offer.low == -INF and offer.high == INF:
            yield at, "needs low or high"
        if offer.low >= offer.high:
            yield at, f"low {offer.low:g} is not below high {offer.high:g}"
        if not 0 <= offer.strides <= _MOST_STRIDES:
            yield (*at, "strides"), f"must be 1 to {_MOST_STRIDES}, or left out"
        if not 0 <= offer.digits <= 3:
            yield (*at, "digits"), "must be 0 to 3"
        if not 0 < offer.reach < INF:
            yield (*at, "reach"), "must be above zero"
        if offer.of == "baseline" and not (offer.low > 0 or 0 < offer.high < INF):
            yield at, "percent of a baseline are above zero"


def _wrong_cues(cues: Cues) -> Iterator[Problem]:
    if cues.schema != _SCHEMA:
        yield ("schema",), f"is {cues.schema}, this program reads {_SCHEMA}"
    offers = load_offers().metric
    for language in ("en", "de"):
        texts = cues.words(language).cue
        for name, offer in offers.items():
            at = (language, "cue", name)
            text = texts.get(name)
            if text is None:
                yield at, "is missing, but configs/feedback.toml offers it"
            elif offer.high < INF and not text.lower:
                yield at, "needs lower: the target has an upper edge"
            elif offer.low > -INF and not text.higher:
                yield at, "needs higher: the target has a lower edge"
        for name in texts:
            if name not in METRICS:
                yield (language, "cue", name), "there is no such metric"
