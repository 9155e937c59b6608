"""Fields of the Feedback dialog: when it is given, and the metronome."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QHBoxLayout,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from lablive.feedback.pace import beats_of
from lablive.feedback.schedule import PLANNED_RUNS, faded_share
from ui.language import say
from ui.tokens import STEP_PX

if TYPE_CHECKING:
    from collections.abc import Callable

    from lablive.feedback.pace import Pace

SHARES: Final = (
    ("All the time", 1.0),
    ("¾ of every minute", 0.75),
    ("Half of every minute", 0.5),
    ("¼ of every minute", 0.25),
    ("Less from run to run", None),
)
PACES: Final[tuple[tuple[str, float | None], ...]] = (
    ("Metronome off", 0.0),
    ("Own step rate + 5 %", 5.0),
    ("Own step rate + 10 %", 10.0),
    ("Beats as typed", None),
)
LONGEST_MIN: Final = 60


class TimesField(QWidget):
    """How much of every minute, for how long, and whether the last minute has none."""

    def __init__(self) -> None:
        super().__init__()
        self.share = QComboBox()
        for text, share in SHARES:
            self.share.addItem(text, share)
        self.share.setAccessibleName(say("Given"))
        self.run = _spin(1, PLANNED_RUNS, "run ", f" of {PLANNED_RUNS}")
        self.run.setAccessibleName(say("Run of the programme"))
        self.minutes = _spin(0, LONGEST_MIN, "", " min")
        self.minutes.setSpecialValueText("until ended")
        self.minutes.setAccessibleName(say("How long"))
        self.retention = QCheckBox(say("last minute without"))
        self.retention.setToolTip(say("Shows what stays without feedback (retention)"))
        self.share.currentIndexChanged.connect(lambda _: self._look())
        self.minutes.valueChanged.connect(lambda _: self._look())
        both = QVBoxLayout(self)
        both.setContentsMargins(0, 0, 0, 0)
        both.setSpacing(2 * STEP_PX)
        both.addLayout(_row(self.share, self.run))
        both.addLayout(_row(self.minutes, self.retention))
        self._look()

    @property
    def part(self) -> float:
        """Part of every minute with feedback."""
        share = self.share.currentData()
        return faded_share(self.run.value() - 1) if share is None else float(share)

    @property
    def has_retention(self) -> bool:
        """Whether the last minute goes without."""
        return self.retention.isEnabled() and self.retention.isChecked()

    def _look(self) -> None:
        self.run.setVisible(self.share.currentData() is None)
        self.retention.setEnabled(self.minutes.value() > 1)


class PaceField(QWidget):
    """Beats per minute: typed, or so much over the person's own step rate.

    Parameters
    ----------
    own_spm
        Asks for the person's step rate; NaN = not known.
    """

    changed = Signal()

    def __init__(self, own_spm: Callable[[], float]) -> None:
        super().__init__()
        self._own_spm = own_spm
        self.choice = QComboBox()
        for text, more_pct in PACES:
            self.choice.addItem(text, more_pct)
        self.choice.setAccessibleName(say("Metronome"))
        self.beats = _spin(0, 240, "", " beats/min")
        self.beats.setSpecialValueText("off")
        self.beats.setAccessibleName(say("Beats per minute"))
        self.choice.currentIndexChanged.connect(lambda _: self._choose())
        self.beats.valueChanged.connect(lambda _: self._typed())
        self._is_set = False
        self.setLayout(_row(self.choice, self.beats))

    @property
    def beats_per_min(self) -> float:
        """What was chosen, 0 = no metronome."""
        return float(self.beats.value())

    def about(self) -> str:
        """Say why a pace of the person's own is not there yet, "" = it is."""
        more_pct = self.choice.currentData()
        if more_pct and not self.beats.value():
            return "The metronome needs a minute of running first."
        return ""

    def look(self) -> None:
        """Take the own step rate once it is known."""
        if self.about():
            self._choose()

    def _choose(self) -> None:
        more_pct = self.choice.currentData()
        if more_pct is None:
            return
        beats = beats_of(self._own_spm(), more_pct) if more_pct else 0.0
        self._is_set = True
        self.beats.setValue(0 if math.isnan(beats) else round(beats))
        self._is_set = False
        self.changed.emit()

    def _typed(self) -> None:
        if not self._is_set:
            self.choice.setCurrentIndex(len(PACES) - 1 if self.beats.value() else 0)
        self.changed.emit()


def pace_text(pace: Pace) -> str:
    """Return how steps follow the metronome, in a few words."""
    asked = f"{pace.beats_per_min:.0f} beats/min"
    if not pace.n:
        return f"{asked}, nobody runs"
    own = f"{pace.steps_per_min:.0f} steps/min"
    return f"{asked}, {own}, {pace.on_it_pct:.0f} % of the last strides on it"


def _spin(low: int, high: int, before: str, behind: str) -> QSpinBox:
    made = QSpinBox()
    made.setRange(low, high)
    made.setPrefix(before)
    made.setSuffix(behind)
    made.lineEdit().setTextMargins(2 * STEP_PX, 0, 2 * STEP_PX, 0)
    return made


def _row(*fields: QWidget) -> QHBoxLayout:
    row = QHBoxLayout()
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(2 * STEP_PX)
    for number, field in enumerate(fields):
        row.addWidget(field, 1 if number == 0 else 0)
    return row
