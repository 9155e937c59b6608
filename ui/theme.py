"""The theme at work: bundled font, palette and style sheet made from the tokens."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

from PySide6.QtGui import QColor, QFont, QFontDatabase, QPalette
from PySide6.QtWidgets import QApplication, QStyleFactory

from lablive.errors import ConfigError
from ui.stylesheet import stylesheet
from ui.tokens import BODY_PX, LIGHT, TEXT_SCALE, THEMES, TextSize, ThemeName, Tokens

FAMILY = "Inter"
_WEIGHTS = ("Regular", "Medium", "SemiBold", "Bold")
_NAME, _TEXT_SIZE = "lablive_theme", "lablive_text_size"


def apply_theme(
    app: QApplication, name: ThemeName = "light", text_size: TextSize = "normal"
) -> Tokens:
    """Dress the whole application; call again to change theme or text size.

    Every widget then receives a ``StyleChange`` event; widgets that paint
    themselves read :func:`tokens` while painting.
    """
    load_fonts()
    found = THEMES[name]
    app.setProperty(_NAME, name)
    app.setProperty(_TEXT_SIZE, text_size)
    app.setStyle(QStyleFactory.create("Fusion"))
    app.setPalette(_palette(found))
    app.setFont(font(BODY_PX))
    app.setStyleSheet(stylesheet(found, TEXT_SCALE[text_size]))
    return found


def tokens() -> Tokens:
    """Return the tokens of the theme in force (light before any was applied)."""
    wanted = _property(_NAME)
    return next((theme for theme in THEMES.values() if theme.name == wanted), LIGHT)


def text_size() -> TextSize:
    """Return the text size in force."""
    sizes: dict[str, TextSize] = {size: size for size in TEXT_SCALE}
    return sizes.get(_property(_TEXT_SIZE), "normal")


def scaled(px: float) -> int:
    """Return a size of the type scale in logical px at the text size in force."""
    return round(px * TEXT_SCALE[text_size()])


def font(px: float, weight: QFont.Weight = QFont.Weight.Normal) -> QFont:
    """Return Inter at a size of the type scale, with tabular numerals."""
    made = QFont(FAMILY)
    made.setPixelSize(scaled(px))
    made.setWeight(weight)
    made.setFeature(QFont.Tag("tnum"), 1)  # numbers must not dance
    made.setHintingPreference(QFont.HintingPreference.PreferNoHinting)
    return made


@cache
def load_fonts() -> tuple[str, ...]:
    """Register the bundled fonts once; return the family names.

    Raises
    ------
    ConfigError
        A font file of the installation is missing or damaged.
    """
    families: set[str] = set()
    for weight in _WEIGHTS:
        file = files("lablive").joinpath("fonts", f"Inter-{weight}.ttf")
        try:
            data = file.read_bytes()
        except OSError:
            data = b""
        number = QFontDatabase.addApplicationFontFromData(data) if data else -1
        if number < 0:
            raise ConfigError(
                f"the font {file} cannot be read.",
                still="Recording and analysis from the command line still work.",
                todo="Install LabLive again.",
            )
        families.update(QFontDatabase.applicationFontFamilies(number))
    return tuple(sorted(families))


def _property(key: str) -> str:
    app = QApplication.instance()
    return str(app.property(key) or "") if app else ""


def _palette(theme: Tokens) -> QPalette:
    role = QPalette.ColorRole
    colours = {
        role.Window: theme.ground,
        role.WindowText: theme.ink,
        role.Base: theme.card,
        role.AlternateBase: theme.ground,
        role.Text: theme.ink,
        role.Button: theme.card,
        role.ButtonText: theme.ink,
        role.PlaceholderText: theme.muted,
        role.Highlight: theme.accent,
        role.HighlightedText: theme.on_accent,
        role.ToolTipBase: theme.ink,
        role.ToolTipText: theme.card,
        role.Link: theme.accent,
        role.BrightText: theme.poor,
        role.Mid: theme.line,
        role.Accent: theme.accent,
    }
    palette = QPalette()
    for key, colour in colours.items():
        palette.setColor(key, QColor(colour))
    for key in (role.WindowText, role.Text, role.ButtonText):
        palette.setColor(QPalette.ColorGroup.Disabled, key, QColor(theme.muted))
    return palette
