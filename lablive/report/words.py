"""The words of a report in its language: ``words_de.toml`` holds the German ones.

The English sentence is the key, so that a text without a translation is still
printed, in English. Sentences with numbers in them are patterns: ``needs {} valid
strides``.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, field
from functools import lru_cache
from importlib.resources import files
from typing import TYPE_CHECKING, Final

from lablive.metrics.registry import METRICS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lablive.report.settings import Language

_HOLE: Final = re.compile(r"\\\{\\\}")


@dataclass(frozen=True, slots=True)
class Words:
    """Texts of one language.

    Attributes
    ----------
    language
        As in :class:`lablive.report.settings.ReportSettings`.
    texts
        English text -> text in this language.
    labels
        Metric id -> its name in this language, small letter first where it has one.
    patterns
        What matches an English sentence with holes -> the sentence with holes.
    """

    language: Language = "en"
    texts: Mapping[str, str] = field(default_factory=dict[str, str])
    labels: Mapping[str, str] = field(default_factory=dict[str, str])
    patterns: tuple[tuple[re.Pattern[str], str], ...] = ()

    def say(self, text: str, **parts: object) -> str:
        """Return a text of the program in this language, its parts filled in."""
        told = self.texts.get(text, text)
        return told.format(**parts) if parts else told

    def tell(self, text: str) -> str:
        """Return what the analysis said in English: sentence by sentence, else as is.

        Reasons come joined by semicolons.
        """
        if self.language == "en" or not text:
            return text
        return "; ".join(self._one(part) for part in text.split("; "))

    def _one(self, text: str) -> str:
        bare = text.rstrip(".")
        stop = text[len(bare) :]
        for english in (bare, bare[:1].lower() + bare[1:]):
            if english in self.texts:
                return self.texts[english] + stop
            for pattern, told in self.patterns:
                found = pattern.fullmatch(english)
                if found:
                    parts = (self._listed(it) for it in found.groups())
                    return told.format(*parts) + stop
        return self._listed(bare) + stop

    def _listed(self, text: str) -> str:
        """Return words with commas between them; as they are where one is unknown."""
        parts = [self.texts.get(it, "") for it in text.split(", ")]
        return ", ".join(parts) if all(parts) else text

    def label(self, metric_id: str) -> str:
        """Return the name of a metric as it stands in a sentence."""
        return self.labels.get(metric_id, METRICS[metric_id].label)

    def title(self, metric_id: str) -> str:
        """Return the name of a metric as it begins a line."""
        label = self.label(metric_id)
        return label[:1].upper() + label[1:]


@lru_cache
def words_of(language: Language) -> Words:
    """Return the words of a language."""
    if language == "en":
        return Words()
    shipped = files("lablive.report").joinpath(f"words_{language}.toml")
    found = tomllib.loads(shipped.read_text(encoding="utf-8"))
    patterns = tuple(
        (re.compile(_HOLE.sub("(.+?)", re.escape(english))), told)
        for english, told in found["pattern"].items()
    )
    return Words(language, found["text"], found["metric"], patterns)
