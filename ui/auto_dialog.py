"""What starts and stops the recording: by hand, movement, reps or time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QDoubleSpinBox,
    QFormLayout,
    QHBoxLayout,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from lablive.protocol.auto_run import MINUTES, REPS, AutoRule
from ui.language import say
from ui.tokens import STEP_PX
from ui.widgets import KeyButton, label

if TYPE_CHECKING:
    from ui.auto_control import AutoControl

NO: Final = "no"


class AutoDialog(QDialog):
    """Choose a rule; the protocol's own is there when it opens.

    Parameters
    ----------
    auto
        Takes the rule.
    """

    def __init__(self, auto: AutoControl, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._auto = auto
        rule = auto.rule
        self.setWindowTitle(say("Start and stop"))
        self.start = QComboBox()
        self.start.addItem(say("By hand (R)"), "hand")
        self.start.addItem(say("When movement begins"), "movement")
        self.start.setCurrentIndex(self.start.findData(rule.start))
        self.start.setAccessibleName(say("Start"))
        self.reps = QSpinBox()
        self.reps.setRange(0, REPS[1])
        self.reps.setSuffix(" reps")
        self.reps.setSpecialValueText(NO)
        self.reps.setValue(rule.stop_after_reps or 0)
        self.reps.setAccessibleName(say("Stop after so many reps"))
        self.minutes = QDoubleSpinBox()
        self.minutes.setRange(0.0, MINUTES[1])
        self.minutes.setDecimals(1)
        self.minutes.setSuffix(" min")
        self.minutes.setSpecialValueText(NO)
        self.minutes.setValue(rule.stop_after_min or 0.0)
        self.minutes.setAccessibleName(say("Stop after so many minutes"))
        self.still = QCheckBox(say("Stop when movement has ended"))
        self.still.setChecked(rule.stop_when_still)
        self.still.setAccessibleName(self.still.text())
        self.use_button = KeyButton("Use", "Enter", "primary")
        self.use_button.setDefault(True)
        self.use_button.clicked.connect(self._use)
        close = KeyButton("Close", "Esc")
        close.setAutoDefault(False)
        close.clicked.connect(self.reject)
        about = label(
            "A start by movement keeps the seconds before it. A count-down is shown "
            "before each start and stop; Go on by hand cancels it.",
            "muted",
        )
        about.setWordWrap(True)
        form = QFormLayout()
        form.addRow(label("Start"), self.start)
        form.addRow(label("Stop after"), self.reps)
        form.addRow(label("Stop after"), self.minutes)
        form.addRow(label(""), self.still)
        buttons = QHBoxLayout()
        buttons.addStretch(1)
        buttons.addWidget(close)
        buttons.addWidget(self.use_button)
        box = QVBoxLayout(self)
        box.setContentsMargins(20, 16, 20, 16)
        box.setSpacing(3 * STEP_PX)
        box.addWidget(label("What starts and stops the recording", "heading"))
        box.addLayout(form)
        box.addWidget(about)
        box.addLayout(buttons)

    def rule(self) -> AutoRule:
        """Return what is chosen."""
        minutes = round(self.minutes.value(), 1)
        return AutoRule(
            start="movement" if self.start.currentData() == "movement" else "hand",
            stop_after_reps=self.reps.value() or None,
            stop_after_min=minutes or None,
            stop_when_still=self.still.isChecked(),
            countdown_s=self._auto.rule.countdown_s,
        )

    def _use(self) -> None:
        self._auto.choose(self.rule())
        self.accept()
