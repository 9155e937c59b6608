"""How the windows look, changed by key and kept for next time."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
from PySide6.QtWidgets import QApplication

from ui import theme
from ui.language import WISHES, Wish
from ui.screen_settings import load_screen, save_screen
from ui.tokens import TEXT_SCALE, following

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


class Look:
    """Theme, text size and language of this computer.

    Parameters
    ----------
    folder
        Where they are kept: the library.
    trouble
        Is told, once, that they cannot be.

    Attributes
    ----------
    wrong
        What is wrong with the file that keeps them, "" = nothing.
    """

    def __init__(self, folder: Path, trouble: Callable[[str], None]) -> None:
        self._folder, self._trouble = folder, trouble
        self._kept, self.wrong = load_screen(folder)

    def change_theme(self) -> None:
        """Light, dark, high contrast, and light again."""
        self._dress(theme=following(theme.tokens().name))

    def change_text(self, steps: int) -> None:
        """Larger (1) or smaller (-1) text."""
        sizes = list(TEXT_SCALE)
        at = sizes.index(theme.text_size()) + steps
        self._dress(text_size=sizes[min(max(at, 0), len(sizes) - 1)])

    def change_language(self) -> str:
        """Take the next language; return which: it counts from the next start on."""
        wishes: list[Wish] = list(WISHES)
        wish = wishes[(wishes.index(self._kept.language) + 1) % len(wishes)]
        self._keep(language=wish)
        return f"{WISHES[wish]}, from the next start of LabLive on."

    def _dress(self, **changed: str) -> None:
        app = QApplication.instance()
        if isinstance(app, QApplication):
            now = msgspec.structs.replace(
                self._kept, theme=theme.tokens().name, text_size=theme.text_size()
            )
            wanted = msgspec.structs.replace(now, **changed)
            theme.apply_theme(app, wanted.theme, wanted.text_size)
            self._keep(theme=wanted.theme, text_size=wanted.text_size)

    def _keep(self, **changed: str) -> None:
        self._kept = msgspec.structs.replace(self._kept, **changed)
        wrong = save_screen(self._folder, self._kept)
        if wrong:
            self._trouble(wrong)
