"""Which of several LSL streams is meant: asked once in the terminal."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from lablive.live.lsl_choices import LslIdentity
    from lablive.live.reports import HostReport
    from lablive.live.session import LiveSession

HOW_TO_NAME = (
    "Name it: --source lsl:name=NAME,source_id=ID,hostname=HOST; in a terminal "
    "you are asked once."
)


def undecided(report: HostReport | None) -> list[str]:
    """Return the ids of sources of which a person must say which stream they mean."""
    return [it.spec.id for it in report.sources if it.choices] if report else []


def can_ask() -> bool:
    """Tell whether somebody sits at the terminal."""
    return sys.stdin.isatty() and sys.stdout.isatty()


def ask(
    session: LiveSession,
    source: str,
    say: Callable[[str], None],
    read: Callable[[str], str] = input,
) -> bool:
    """Ask which stream a source means and tell the host; False: no answer.

    Parameters
    ----------
    session
        The session that opened it.
    source
        Its id.
    say, read
        Show a line; show a question and return what was typed.
    """
    reports = session.report.sources if session.report else ()
    choices = next((it.choices for it in reports if it.spec.id == source), ())
    if not choices:
        return False
    say(f"{source}: several streams fit.")
    for number, choice in enumerate(choices, 1):
        say(f"  {number}  {choice.words}")
    chosen = _answer(choices, read)
    if chosen is None:
        return False
    session.choose_stream(source, chosen)
    return True


def _answer(
    choices: tuple[LslIdentity, ...], read: Callable[[str], str]
) -> LslIdentity | None:
    try:
        typed = read(f"Which one (1 to {len(choices)}; it is remembered)? ").strip()
    except EOFError:
        return None
    if typed.isdecimal() and 1 <= int(typed) <= len(choices):
        return choices[int(typed) - 1]
    return None
