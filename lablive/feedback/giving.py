"""Feedback at work: a hint per tick, its sound with it, the metronome beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Protocol

import msgspec

from lablive.live.sounds import Backdrop
from lablive.metrics.early import EARLY

if TYPE_CHECKING:
    from lablive.feedback.hint import Feedback, Hint
    from lablive.pipeline import Pipeline

AWAY_S: Final = 0.8  # no row for so long: the runner is told so within a second


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

    def tick(self, pipeline: Pipeline | None, now_s: float) -> Hint | None:
        """Work out the hint of now and play it; None without feedback.

        Parameters
        ----------
        pipeline
            Of the session; None = nothing is measured.
        now_s
            Lab clock.
        """
        hint = None
        if pipeline is not None:
            metric_id = self.feedback.target.metric_id if self.feedback else ""
            pipeline.work_out_early(metric_id if metric_id in EARLY else "")
            if self.feedback is not None:
                away = pipeline.silent(now_s, AWAY_S)
                hint = self.feedback.hint(pipeline.results, pipeline.newest_s, away)
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
