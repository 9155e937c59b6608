"""Choose what the runner sees and hears: one metric, a target, a side, a sound."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QDoubleSpinBox,
    QFormLayout,
    QHBoxLayout,
    QVBoxLayout,
    QWidget,
)

from lablive.feedback.hint import FeedbackSound, Target, target_of
from lablive.feedback.offers import INF
from lablive.metrics.metric import NAN, StatKey
from lablive.metrics.registry import METRICS
from ui.actions import ActionButton
from ui.feedback_control import Choice, baseline_of
from ui.feedback_times import PaceField, TimesField, pace_text
from ui.language import say
from ui.numbers import value_text
from ui.tokens import STEP_PX
from ui.widgets import KeyButton, label

if TYPE_CHECKING:
    from ui.feedback_control import FeedbackControl

TITLE: Final = "Feedback for the runner"
NONE: Final = "No metric, metronome only"
SIDES: Final[tuple[tuple[str, StatKey], ...]] = (
    ("Both feet", "both"),
    ("Left foot", "left"),
    ("Right foot", "right"),
)
SOUNDS: Final[tuple[tuple[str, FeedbackSound], ...]] = (
    ("No sound", "off"),
    ("Noise that fades towards the target", "noise"),
    ("Tone: high = less, low = more", "tone"),
)
LANGUAGES: Final = (("English", "en"), ("Deutsch", "de"))
LOOK_MS: Final = 500
_EDGE_PX: Final = 140
_OPEN: Final = -1e6  # a target without this edge


class FeedbackDialog(QDialog):
    """Stays beside the page; Enter begins, the same key ends.

    Parameters
    ----------
    control
        Gives what is chosen here.
    """

    def __init__(self, control: FeedbackControl, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._control = control
        self._offers = control.offers
        self.setWindowTitle(TITLE)
        self.setMinimumWidth(560)
        words = control.cues.en.cue
        self.shown = QComboBox()
        for metric_id in self._offers.metric:
            name = METRICS[metric_id].label
            self.shown.addItem(
                f"{words[metric_id].title}: {name[:1].lower()}{name[1:]}", metric_id
            )
        self.shown.addItem(say(NONE), "")
        self.side = _box(SIDES)
        self.low, self.high = _edge(), _edge()
        self.baseline = label("", "note")
        self.baseline.setWordWrap(True)
        self.sound, self.times = _box(SOUNDS), TimesField()
        self.language = _box(LANGUAGES)
        self.pace = PaceField(self._own_spm)
        self.state = label("", "note")
        self.state.setWordWrap(True)
        target = QWidget()
        edges = QHBoxLayout(target)
        edges.setContentsMargins(0, 0, 0, 0)
        edges.setSpacing(2 * STEP_PX)
        edges.addWidget(self.low, 1)
        edges.addWidget(label("to", "muted"))
        edges.addWidget(self.high, 1)
        form = QFormLayout()
        form.setVerticalSpacing(2 * STEP_PX)
        for name, field in (
            ("Shown", self.shown), ("Side", self.side), ("Target", target),
            ("", self.baseline), ("Sound", self.sound), ("Given", self.times),
            ("Metronome", self.pace), ("Language", self.language),
        ):  # fmt: skip
            form.addRow(label(name), field)
            field.setAccessibleName(say(name or "Baseline"))
        self.low.setAccessibleName(say("Target from"))
        self.high.setAccessibleName(say("Target to"))
        self.begin_button = KeyButton("Begin", "Enter", "primary")
        self.begin_button.setDefault(True)
        self.begin_button.clicked.connect(self._begin)
        self.end_button = ActionButton("feedback_end", control.end)
        self.mark_button = ActionButton("baseline", control.mark_baseline)
        self.window_button = ActionButton("runner_window", control.show_window)
        close = KeyButton("Close", "Esc")
        close.clicked.connect(self.reject)
        self.voice_button = ActionButton("voice", self._call_out)
        for button in (
            self.end_button, self.mark_button, self.window_button,
            self.voice_button, close,
        ):  # fmt: skip
            button.setAutoDefault(False)
        first, second = QHBoxLayout(), QHBoxLayout()
        first.addWidget(self.mark_button)
        first.addWidget(self.window_button)
        first.addWidget(self.voice_button)
        first.addStretch(1)
        second.addStretch(1)
        second.addWidget(close)
        second.addWidget(self.end_button)
        second.addWidget(self.begin_button)
        box = QVBoxLayout(self)
        box.setContentsMargins(20, 16, 20, 16)
        box.setSpacing(3 * STEP_PX)
        box.addWidget(label(TITLE, "heading"))
        box.addLayout(form)
        box.addWidget(self.state)
        box.addLayout(first)
        box.addLayout(second)
        self._baseline = NAN
        self.shown.currentIndexChanged.connect(lambda _: self._offer())
        self.side.currentIndexChanged.connect(lambda _: self._offer())
        control.changed.connect(self._look)
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._look)
        self._timer.start(LOOK_MS)
        self._offer()

    @property
    def metric_id(self) -> str:
        """The metric chosen, "" = the metronome alone."""
        return str(self.shown.currentData())

    def choice(self) -> Choice | None:
        """Return what is chosen; None when nothing would be given."""
        target = self._target() if self.metric_id else None
        pace = self.pace.beats_per_min
        if target is None and (self.metric_id or pace <= 0):
            return None
        return Choice(
            target,
            self.sound.currentData(),
            self.times.part,
            pace,
            self.language.currentData(),
            float(self.times.minutes.value()),
            self.times.has_retention,
        )

    def _target(self) -> Target | None:
        """Return the target as typed; None when its edges are the wrong way round."""
        offer, usual = self._offers.metric[self.metric_id], self._usual()
        low, high = _value(self.low, -INF), _value(self.high, INF)
        if not low < high or (low, high) == (-INF, INF):
            return None
        # typed before there is a baseline: its percent are taken of the target itself
        edge = high if high < INF else low
        reach = usual.reach if usual else max(offer.reach * abs(edge) / 100, 1e-6)
        side: StatKey = self.side.currentData()
        return Target(self.metric_id, side, low, high, reach, offer.digits)

    def _usual(self) -> Target | None:
        offer = self._offers.metric[self.metric_id]
        return target_of(self.metric_id, self.side.currentData(), offer, self._baseline)

    def _offer(self) -> None:
        """Offer the usual target of the metric chosen."""
        has_metric = bool(self.metric_id)
        for field in (self.side, self.low, self.high, self.sound, self.times):
            field.setEnabled(has_metric)
        self._baseline = NAN
        if has_metric:
            self._take_baseline()
            self._show_target()
        self._look()

    def _own_spm(self) -> float:
        return baseline_of(self._control.measured("cadence_spm"), "both")

    def _take_baseline(self) -> None:
        found = self._control.measured(self.metric_id)
        self._baseline = baseline_of(found, self.side.currentData())

    def _show_target(self) -> None:
        offer, usual = self._offers.metric[self.metric_id], self._usual()
        unit = METRICS[self.metric_id].unit
        digits = offer.digits if offer.of == "value" else max(offer.digits, 1)
        for box, edge in (
            (self.low, usual.low if usual else -INF),
            (self.high, usual.high if usual else INF),
        ):
            box.setDecimals(digits)
            box.setSuffix("" if unit == "1" else f" {unit}")
            box.setValue(edge if math.isfinite(edge) else _OPEN)

    def _look(self) -> None:
        """Say what is measured, what is missing, and what is being given."""
        control = self._control
        metric_id = self.metric_id
        wants = bool(metric_id) and self._offers.metric[metric_id].of == "baseline"
        if wants and math.isnan(self._baseline):  # a minute may be full now
            self._take_baseline()
            if not math.isnan(self._baseline):
                self._show_target()
        self.baseline.setText(say(self._about_baseline(wants)) if metric_id else "")
        self.mark_button.setEnabled(control.may_mark)
        self.mark_button.set_text(
            "End baseline" if control.marks_baseline else "Mark baseline"
        )
        self.voice_button.set_text("Be silent" if control.calls else "Call out")
        self.end_button.setEnabled(control.choice is not None)
        choice = self.choice()
        self.begin_button.setEnabled(choice is not None)
        self.begin_button.set_text("Change" if control.choice else "Begin")
        self.pace.look()
        told = " ".join(filter(None, (self._told(), self.pace.about())))
        self.state.setText(say(told))

    def _about_baseline(self, wants: bool) -> str:
        metric = METRICS[self.metric_id]
        strides = self._offers.strides_of(self.metric_id)
        found = self._control.measured(self.metric_id, strides)
        stat = found.stat(self.side.currentData())
        digits = self._offers.metric[self.metric_id].digits
        unit = "" if metric.unit == "1" else f" {metric.unit}"
        if stat.n:
            now = f"Now {value_text(stat.median, digits)}{unit}."
        else:
            now = f"Not measured now: {found.note or 'no steps yet'}."
        if not wants:
            return now
        offer = self._offers.metric[self.metric_id]
        edges = " to ".join(f"{e:g}" for e in (offer.low, offer.high) if abs(e) < INF)
        if not math.isnan(self._baseline):
            own = value_text(self._baseline, max(digits, 1))
            return f"{now} Target {edges} % of the last minute ({own}{unit})."
        return f"{now} The target is {edges} % of a minute of running: run first."

    def _told(self) -> str:
        control = self._control
        sound = control.speaker_told()
        if control.choice is None:
            return "Nothing is given to the runner." + (f" {sound}" if sound else "")
        hint = control.hint
        now = f"The runner reads: {hint.cue}." if hint is not None else ""
        pace = f"Metronome: {pace_text(control.pace)}." if control.pace else ""
        return " ".join(filter(None, (now, pace, sound)))

    def _begin(self) -> None:
        choice = self.choice()
        if choice is not None:
            self._control.begin(choice)

    def _call_out(self) -> None:
        self._control.call_out(self.language.currentData())

    def done(self, result: int) -> None:
        """Close; feedback goes on."""
        self._timer.stop()
        super().done(result)


def _box(entries: Any) -> QComboBox:
    made = QComboBox()
    for text, data in entries:
        made.addItem(say(text), data)
    return made


def _edge() -> QDoubleSpinBox:
    """Return a field for one edge of a target; its lowest value means no edge."""
    made = _number(_OPEN, -_OPEN)
    made.setSpecialValueText("open")
    made.setMinimumWidth(_EDGE_PX)  # else as wide as its largest number
    return made


def _number(low: float, high: float) -> QDoubleSpinBox:
    made = QDoubleSpinBox()
    made.setRange(low, high)
    made.lineEdit().setTextMargins(2 * STEP_PX, 0, 2 * STEP_PX, 0)
    return made


def _value(box: QDoubleSpinBox, none: float) -> float:
    value = box.value()
    return none if value <= _OPEN else value
