"""Belt speed and slope as the operator reads them off the treadmill."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtWidgets import (
    QDialog,
    QDoubleSpinBox,
    QFormLayout,
    QHBoxLayout,
    QVBoxLayout,
    QWidget,
)

from lablive.messages import SourceSpec
from ui.language import say
from ui.tokens import STEP_PX
from ui.widgets import KeyButton, label

if TYPE_CHECKING:
    from ui.session_model import SessionModel

SOURCE: Final = SourceSpec("Belt speed by hand", "manual_speed", {})
_KMH_PER_MPS: Final = 3.6
_FASTEST_KMH: Final = 40.0
_STEEPEST_PCT: Final = (-25.0, 40.0)


class BeltSpeed(QDialog):
    """Type the speed, press Enter: it counts from that moment on.

    Parameters
    ----------
    model
        Whose host takes it; connected here when it is not yet.
    """

    def __init__(self, model: SessionModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self.setWindowTitle(say("Belt speed"))
        speed_mps, incline_pct = model.belt
        self.speed = _box(0.0, _FASTEST_KMH, 0.1, " km/h", speed_mps * _KMH_PER_MPS)
        self.speed.setAccessibleName(say("Belt speed in km/h"))
        self.incline = _box(*_STEEPEST_PCT, 0.5, " %", incline_pct)
        self.incline.setAccessibleName(say("Slope in percent"))
        self.set_button = KeyButton("Set", "Enter", "primary")
        self.set_button.setDefault(True)
        self.set_button.clicked.connect(self._set)
        close = KeyButton("Close", "Esc")
        close.setAutoDefault(False)
        close.clicked.connect(self.reject)
        form = QFormLayout()
        form.addRow(label("Speed"), self.speed)
        form.addRow(label("Slope"), self.incline)
        buttons = QHBoxLayout()
        buttons.addStretch(1)
        buttons.addWidget(close)
        buttons.addWidget(self.set_button)
        box = QVBoxLayout(self)
        box.setContentsMargins(20, 16, 20, 16)
        box.setSpacing(3 * STEP_PX)
        box.addWidget(label("As the treadmill shows it now", "heading"))
        box.addLayout(form)
        box.addLayout(buttons)
        self.speed.selectAll()

    def _set(self) -> None:
        self._model.set_belt(
            self.speed.value() / _KMH_PER_MPS, self.incline.value(), SOURCE
        )
        self.accept()


def _box(
    low: float, high: float, step: float, unit: str, value: float
) -> QDoubleSpinBox:
    made = QDoubleSpinBox()
    made.lineEdit().setTextMargins(2 * STEP_PX, 0, 2 * STEP_PX, 0)
    made.setRange(low, high)
    made.setDecimals(1)
    made.setSingleStep(step)
    made.setSuffix(unit)
    made.setValue(value)
    return made
