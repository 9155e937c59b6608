"""The microphone before it is believed: two claps, clicks, a calibrator."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QDialog, QHBoxLayout, QProgressBar, QVBoxLayout, QWidget

from lablive.clock import now_s
from ui.actions import ActionButton
from ui.language import say
from ui.numbers import value_text
from ui.signs import VerdictChip
from ui.tokens import STEP_PX
from ui.widgets import Card, ElidedLabel, KeyButton, label
from ui.worker import Worker

if TYPE_CHECKING:
    from collections.abc import Callable

    from lablive.messages import SourceSpec
    from ui.lab_devices import LabDevices

MODULE: Final = "drivers.microphone"
LENT: Final = (
    "Meanwhile it is not connected; it is again when this is closed. Switch off "
    "automatic gain, noise suppression and sound enhancements before you begin."
)
RANGES_DB: Final = {"dB rel": (-100, 0), "dB(A)": (20, 120)}
LEFT_EVERY_MS: Final = 250


class Step(NamedTuple):
    """One check.

    Attributes
    ----------
    task, seconds
        As ``lablive microphone`` knows it, and how long it listens.
    title, text
        What it is, and what the person does.
    """

    task: str
    seconds: float
    title: str
    text: str


STEPS: Final = (
    Step(
        "claps", 8.0, "Two claps",
        "Clap once 1 m away, wait a second, clap once 3 m away, as hard. The second "
        "must be heard at least 4 dB softer.",
    ),
    Step(
        "clicks", 6.0, "Clicks from the loudspeaker",
        "Loudspeaker on, room quiet. Clicks are played, each second one 6 dB softer; "
        "they must be heard so.",
    ),
    Step(
        "calibrate", 3.0, "Calibrator, 94 dB at 1 kHz",
        "Push the calibrator onto the microphone and switch it on. From then on leave "
        "the level control as it is. Without one, levels stay dB rel.",
    ),
)  # fmt: skip


class StepCard(Card):
    """One check: what to do, its button, what came of it.

    Parameters
    ----------
    step, number
        The check, and its key.
    start
        Called when the button is pressed.
    """

    def __init__(self, step: Step, number: int, start: Callable[[Step], None]) -> None:
        super().__init__(f"{number}  {step.title}")
        self.step = step
        self.button = ActionButton(f"check_{number}", lambda: start(step))
        self.button.setAutoDefault(False)
        self.chip = VerdictChip()
        self.chip.hide()
        self.head.addWidget(self.chip)
        self._words = label(step.text, "muted")
        self._words.setWordWrap(True)
        row = QHBoxLayout()
        row.setSpacing(4 * STEP_PX)
        row.addWidget(self._words, 1)
        row.addWidget(self.button, 0, Qt.AlignmentFlag.AlignTop)
        self.body.addLayout(row)

    def show_running(self, left_s: float) -> None:
        """Show how long it still listens."""
        self.chip.set_verdict("info", f"listening, {max(left_s, 0):.0f} s")
        self.chip.show()
        self._words.setText(self.step.text)

    def show_result(self, text: str, *, good: bool) -> None:
        """Show what came of it."""
        self.chip.set_verdict("good" if good else "caution", "good" if good else "look")
        self.button.set_text("Repeat")
        self.chip.show()
        self._words.setText(text)


class MicrophoneDialog(QDialog):
    """The three checks of one microphone.

    Parameters
    ----------
    devices
        Whose microphone it is: let go of while this is open.
    spec
        How it is connected.
    """

    def __init__(
        self, devices: LabDevices, spec: SourceSpec, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._devices, self._spec = devices, spec
        self._worker: Worker | None = None
        self._running: StepCard | None = None
        self._ends_s = 0.0
        self.setWindowTitle(say("Check microphone"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setMinimumWidth(720)
        name = str(spec.options.get("device", "")) or "default"
        lent = label(LENT, "muted")
        lent.setWordWrap(True)
        self._level = label("—", "value")
        self._unit = label("", "muted")
        self._meter = QProgressBar()
        self._meter.setTextVisible(False)
        self._meter.setAccessibleName(say("Level"))
        self.cards = [
            StepCard(step, number, self._start)
            for number, step in enumerate(STEPS, start=1)
        ]
        close = KeyButton("Close", "Esc")
        close.setAutoDefault(False)
        close.clicked.connect(self.reject)
        box = QVBoxLayout(self)
        box.setContentsMargins(20, 16, 20, 16)
        box.setSpacing(3 * STEP_PX)
        box.addWidget(ElidedLabel(f"Microphone {name}", "heading"))
        box.addWidget(lent)
        box.addLayout(self._meter_row())
        for card in self.cards:
            box.addWidget(card)
        box.addStretch(1)
        box.addWidget(close, 0, Qt.AlignmentFlag.AlignRight)
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._count_down)
        self.finished.connect(self._end)
        devices.disconnect_source(spec.id)

    def _meter_row(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(2 * STEP_PX)
        self._level.setAlignment(Qt.AlignmentFlag.AlignRight)
        self._level.setMinimumWidth(self.fontMetrics().horizontalAdvance("0") * 13)
        row.addWidget(self._level)
        row.addWidget(self._unit, 0, Qt.AlignmentFlag.AlignBottom)
        row.addSpacing(4 * STEP_PX)
        row.addWidget(self._meter, 1)
        return row

    def _start(self, step: Step) -> None:
        if self._worker is not None:
            return
        device = str(self._spec.options.get("device", ""))
        seconds = ["--seconds", str(step.seconds)]
        arguments = [MODULE, step.task, "--device", device, *seconds]
        self._running = next(card for card in self.cards if card.step is step)
        self._worker = Worker(arguments, self, finding=True)
        self._worker.line.connect(self._take)
        self._worker.done.connect(lambda _: self._stop("It told nothing."))
        self._worker.failed.connect(self._stop)
        for card in self.cards:
            card.button.setEnabled(False)
        self._ends_s = now_s() + step.seconds + 1.0
        self._timer.start(LEFT_EVERY_MS)
        self._running.show_running(step.seconds)
        self._worker.start()

    def _take(self, told: dict[str, Any]) -> None:
        """Take a line of the check: the level now, or its result."""
        if "level_db" in told:
            unit = str(told["unit"])
            self._level.setText(value_text(told["level_db"], 1))
            self._unit.setText(unit)
            self._meter.setRange(*RANGES_DB.get(unit, (-100, 0)))
            low, high = self._meter.minimum(), self._meter.maximum()
            self._meter.setValue(min(max(round(told["level_db"]), low), high))
        elif self._running is not None:
            text, good = in_words(told)
            self._running.show_result(text, good=good)
            self._running = None

    def _stop(self, why: str) -> None:
        """End a check; without a result of its own it says why."""
        said = self._worker.said if self._worker is not None else ""
        # the sound library may complain of other devices: the last line is ours
        last = said.splitlines()[-1] if said else why
        if self._running is not None:
            self._running.show_result(last, good=False)
        self._worker = self._running = None
        self._timer.stop()
        for card in self.cards:
            card.button.setEnabled(True)

    def _count_down(self) -> None:
        if self._running is not None:
            self._running.show_running(self._ends_s - now_s())

    def _end(self) -> None:
        self._timer.stop()
        if self._worker is not None:
            self._worker.stop()
        self._devices.connect_sources([self._spec])


def in_words(told: dict[str, Any]) -> tuple[str, bool]:
    """Return the result of a check as a sentence, and whether it is good.

    >>> in_words({"ok": True, "difference_db": 9.04})[1]
    True
    """
    if "pa_per_fs" in told:
        return (
            f"Calibrated: {told['pa_per_fs']:.4g} Pa per full scale. Levels are dB SPL "
            "as long as its level control stays as it is.",
            True,
        )
    if told.get("ok"):
        return (
            f"{told['difference_db']:.1f} dB apart: loudness is not evened out.",
            True,
        )
    return str(told.get("why", "It told nothing.")), False
