"""The language of the screen: English sentences are said in it where they are shown.

The English sentence is the key, as in the report, so that a text without a translation
is still shown, in English; files, logs and messages between programs stay English.
Sentences with figures or names in them are patterns: ``no data for {}``. Singular and
plural are two patterns. What is joined of several sentences is said part by part.
"""

from __future__ import annotations

import re
import tomllib
from functools import lru_cache
from importlib.resources import files
from typing import TYPE_CHECKING, Final, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping

Language = Literal["en", "de"]
Wish = Literal["system", "en", "de"]
WISHES: Final[dict[Wish, str]] = {
    "system": "the computer's language",
    "en": "English",
    "de": "Deutsch",
}
SUBJECTS: Final = (
    "metrics", "actions", "session", "devices", "live", "people", "trials", "gates",
)  # fmt: skip
_HOLE: Final = re.compile(r"\\\{\\\}")
# what stands between parts, from the widest apart to the nearest
_JOINTS: Final = (
    re.compile(r"(\n)"), re.compile(r"( · )"), re.compile(r"(?<=[.!?…])( )(?=\S)"),
    re.compile(r"(; )"), re.compile(r"(: )"), re.compile(r"(, )"),
)  # fmt: skip
_LETTERS: Final = 3  # with fewer, words would be taken for a pattern by chance
_EDGE: Final = " .,;:·()\n"
_HAS_WORD: Final = re.compile(r"[A-Za-z]{2}")


class Sayings:
    """Sentences of one language by the English ones.

    Parameters
    ----------
    told
        English sentence, ``{}`` for what is filled in -> the sentence.
    """

    def __init__(self, told: Mapping[str, str]) -> None:
        self._exact = {key: text for key, text in told.items() if "{}" not in key}
        holes = [key for key in told if "{}" in key and _HAS_WORD.search(key)]
        # what begins with a word before what begins with a hole, then the plainest
        holes.sort(key=lambda it: (it.startswith("{}"), -len(it.replace("{}", ""))))
        self._patterns = [(_pattern(key), told[key]) for key in holes]
        self.say = lru_cache(4096)(self._say)

    def _say(self, text: str) -> str:
        if not _HAS_WORD.search(text):
            return text
        whole = self._whole(text)
        if whole is not None:
            return whole
        for joint in _JOINTS:
            parts = joint.split(text)
            if len(parts) > 1:
                return "".join(
                    part if at % 2 else self.say(part) for at, part in enumerate(parts)
                )
        return text

    def _whole(self, text: str) -> str | None:
        for bare in dict.fromkeys((text, text.rstrip("."), text.strip(_EDGE))):
            if bare in self._exact:
                return text.replace(bare, self._exact[bare], 1)
        for pattern, told in self._patterns:
            found = pattern.fullmatch(text)
            if found:
                return told.format(*(self.say(part) for part in found.groups()))
        return None


def _pattern(english: str) -> re.Pattern[str]:
    """Return what matches a sentence with holes; "{} of {}" only between figures."""
    letters = sum(map(str.isalpha, english))
    hole = r"((?:(?! · |\n).)+?)" if letters >= _LETTERS else r"([^A-Za-z]+?)"
    return re.compile(_HOLE.sub(lambda _: hole, re.escape(english)))


class _InUse:
    """The language of the whole program; English until another one is chosen."""

    def __init__(self) -> None:
        self.language: Language = "en"
        self.sayings: Sayings | None = None


_in_use = _InUse()


def language() -> Language:
    """Return the language in use."""
    return _in_use.language


def use_language(wanted: Language) -> None:
    """Say everything in a language, for windows made from now on."""
    _in_use.language = wanted
    _in_use.sayings = None if wanted == "en" else Sayings(catalogue(wanted))


def say(text: str) -> str:
    """Return an English text of the program in the language in use."""
    sayings = _in_use.sayings
    return text if sayings is None or not text else sayings.say(text)


def system_language() -> Language:
    """Return the language of this computer, English where LabLive does not speak it."""
    from PySide6.QtCore import QLocale

    german = QLocale.system().language() == QLocale.Language.German
    return "de" if german else "en"


@lru_cache
def catalogue(wanted: Language) -> dict[str, str]:
    """Return English sentence -> sentence: of the screen, then of the report."""
    if wanted == "en":
        return {}
    report = files("lablive.report").joinpath(f"words_{wanted}.toml")
    found = tomllib.loads(report.read_text(encoding="utf-8"))
    told: dict[str, str] = found["text"] | found["pattern"]
    for subject in SUBJECTS:
        path = files("ui.german").joinpath(f"{subject}.toml")
        told = told | tomllib.loads(path.read_text(encoding="utf-8"))
    return told
