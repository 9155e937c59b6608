"""Texts of notes that are often typed: ``configs/notes.toml``, or a lab's own."""

from __future__ import annotations

from importlib.resources import files
from typing import TYPE_CHECKING, Final

import msgspec

from lablive.config import Problem, load_toml, parse_toml

if TYPE_CHECKING:
    from pathlib import Path

FILE: Final = "notes.toml"
SCHEMA: Final = 1
MOST: Final = 9  # Alt+1 to Alt+9


class QuickTexts(msgspec.Struct, frozen=True):
    """The texts in the order of their keys."""

    schema: int
    texts: tuple[str, ...]


def load_quick_texts(own: Path | None = None) -> tuple[str, ...]:
    """Return the quick texts: of a lab's folder when it has ``notes.toml``.

    Raises
    ------
    ConfigError
        The file is wrong (every mistake at once).
    """
    if own is not None and (own / FILE).is_file():
        return load_toml(own / FILE, QuickTexts, _problems).texts
    path = files("configs").joinpath(FILE)
    text = path.read_text(encoding="utf-8")
    return parse_toml(text, QuickTexts, str(path), _problems).texts


def _problems(read: QuickTexts) -> list[Problem | str]:
    found: list[Problem | str] = []
    if read.schema != SCHEMA:
        found.append(
            (("schema",), f"schema {read.schema}: this LabLive knows {SCHEMA}")
        )
    if len(read.texts) > MOST:
        found.append((("texts",), f"texts: {len(read.texts)} are too many, {MOST} fit"))
    if any(not text.strip() for text in read.texts):
        found.append((("texts",), "texts: one of them is empty"))
    return found
