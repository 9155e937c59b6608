"""Everything of one device: what is wrong with it, its counters, what can be done."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QVBoxLayout,
)

from ui.actions import ActionButton, dress
from ui.device_health import facts, fault_of, state_of
from ui.keymap import key_text
from ui.language import say
from ui.scrolling import scrolling
from ui.signs import StatusLamp
from ui.tokens import STEP_PX
from ui.widgets import Card, KeyButton, label, set_role

if TYPE_CHECKING:
    from lablive.live.lsl_choices import LslIdentity
    from lablive.live.reports import SourceReport

NO_BYTES: Final = ("lsl", "microphone", "manual_speed")  # drivers without bytes of ours
RAW: Final = "Keep raw bytes"
RAW_WHY: Final = (
    "Beside each trial, so that a lab can look into them or send them to us. The "
    "device is opened again."
)
RAW_LATER: Final = "Can be changed when no recording runs."
PUBLISH: Final = "Publish on LSL"
PUBLISH_WHY: Final = (
    "Its rows, as they are recorded, for LabRecorder, MATLAB and other programs."
)
MOST_LETTERS: Final = 42
NOTHING: Final = "Choose a device in the list."


class DevicePanel(Card):
    """The device that is chosen in the list.

    Signals
    -------
    retry_wanted, disconnect_wanted, microphone_wanted
        What was pressed, for the device shown.
    raw_wanted
        Keep its bytes from now on, or no longer.
    publish_wanted
        Let other programs join its rows by LSL, or no longer.
    stream_chosen
        Which of several LSL streams it is (an ``LslIdentity``).
    """

    retry_wanted = Signal()
    disconnect_wanted = Signal()
    microphone_wanted = Signal()
    raw_wanted = Signal(bool)
    publish_wanted = Signal(bool)
    stream_chosen = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self._shown: tuple[object, ...] = ()
        self.lamp = StatusLamp()
        self._name = label("", "heading")
        self._name.setWordWrap(True)
        self._fault_head = label("", "strong")
        self._fault = label("")
        self._fault.setWordWrap(True)
        self._fault.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse
        )
        self._box = QFrame()
        self._box.setProperty("surface", "card")
        words = QVBoxLayout(self._box)
        words.setContentsMargins(12, 8, 12, 10)
        words.setSpacing(STEP_PX)
        words.addWidget(self._fault_head)
        words.addWidget(self._fault)
        self._facts = QGridLayout()
        self._facts.setHorizontalSpacing(3 * STEP_PX)
        self._facts.setVerticalSpacing(STEP_PX + 2)
        self._facts.setColumnStretch(1, 1)
        self._pairs: list[tuple[QLabel, QLabel]] = []
        self.raw = QCheckBox(f"{RAW}  ·  {key_text('keep_raw')}")
        dress(self.raw, "keep_raw")
        self.raw.clicked.connect(self.raw_wanted)
        self.publish = QCheckBox(f"{PUBLISH}  ·  {key_text('publish')}")
        dress(self.publish, "publish")
        self.publish.setToolTip(PUBLISH_WHY)
        self.publish.clicked.connect(self.publish_wanted)
        self._choices: tuple[LslIdentity, ...] = ()
        self._choice_column = QVBoxLayout()
        self._choice_column.setSpacing(2 * STEP_PX)
        self._raw_why = label("", "note")
        self._raw_why.setWordWrap(True)
        self.retry_button = ActionButton("try_again", self.retry_wanted.emit)
        self.microphone_button = ActionButton("microphone", self.microphone_wanted.emit)
        self.disconnect_button = ActionButton("disconnect", self.disconnect_wanted.emit)
        self._lay_out()
        self.show_source(None, recording=False)

    def show_source(
        self,
        source: SourceReport | None,
        *,
        recording: bool,
        asked: bool = False,
        published: bool = False,
    ) -> None:
        """Show a device; None = none is chosen.

        ``asked``: the window asks about it. ``published``: other programs can join it.
        """
        there = source is not None
        for widget in (self.lamp, self.raw, self._raw_why, self.disconnect_button):
            widget.setVisible(there)
        self._show_choices(source.choices if source is not None else ())
        self.publish.setVisible(there and source.spec.driver != "lsl")
        self.publish.setChecked(published)
        if source is None:
            self._name.setText(say(NOTHING))
            set_role(self._name, "muted")
            self._show_facts([])
            for widget in (self._box, self.retry_button, self.microphone_button):
                widget.hide()
            return
        state = state_of(source)
        set_role(self._name, "heading")
        self._name.setText(source.spec.id)
        self.lamp.set_state(state)
        self._show_fault(source)
        self._show_facts(facts(source))
        has_bytes = source.spec.driver not in NO_BYTES
        self.raw.setVisible(has_bytes)
        self._raw_why.setVisible(has_bytes)
        self._raw_why.setText(say(RAW_LATER if recording else RAW_WHY))
        self.raw.setEnabled(not recording)
        self.raw.setChecked(source.spec.record_raw)
        self.retry_button.setVisible(state in ("failed", "recovering") and not asked)
        self.microphone_button.setVisible(source.spec.driver == "microphone")
        self.microphone_button.setEnabled(not recording)

    def _show_fault(self, source: SourceReport) -> None:
        head, text = fault_of(source)
        self._box.setVisible(bool(text))
        now = head == "What is wrong"
        if self._box.property("tone") != (tone := "caution" if now else ""):
            self._box.setProperty("tone", tone)
            self._box.style().unpolish(self._box)
            self._box.style().polish(self._box)
        set_role(self._fault_head, "caution" if now else "strong")
        for shown, words in ((self._fault_head, head), (self._fault, text)):
            if shown.text() != words:
                shown.setText(say(words))

    def _show_choices(self, choices: tuple[LslIdentity, ...]) -> None:
        """Ask which of several streams is meant; the answer is remembered."""
        if choices == self._choices:
            return
        self._choices = choices
        while (item := self._choice_column.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        for choice in choices:
            where = choice.source_id or choice.hostname
            button = KeyButton(f"{choice.name or 'no name'} · {where}"[:MOST_LETTERS])
            button.setToolTip(choice.words)
            button.clicked.connect(partial(self.stream_chosen.emit, choice))
            self._choice_column.addWidget(button)

    def _show_facts(self, pairs: list[tuple[str, str]]) -> None:
        while len(self._pairs) < len(pairs):
            name, value = label("", "note"), label("")
            value.setWordWrap(True)
            top = Qt.AlignmentFlag.AlignTop
            self._facts.addWidget(name, len(self._pairs), 0, top)
            self._facts.addWidget(value, len(self._pairs), 1, top)
            self._pairs.append((name, value))
        for number, (name, value) in enumerate(self._pairs):
            used = number < len(pairs)
            name.setVisible(used)
            value.setVisible(used)
            if used:
                for shown, words in zip((name, value), pairs[number], strict=True):
                    if shown.text() != words:
                        shown.setText(say(words))

    def _lay_out(self) -> None:
        column = QVBoxLayout()
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(3 * STEP_PX)
        column.addWidget(self._name)
        column.addWidget(self.lamp)
        column.addWidget(self._box)
        column.addLayout(self._choice_column)
        column.addLayout(self._facts)
        column.addSpacing(STEP_PX)
        column.addWidget(self.raw)
        column.addWidget(self._raw_why)
        column.addWidget(self.publish)
        column.addStretch(1)
        self.body.addWidget(scrolling(column), 1)
        buttons = QVBoxLayout()
        buttons.setSpacing(2 * STEP_PX)
        buttons.addWidget(self.microphone_button)
        row = QHBoxLayout()
        row.setSpacing(2 * STEP_PX)
        row.addWidget(self.retry_button, 1)
        row.addWidget(self.disconnect_button, 1)
        buttons.addLayout(row)
        self.body.addLayout(buttons)
