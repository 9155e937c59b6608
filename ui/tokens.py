"""Every colour, size and step of the screen: light, dark, high contrast, in one place.

Left and right never share a colour with a verdict, and no meaning rests on colour
alone: left is solid and round, right dashed and square, verdicts have shape and word.
They also stay apart for eyes without red, green or blue cones (test_colour_blind.py).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

ThemeName = Literal["light", "dark", "contrast"]
Verdict = Literal["good", "caution", "poor", "info", "unknown"]
TextSize = Literal["normal", "large", "larger"]


@dataclass(frozen=True, slots=True)
class Tokens:
    """Colours of one theme, as ``#RRGGBB``.

    Attributes
    ----------
    ground, card, line
        Behind the cards, the cards, hairlines between things.
    mark
        Outlines that must be seen without text: empty lamps, key caps, fields.
    ink, muted
        Text that is read first, text that explains it.
    rail, rail_ink, on_rail, rail_mark
        The navigation rail, dark in both themes: ground, places, the place where we
        are, and its mark.
    left, right
        Sides: curves and dots.
    left_text, right_text
        Their names in words (text needs more contrast than a mark).
    heat
        Stops of the pressure scale from nothing to full, evenly spaced.
    """

    name: ThemeName
    ground: str
    card: str
    line: str
    mark: str
    ink: str
    muted: str
    rail: str
    rail_ink: str
    on_rail: str
    rail_mark: str
    accent: str
    accent_hover: str
    on_accent: str
    accent_tint: str
    left: str
    right: str
    left_text: str
    right_text: str
    good: str
    caution: str
    poor: str
    poor_hover: str
    on_poor: str
    heat: tuple[str, ...]

    @property
    def is_dark(self) -> bool:
        """Whether light is written on dark."""
        return luminance(self.ground) < luminance(self.ink)

    def verdict(self, verdict: Verdict) -> str:
        """Return the colour of a verdict; ``info`` and ``unknown`` are muted."""
        return {
            "good": self.good,
            "caution": self.caution,
            "poor": self.poor,
        }.get(verdict, self.muted)


LIGHT: Final = Tokens(
    name="light",
    ground="#F3F5F7", card="#FFFFFF", line="#DCE2E8", mark="#7A8996",
    ink="#16202A", muted="#5B6875",
    rail="#16202A", rail_ink="#C3CED8", on_rail="#FFFFFF", rail_mark="#4FA3E3",
    accent="#0B5FA5", accent_hover="#094F8A", on_accent="#FFFFFF",
    accent_tint="#EEF5FD",
    left="#D9730D", right="#1F6FB2", left_text="#AD5700", right_text="#1F6FB2",
    good="#0D7F57", caution="#8A6A00", poor="#B0127F",
    poor_hover="#930E6A", on_poor="#FFFFFF",
    heat=("#DAE7F5", "#B9D2EE", "#86A9DE", "#6577C4", "#6A4AA0", "#8B2478", "#8E0A40"),
)  # fmt: skip

DARK: Final = Tokens(
    name="dark",
    ground="#0C1319", card="#141D25", line="#26323D", mark="#6A7D8F",
    ink="#F2F5F8", muted="#AFC0CE",
    rail="#080D12", rail_ink="#AFC0CE", on_rail="#FFFFFF", rail_mark="#4FA3E3",
    accent="#4FA3E3", accent_hover="#74B8EC", on_accent="#08141D",
    accent_tint="#1A2E3E",
    left="#F2A65A", right="#6FB3E8", left_text="#F2A65A", right_text="#6FB3E8",
    good="#4FD6A0", caution="#EBCD4C", poor="#F060B8",
    poor_hover="#F58ACB", on_poor="#2A0616",
    heat=("#26394B", "#274A6B", "#3A6FA8", "#7A7BC8", "#C07BC4", "#F08FA8", "#FFD3B0"),
)  # fmt: skip

# black and white, every text at least 7 : 1, every mark 4.5 : 1 (WCAG 2.2 level AAA)
CONTRAST: Final = Tokens(
    name="contrast",
    ground="#000000", card="#000000", line="#8C8C8C", mark="#FFFFFF",
    ink="#FFFFFF", muted="#E2E2E2",
    rail="#000000", rail_ink="#F2F2F2", on_rail="#FFFFFF", rail_mark="#FFE100",
    accent="#FFE100", accent_hover="#FFF07A", on_accent="#000000",
    accent_tint="#2B2700",
    left="#FFB057", right="#66C7FF", left_text="#FFB057", right_text="#66C7FF",
    good="#3DF2AE", caution="#FFD21F", poor="#FF8FC4",
    poor_hover="#FFB5D8", on_poor="#000000",
    heat=("#2A2A2A", "#14507F", "#2F7FD0", "#8E83E8", "#DA86DC", "#FFA0B8", "#FFE6CF"),
)  # fmt: skip

THEMES: Final[dict[ThemeName, Tokens]] = {
    "light": LIGHT,
    "dark": DARK,
    "contrast": CONTRAST,
}

# type scale, px at 100 %: every screen uses these and nothing between
NOTE_PX: Final = 11
BODY_PX: Final = 13
HEADING_PX: Final = 15
TITLE_PX: Final = 20
VALUE_PX: Final = 26
RUNNER_PX: Final = 120
TEXT_SCALE: Final[dict[TextSize, float]] = {
    "normal": 1.0,
    "large": 1.15,
    "larger": 1.3,
}

STEP_PX: Final = 4  # spacing is a multiple of this
RADIUS_PX: Final = 8
CONTROL_PX: Final = 40  # hands that hold a stopwatch

TEXT_CONTRAST: Final = 4.5
MARK_CONTRAST: Final = 3.0


def following(name: ThemeName) -> ThemeName:
    """Return the theme after this one: light, dark, high contrast, light."""
    names = list(THEMES)
    return names[(names.index(name) + 1) % len(names)]


def rgb(colour: str) -> tuple[int, int, int]:
    """Return (red, green, blue), 0 to 255, of ``#RRGGBB``."""
    value = int(colour.removeprefix("#"), 16)
    return value >> 16, value >> 8 & 255, value & 255


def blend(over: str, under: str, alpha: float) -> str:
    """Return ``over`` laid on ``under`` with ``alpha`` 0 to 1, as ``#RRGGBB``."""
    mixed = (
        round(top * alpha + low * (1 - alpha))
        for top, low in zip(rgb(over), rgb(under), strict=True)
    )
    return "#" + "".join(f"{part:02X}" for part in mixed)


def luminance(colour: str) -> float:
    """Return the relative luminance of a colour, 0 to 1 (WCAG 2.2)."""
    parts = (part / 255 for part in rgb(colour))
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
        for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(first: str, second: str) -> float:
    """Return the contrast ratio of two colours, 1 to 21 (WCAG 2.2)."""
    high, low = sorted((luminance(first), luminance(second)), reverse=True)
    return (high + 0.05) / (low + 0.05)
