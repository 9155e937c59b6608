"""What is told of a wall clock that jumps: days of sessions come from it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from lablive.clock import now_s

# a clock that is put right by the network moves less
_BACK: Final = timedelta(minutes=2)
_AHEAD: Final = timedelta(days=1)


class WallClock:
    """Wall clock and lab clock, noted together.

    The lab clock stands still while the computer sleeps, so that a step forward may be
    a night; a step back never is.
    """

    def __init__(self, wall: datetime, lab_s: float) -> None:
        self._wall, self._lab_s = wall, lab_s

    @classmethod
    def now(cls) -> WallClock:
        """Note both clocks now."""
        return cls(datetime.now().astimezone(), now_s())

    def note(self, wall: datetime, lab_s: float, newest: str) -> str:
        """Return what is to be told of the clock now; "" when it can be believed.

        Parameters
        ----------
        wall, lab_s
            Both clocks now.
        newest
            Day of the newest session in the library.
        """
        expected = self._wall + timedelta(seconds=lab_s - self._lab_s)
        today = f"{wall:%Y-%m-%d}"
        filed = f"This session is filed under {today}; its trials are whole."
        if wall < expected - _BACK:
            return (
                f"The computer's clock was set back by {_span(expected - wall)} since "
                f"LabLive was opened. {filed} Check date and time."
            )
        if newest and newest > f"{wall + _AHEAD:%Y-%m-%d}":
            return (
                f"The computer's clock says {today}, but there is a session of "
                f"{newest} in the library. {filed} Check date and time."
            )
        return ""


def _span(length: timedelta) -> str:
    if length >= timedelta(days=2):
        return f"{length.days} days"
    minutes = round(length.total_seconds() / 60)
    return f"{minutes} min" if minutes < 120 else f"{minutes / 60:.0f} h"
