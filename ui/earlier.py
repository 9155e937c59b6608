"""Calibrations of earlier: what is offered again, how old it is, what spoils it."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Final

from ui.ages import age_words

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from lablive.calibrating.rows import About
    from lablive.calibrating.store import Earlier
    from lablive.messages import StreamInfo
    from lablive.protocol.gates import GatePart
    from lablive.signals.binding import Binding
    from lablive.signals.calibrations import Calibrations

NOBODY: Final = "guest"  # nobody was chosen: what is calibrated is kept for nobody
WHAT: Final[dict[GatePart, str]] = {
    "insole": "Zero and weight",
    "segments": "Neutral stand",
    "emg": "EMG reference",
    "sound": "Belt noise",
}
SPOILS: Final[dict[GatePart, str]] = {
    "insole": "It no longer holds when the soles were taken out or laced anew.",
    "segments": "It no longer holds when a strap was opened or has slipped.",
    "emg": "It no longer holds when an electrode was taken off.",
    "sound": "It no longer holds when the microphone was moved or its gain changed.",
}


class EarlierCalibrations:
    """The newest earlier calibration of each part, of one person and these devices.

    Parameters
    ----------
    library
        Where they are kept.
    """

    def __init__(self, library: Path) -> None:
        self._library = library
        self._found: dict[GatePart, Earlier] = {}

    def look(
        self, binding: Binding, streams: Sequence[StreamInfo], about: About
    ) -> tuple[str, ...]:
        """Look for what fits the devices that are there; return what is unreadable."""
        from lablive.calibrating.rows import Lab
        from lablive.calibrating.store import earlier
        from lablive.protocol.same_lab import NO_ROWS

        self._found = {}
        if about.person == NOBODY:
            return ()
        lab = Lab({info.id: info for info in streams}, binding, NO_ROWS)
        now = datetime.now().astimezone()
        found, problems = earlier(self._library, lab, about, now)
        self._found = {part: found[part] for part in SPOILS if part in found}
        return problems

    def offered(self, part: GatePart) -> tuple[str, str, bool]:
        """Return what is offered of a part.

        In words: when it was made and its age; what spoils it, or why it may not
        count; whether it fits. Empty words: nothing is offered.
        """
        found = self._found.get(part)
        if found is None or (found.why_not and not found.usable):
            return "", "", False
        age = age_words(found.made_at, datetime.now().astimezone())
        when = f"{WHAT[part]} of {age}."
        if not found.why_not:
            return when, SPOILS[part], True
        return when, f"{_reason(found.why_not)} {SPOILS[part]}", False

    def take(self, part: GatePart) -> tuple[Calibrations, str]:
        """Return the calibration that is offered, and what speaks against it."""
        found = self._found[part]
        return found.calibrations, _reason(found.why_not) if found.why_not else ""


def about_now(code: str, mass_kg: float | None, number: int) -> About:
    """Return whose calibration is made now; ``number``: which putting-on of today."""
    from lablive.calibrating.rows import About

    now = datetime.now().astimezone()
    again = f" #{number}" if number > 1 else ""
    return About(
        made_at=now.isoformat(timespec="seconds"),
        person=code,
        mounting=f"{now.date().isoformat()}{again}",
        mass_kg=mass_kg,
    )


def parts_in(calibrations: Calibrations) -> tuple[GatePart, ...]:
    """Return the parts of which calibrations hold something."""
    from lablive.calibrating.store import PART_FIELDS
    from lablive.signals.calibrations import Calibrations

    nothing = Calibrations()
    return tuple(
        part
        for part, names in PART_FIELDS.items()
        if any(getattr(calibrations, it) != getattr(nothing, it) for it in names)
    )


def _reason(why_not: str) -> str:
    """Return why an earlier calibration should not count, without its date."""
    reason = why_not.partition(": ")[2] or why_not
    if reason == "sensors were put on anew since":
        reason = "what is worn counts as put on anew every day"
    return f"{reason[:1].upper()}{reason[1:]}."
