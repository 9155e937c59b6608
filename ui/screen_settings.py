"""How the screen looks: theme, text size, language, kept for next time.

``screen.toml`` in the library folder; without it LabLive is light and speaks as the
computer does.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import msgspec
import tomli_w

from lablive.config import load_toml
from lablive.errors import ConfigError
from lablive.whole_file import replace_file
from ui.language import Language, Wish, system_language
from ui.tokens import TextSize, ThemeName

if TYPE_CHECKING:
    from pathlib import Path

NAME: Final = "screen.toml"
SCHEMA: Final = 1


class ScreenSettings(msgspec.Struct, frozen=True):
    """What was chosen last; ``language`` "system" follows the computer."""

    schema: int = SCHEMA
    theme: ThemeName = "light"
    text_size: TextSize = "normal"
    language: Wish = "system"

    @property
    def spoken(self) -> Language:
        """The language that this comes to here."""
        return system_language() if self.language == "system" else self.language


def load_screen(folder: Path) -> tuple[ScreenSettings, str]:
    """Return the settings of a folder, and what is wrong with its file, "" = nothing.

    A file that is wrong changes nothing else: the usual look is shown.
    """
    path = folder / NAME
    if not path.is_file():
        return ScreenSettings(), ""
    try:
        return load_toml(path, ScreenSettings), ""
    except ConfigError as error:
        return ScreenSettings(), str(error)


def save_screen(folder: Path, settings: ScreenSettings) -> str:
    """Keep the settings; return why they cannot be kept, "" = they are."""
    text = tomli_w.dumps(msgspec.to_builtins(settings))
    try:
        replace_file(folder / NAME, text.encode())
    except OSError as error:
        return (
            f"Colours, text size and language are not kept in {folder}: {error}. They "
            "stay until LabLive is closed. See that the folder may be written."
        )
    return ""
