"""Feedback in the window: what was chosen, the runner's window, the sound."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QApplication

from lablive.clock import now_s

if TYPE_CHECKING:
    from lablive.feedback.calls import Caller
    from lablive.feedback.giving import Giver
    from lablive.feedback.hint import FeedbackSound, Hint, Target
    from lablive.feedback.offers import Cues, Offers
    from lablive.feedback.pace import Pace
    from lablive.metrics.metric import StatKey
    from lablive.metrics.summary import MetricValue
    from ui.runner_window import RunnerWindow
    from ui.session_model import SessionModel

MARKER_KIND: Final = "feedback"
_MINUTE_S: Final = 60.0
_PACE_S: Final = 1.0
_MINUTE_STRIDES: Final = 80  # of each foot, a good minute at any pace


@dataclass(frozen=True, slots=True)
class Choice:
    """What the operator chose for the runner.

    Attributes
    ----------
    target
        None = no metric, the metronome alone.
    sound
        What is heard of it.
    share
        Part of every minute with feedback.
    beats_per_min
        Of the metronome, 0 = none.
    language
        Of the words.
    minutes, retention
        How long, 0 = until it is ended; whether the last minute goes without.
    """

    target: Target | None = None
    sound: FeedbackSound = "off"
    share: float = 1.0
    beats_per_min: float = 0.0
    language: str = "en"
    minutes: float = 0.0
    retention: bool = False


class FeedbackControl(QObject):
    """Gives the runner what was chosen, tick by tick.

    Metrics, words and window are loaded with the first choice: the app starts without.

    Parameters
    ----------
    model
        Whose results are fed back.
    """

    changed = Signal()

    def __init__(self, model: SessionModel) -> None:
        super().__init__(model)
        self._model = model
        self.choice: Choice | None = None
        self.window: RunnerWindow | None = None
        self._giver: Giver | None = None
        self._began_s = 0.0
        self._is_marking = False
        self._caller: Caller | None = None
        self._paced_s = -math.inf
        self.pace: Pace | None = None  # how the metronome is followed

    # -- what can be chosen -------------------------------------------------------

    @property
    def offers(self) -> Offers:
        """What can be fed back; raises ConfigError for a wrong file."""
        from lablive.feedback.offers import load_offers

        return load_offers()

    @property
    def cues(self) -> Cues:
        """The words; raises ConfigError for a wrong file."""
        from lablive.feedback.offers import load_cues

        return load_cues()

    def measured(self, metric_id: str, strides: int = _MINUTE_STRIDES) -> MetricValue:
        """Return a metric of the last minute; without a number its note says why."""
        from lablive.metrics.registry import METRICS
        from lablive.metrics.summary import MetricValue

        pipeline = self._model.live.pipeline
        if pipeline is None:
            return MetricValue("", note="no device is connected")
        sample = pipeline.results.sample(pipeline.watermark_s, strides)
        return sample.summarise(METRICS[metric_id])

    @property
    def marks_baseline(self) -> bool:
        """Whether a baseline is being marked."""
        return self._is_marking and self.may_mark

    @property
    def may_mark(self) -> bool:
        """Whether a baseline can be marked: it belongs to a trial."""
        return self._model.live.recording is not None

    def mark_baseline(self) -> None:
        """Begin the baseline, or end it."""
        ends = self.marks_baseline
        self._model.live.marker(f"baseline {'end' if ends else 'begin'}", "block")
        self._is_marking = not ends
        self.changed.emit()

    # -- giving -------------------------------------------------------------------

    def begin(self, choice: Choice) -> None:
        """Give this from now on; written into the trial."""
        from lablive.feedback.giving import Giver
        from lablive.feedback.hint import Feedback
        from lablive.feedback.schedule import Schedule

        live, begin_s = self._model.live, self._data_s()
        self._giver = self._giver or Giver(live.speaker)
        self._giver.feedback = None
        if choice.target is not None:
            words = self.cues.words(choice.language)
            self._giver.feedback = Feedback(
                choice.target,
                words,
                strides=self.offers.strides_of(choice.target.metric_id),
                sound=choice.sound,
                schedule=Schedule(
                    choice.share,
                    begin_s,
                    begin_s + _MINUTE_S * choice.minutes
                    if choice.minutes
                    else math.inf,
                    choice.retention,
                ),
            )
            if self.window is not None:
                self.window.set_words(words)
        self._giver.beats_per_min = choice.beats_per_min
        if choice.sound != "off" or choice.beats_per_min > 0:
            live.speaker.on()
        self.choice, self._began_s = choice, begin_s
        self._note(_told(choice))
        self.changed.emit()

    @property
    def calls(self) -> bool:
        """Whether count-down, blocks and the ends of a recording are called out."""
        return self._caller is not None

    def call_out(self, language: str = "en") -> None:
        """Call out from now on, or be silent: spoken, or beeps where nobody speaks."""
        from lablive.feedback.calls import Caller

        speaker = self._model.live.speaker
        if self._caller is None:
            self._caller = Caller(speaker.play, self.cues.words(language), language)
            speaker.on()
        else:
            self._caller = None
            self._let_go()
        self.changed.emit()

    def _let_go(self) -> None:
        """Let go of the loudspeaker when nothing is to be heard any more."""
        if self._caller is None and self.choice is None:
            self._model.live.speaker.off()

    def end(self) -> None:
        """Give nothing any more."""
        if self.choice is None:
            return
        if self._giver is not None:
            self._giver.stop()
            if self._model.live.pipeline is not None:
                self._model.live.pipeline.work_out_early("")
        self.choice = None
        self._let_go()
        self._note("end")
        if self.window is not None:
            self.window.show_nothing()
        self.changed.emit()

    def refresh(self) -> None:
        """Work out what the runner is given now."""
        live, gates = self._model.live, self._model.gates
        live.speaker.poll()
        if self._caller is not None:
            recording = live.recording is not None
            self._caller.tick(now_s(), recording=recording, blocks=gates.blocks)
        giver, choice = self._giver, self.choice
        if giver is None or choice is None:
            return
        hint = giver.tick(live.pipeline, now_s())
        self._look_at_pace()
        planned_s = _MINUTE_S * choice.minutes
        passed_s = self._data_s() - self._began_s
        if self.window is not None and self.window.isVisible():
            self.window.show_pace(self.pace)
            if hint is not None:
                self.window.show_hint(hint, passed_s, planned_s)
        if 0 < planned_s < passed_s:
            self.end()

    def show_window(self) -> None:
        """Open the runner's window, on the second screen if there is one; or close."""
        from ui.runner_window import RunnerWindow

        if self.window is not None and self.window.isVisible():
            self.window.close()
            return
        app = QApplication.instance()
        if not isinstance(app, QApplication):
            return
        if self.window is None:
            language = self.choice.language if self.choice else "en"
            self.window = RunnerWindow(self.cues.words(language), self.changed.emit)
        active = app.activeWindow()
        own = active.screen() if active is not None else app.primaryScreen()
        self.window.open_on(app.screens(), own)
        self.changed.emit()

    def _look_at_pace(self) -> None:
        """Look once a second how the metronome is followed."""
        choice, pipeline = self.choice, self._model.live.pipeline
        if choice is None or not choice.beats_per_min or pipeline is None:
            self.pace = None
            return
        if abs(pipeline.newest_s - self._paced_s) < _PACE_S:
            return
        from lablive.feedback.pace import pace

        self._paced_s = pipeline.newest_s
        self.pace = pace(pipeline.results, pipeline.newest_s, choice.beats_per_min)

    @property
    def hint(self) -> Hint | None:
        """What the runner is told now."""
        return self._giver.hint if self._giver is not None else None

    def speaker_told(self) -> str:
        """Say how the loudspeaker is, "" = there is nothing to say."""
        speaker = self._model.live.speaker
        if not speaker.is_on:
            return ""
        told = speaker.told
        if told.fault:
            return told.fault
        if told.state != "sounding":
            return "The loudspeaker is being opened."
        late = f", heard {told.delay_ms:.0f} ms later" if told.delay_ms else ""
        broke = f", broke off {told.dropouts} times" if told.dropouts else ""
        return f"Sound: {told.device}{late}{broke}."

    def close(self) -> None:
        """Be silent and take the window away with the app."""
        self.end()
        if self.calls:
            self.call_out()
        if self.window is not None:
            self.window.close()

    def _data_s(self) -> float:
        """Return the time of the newest data: hints are told on that clock."""
        pipeline = self._model.live.pipeline
        at_s = pipeline.newest_s if pipeline is not None else -math.inf
        return at_s if math.isfinite(at_s) else now_s()

    def _note(self, text: str) -> None:
        if self._model.live.recording is not None:
            self._model.live.marker(text, MARKER_KIND)


def _told(choice: Choice) -> str:
    """Return what the trial says of a choice."""
    parts: list[str] = []
    if choice.target is not None:
        low, high = choice.target.low, choice.target.high
        parts.append(f"{choice.target.metric_id} {choice.target.side}")
        parts.append(f"{low:g} to {high:g}")
        parts.append(f"sound {choice.sound}, {100 * choice.share:.0f} % of the time")
        if choice.minutes:
            last = ", last minute without" if choice.retention else ""
            parts.append(f"{choice.minutes:g} min{last}")
    if choice.beats_per_min > 0:
        parts.append(f"metronome {choice.beats_per_min:g}/min")
    return "begin: " + "; ".join(parts)


def baseline_of(value: MetricValue, side: StatKey, fewest: int = 20) -> float:
    """Return the median of a minute that may stand as a baseline; NaN = too little."""
    stat = value.stat(side)
    return stat.median if stat.n >= fewest else math.nan
