"""The known devices that are not connected: there, or not found; connect or forget."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

from PySide6.QtWidgets import (
    QHBoxLayout,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from ui import theme
from ui.actions import ActionButton
from ui.device_health import opened_as
from ui.icon import icon
from ui.numbers import counted, day_text
from ui.scrolling import as_tall
from ui.signs import StatusLamp
from ui.tokens import STEP_PX
from ui.widgets import Card, ElidedLabel

if TYPE_CHECKING:
    from lablive.live.known_devices import KnownDevice
    from ui.session_model import SessionModel

MOST_PX: Final = 150
AWAY: Final = "not found"
_LAMP_PX: Final = 100


class KnownCard(Card):
    """Each known device in one line.

    Parameters
    ----------
    model
        Whose known devices they are.
    """

    def __init__(self, model: SessionModel) -> None:
        super().__init__("Known here", "not connected")
        self._model = model
        self._rows: list[QWidget] = []
        self.connect_button = ActionButton("connect_known", model.devices.connect_known)
        self.head.addWidget(self.connect_button)
        self._column = QVBoxLayout()
        self._column.setContentsMargins(0, 0, 2 * STEP_PX, 0)
        self._column.setSpacing(0)
        self._column.addStretch(1)
        self._area = as_tall(self._column, MOST_PX)
        self.body.addWidget(self._area)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        model.devices.known.changed.connect(self.show_known)
        self.show_known()

    def show_known(self) -> None:
        """Show what is known and not connected; nothing = the card is hidden."""
        known = self._model.devices.known
        there = [offer.known for offer in known.there if offer.known]
        typed = [offer.known for offer in known.typed if offer.known]
        for row in self._rows:
            self._column.removeWidget(row)
            row.hide()
            row.deleteLater()
        self._rows = [
            *(self._row(device, "ready") for device in there),
            *(self._row(device, "by address") for device in typed),
            *(self._row(device, AWAY) for device in known.away),
        ]
        for number, row in enumerate(self._rows):
            self._column.insertWidget(number, row)
        found, away = counted(len(there), "device"), len(known.away)
        words = f"{found} ready to connect"
        self.set_subtitle(f"{words}, {away} not found" if away else words)
        self.connect_button.setVisible(bool(there))
        self.connect_button.set_text(f"Connect {found}")
        self.setVisible(bool(self._rows))
        self._area.updateGeometry()

    def show_next_step(self, *, nothing_open: bool) -> None:
        """Fill the button when it is the next step."""
        self.connect_button.set_kind("primary" if nothing_open else "secondary")

    def _row(self, device: KnownDevice, word: str) -> QWidget:
        made = QWidget()
        lamp = StatusLamp()
        lamp.set_state("closed" if word == AWAY else "settling", word)
        lamp.setMinimumWidth(theme.scaled(_LAMP_PX))
        detail = f"{opened_as(device.spec)} · used last on {day_text(device.used)}"
        devices = self._model.devices
        opens = _quiet("plug", f"Connect {device.spec.id}", "Connect it")
        opens.clicked.connect(lambda: devices.connect_sources([device.spec]))
        opens.setEnabled(word != AWAY)
        forget = _quiet("trash", f"Forget {device.spec.id}", "Forget: offer it no more")
        forget.clicked.connect(partial(devices.known.forget, device.key))
        line = QHBoxLayout(made)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(3 * STEP_PX)
        line.addWidget(lamp)
        line.addWidget(ElidedLabel(device.spec.id, "strong"), 2)
        line.addWidget(ElidedLabel(detail, "muted"), 3)
        line.addWidget(opens)
        line.addWidget(forget)
        return made


def _quiet(picture: str, name: str, tip: str) -> QToolButton:
    made = QToolButton()
    made.setIcon(icon(picture))
    made.setProperty("kind", "quiet")
    made.setAccessibleName(name)
    made.setToolTip(tip)
    return made
