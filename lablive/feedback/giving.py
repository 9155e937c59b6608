"""Feedback at work: a hint per tick, its sound with it, the metronome beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import msgspec

from lablive.live.sounds import Backdrop

if TYPE_CHECKING:
    from lablive.feedback.hint import Feedback, Hint
    from lablive.results import Results


class Sounds(Protocol):
    """Whatever plays a backdrop."""

    def set_backdrop(self, wanted: Backdrop) -> None:
        """Change what sounds all the time."""
        ...


class Giver:
    """What the runner is given now: feedback, metronome, both or nothing.

    Parameters
    ----------
    sounds
        Plays.

    Attributes
    ----------
    feedback
        None = no metric was chosen.
    beats_per_min
        Of the metronome, 0 = none.
    hint
        The newest one.
    """

    def __init__(self, sounds: Sounds) -> None:
        self._sounds = sounds
        self.feedback: Feedback | None = None
        self.beats_per_min = 0.0
        self.hint: Hint | None = None

    def tick(self, results: Results | None, t_s: float) -> Hint | None:
        """Work out the hint of a time and play it; None without feedback.

        Parameters
        ----------
        results
            Of the session; None = nothing is measured.
        t_s
            Lab clock; only what ended before it is told.
        """
        hint = None
        if self.feedback is not None and results is not None:
            hint = self.feedback.hint(results, t_s)
        self.hint = hint
        wanted = hint.sound if hint is not None else Backdrop()
        if self.beats_per_min > 0:
            wanted = msgspec.structs.replace(wanted, beats_per_min=self.beats_per_min)
        self._sounds.set_backdrop(wanted)
        return hint

    def stop(self) -> None:
        """Give nothing any more."""
        self.feedback, self.beats_per_min, self.hint = None, 0.0, None
        self._sounds.set_backdrop(Backdrop())
