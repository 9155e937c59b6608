"""What is connected to this machine: one press opens it, another lets it go."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QVBoxLayout,
    QWidget,
)

from ui.device_offers import absent, offers
from ui.device_questions import questions_in
from ui.language import say
from ui.network_dialog import NetworkDialog
from ui.offer_row import OfferRow, OpenRow
from ui.scrolling import scrolling
from ui.tokens import STEP_PX
from ui.widgets import ElidedLabel, KeyButton, label

if TYPE_CHECKING:
    from lablive.messages import SourceSpec
    from ui.session_model import SessionModel

SEARCH_EVERY_MS: Final = 1000
TITLE: Final = "What is connected to this computer"
SIMULATED: Final = "Simulated runner"
RADIO: Final = "Search Bluetooth"
RADIO_LOOKS: Final = "Searching Bluetooth …"
ADDRESS: Final = "By address …"
MOST_GONE: Final = 3
ABSENT: Final = ("microphones_problem", "bluetooth_problem")
NOTHING: Final = (
    "Nothing found yet; the search goes on. Plug the receiver in, or start the "
    "device's LSL program. No devices at hand? Try the simulated runner."
)


class ConnectDialog(QDialog):
    """Ports and Bluetooth with the profile that fits, LSL, microphones, a simulator.

    Parameters
    ----------
    model
        Whose host opens what is chosen.
    instead_of
        Device that is let go when another is connected; "" = none.
    """

    def __init__(
        self, model: SessionModel, parent: QWidget | None = None, instead_of: str = ""
    ) -> None:
        super().__init__(parent)
        self._model = model
        self._instead_of = instead_of
        self._rows: dict[str, OfferRow] = {}
        self._found: dict[str, Any] = {}
        self._open_rows: dict[str, OpenRow] = {}
        self._closed = False
        self.setWindowTitle(say("Connect devices"))
        self.setMinimumSize(760, 440)
        self.resize(840, 600)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._said = label("Searching ports and streams …", "muted")
        self._said.setWordWrap(True)
        self._list = QVBoxLayout()
        self._list.setContentsMargins(0, 0, 2 * STEP_PX, 0)
        self._list.addStretch(1)
        simulate = KeyButton(SIMULATED)
        simulate.clicked.connect(self._simulate)
        self.connect_button = KeyButton("Connect", "Enter", "primary")
        self.connect_button.setDefault(True)
        self.connect_button.clicked.connect(self._open_chosen)
        self.radio_button = KeyButton(RADIO)
        self.radio_button.clicked.connect(self._search_radio)
        self.address_button = KeyButton(ADDRESS)
        self.address_button.clicked.connect(self._ask_address)
        close = KeyButton("Close", "Esc")
        close.clicked.connect(self.reject)
        others = (simulate, self.radio_button, self.address_button)
        for button in (*others, close):
            button.setAutoDefault(False)
        buttons = QHBoxLayout()
        buttons.setSpacing(2 * STEP_PX)
        for button in others:
            buttons.addWidget(button)
        buttons.addStretch(1)
        buttons.addWidget(close)
        buttons.addWidget(self.connect_button)
        box = QVBoxLayout(self)
        box.setContentsMargins(20, 16, 20, 16)
        box.setSpacing(3 * STEP_PX)
        head = f"Instead of {instead_of}" if instead_of else TITLE
        box.addWidget(ElidedLabel(head, "heading"))
        box.addWidget(self._said)
        box.addWidget(scrolling(self._list), 1)
        box.addLayout(buttons)
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._search)
        self._timer.start(SEARCH_EVERY_MS)
        self.finished.connect(self._end)
        self._search()
        self._count()

    def rows(self) -> list[OfferRow]:
        """Return what is listed and can be connected."""
        return list(self._rows.values())

    def _end(self) -> None:
        self._closed = True  # an answer may still be on its way
        self._timer.stop()

    def _search(self) -> None:
        self._show_open()
        self._model.live.discover(self._show)

    def _search_radio(self) -> None:
        self._show_looking(looking=True)
        self._model.live.discover(self._show, bluetooth=True)

    def _show_looking(self, *, looking: bool) -> None:
        self.radio_button.set_text(RADIO_LOOKS if looking else RADIO)
        self.radio_button.setEnabled(not looking)

    def _show(self, found: dict[str, Any]) -> None:
        """Take the host's answer; rows that are still there stay as they are."""
        if self._closed:
            return
        self._found = found
        known = self._model.devices.known.devices
        listed = offers(found, self._open_specs(), known)
        questions = questions_in(found)
        for name in self._rows.keys() - {offer.spec.id for offer in listed}:
            _remove(self._rows.pop(name))
        for offer in listed:
            held = self._rows.get(offer.spec.id)
            if held is not None and held.offer != offer:
                _remove(self._rows.pop(offer.spec.id))
                held = None
            if held is None:
                row = OfferRow(offer, self._count, questions)
                self._rows[offer.spec.id] = row
                self._list.insertWidget(self._list.count() - 1, row)
        words = "Tick what belongs to this runner." if listed else NOTHING
        if not found.get("looked", True):
            words = "Searching ports and streams …"
        gone = absent(listed, self._open_specs(), known)
        names = ", ".join(device.spec.id for device in gone[:MOST_GONE])
        if gone and found.get("looked", True):
            words += f"\nKnown here, not found now: {names}"
            words += f" and {len(gone) - MOST_GONE} more." * (len(gone) > MOST_GONE)
        troubles = [*found.get("problems", [])]
        troubles += [found[key] for key in ABSENT if found.get(key)]
        self._said.setText("\n".join([words, *troubles]))
        self._show_looking(looking=bool(found.get("bluetooth_looking")))
        self._list.activate()  # new rows would be seen squeezed for a moment
        self._count()

    def _show_open(self) -> None:
        """List what is open, on top, the simulated runner as one."""
        names = {spec.id: spec.id for spec in self._open_specs()}
        simulated = self._model.simulated.sources
        wanted = {SIMULATED if name in simulated else name for name in names}
        for name in self._open_rows.keys() - wanted:
            _remove(self._open_rows.pop(name))
        for name in sorted(wanted - self._open_rows.keys()):
            row = self._open_rows[name] = OpenRow(name, self._let_go)
            self._list.insertWidget(len(self._open_rows) - 1, row)

    def _open_specs(self) -> list[SourceSpec]:
        report = self._model.live.report
        return [source.spec for source in report.sources] if report else []

    def _let_go(self, name: str) -> None:
        if name == SIMULATED:
            self._model.simulated.stop()
        else:
            self._model.devices.disconnect_source(name)
        self._show_open()

    def _count(self) -> None:
        chosen = sum(row.spec() is not None for row in self._rows.values())
        plural = "" if chosen == 1 else "s"
        words = f"Connect {chosen} device{plural}" if chosen else "Connect"
        self.connect_button.set_text(words)
        self.connect_button.setEnabled(chosen > 0)

    def _open_chosen(self) -> None:
        specs = [spec for row in self._rows.values() if (spec := row.spec())]
        self._let_go_of_other()
        self._model.devices.connect_sources(specs)
        self.accept()

    def _ask_address(self) -> None:
        dialog = NetworkDialog(self._found, self)
        if dialog.exec():
            self._let_go_of_other()
            self._model.devices.connect_sources([dialog.spec()])
            self.accept()

    def _let_go_of_other(self) -> None:
        if self._instead_of:
            self._model.devices.disconnect_source(self._instead_of)

    def _simulate(self) -> None:
        self._model.simulate()
        self.accept()


def _remove(row: QWidget) -> None:
    row.hide()
    row.deleteLater()
