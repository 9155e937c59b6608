"""How numbers look on paper: decimals, signs, thousands, times."""

from __future__ import annotations

from typing import Final

MINUS: Final = "\N{MINUS SIGN}"
_THIN: Final = "\N{NARROW NO-BREAK SPACE}"


def plain(value: float, decimals: int) -> str:
    """Write a value for a spreadsheet: plain minus sign, no minus before zero.

    >>> plain(-0.04, 1), plain(-1.25, 1)
    ('0.0', '-1.2')
    """
    return number(value, decimals).replace(MINUS, "-")


def number(value: float, decimals: int, *, signed: bool = False) -> str:
    """Print a value with fixed decimals and a real minus sign.

    >>> number(-0.04, 1), number(1.25, 1, signed=True)
    ('0.0', '+1.2')
    """
    text = f"{abs(value):.{decimals}f}"
    if not float(text):
        return text
    return (MINUS if value < 0 else "+" if signed else "") + text


def count(value: int) -> str:
    """Print a count with thin spaces between thousands."""
    return f"{value:,}".replace(",", _THIN)


def clock(t_s: float) -> str:
    """Print a duration or a place in the trial as minutes and seconds.

    >>> clock(754.0), clock(3 * 3600 + 5)
    ('12:34', '3:00:05')
    """
    minutes, seconds = divmod(round(t_s), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours}:{minutes:02d}:{seconds:02d}"
    return f"{minutes}:{seconds:02d}"


def signed(value: float, digits: int) -> str:
    """Print a value with its sign and so many digits that count.

    >>> signed(0.8765, 2), signed(-12.34, 3)
    ('+0.88', '\u221212.3')
    """
    return f"{value:+.{digits}g}".replace("-", MINUS)
