"""What is connected to this machine: one press opens it, another lets it go."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QHBoxLayout,
    QVBoxLayout,
    QWidget,
)

from lablive.messages import SourceSpec
from ui.device_offers import offers
from ui.scrolling import scrolling
from ui.tokens import STEP_PX
from ui.widgets import ElidedLabel, KeyButton, label

if TYPE_CHECKING:
    from collections.abc import Callable

    from ui.device_offers import Offer
    from ui.session_model import SessionModel

SEARCH_EVERY_MS: Final = 1000
CHOOSE: Final = "choose its profile"
TITLE: Final = "What is connected to this computer"
SIMULATED: Final = "Simulated runner"
RADIO: Final = "Search Bluetooth"
RADIO_LOOKS: Final = "Searching Bluetooth …"
RAW: Final = "Raw bytes"
RAW_WHY: Final = (
    "Keep the bytes of this device beside each trial, so that a lab can look into them "
    "or send them to us (lablive decode)."
)
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
        self._open_rows: dict[str, _OpenRow] = {}
        self._closed = False
        self.setWindowTitle("Connect devices")
        self.setMinimumSize(640, 440)
        self.resize(680, 600)
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
        close = KeyButton("Close", "Esc")
        close.clicked.connect(self.reject)
        for button in (simulate, self.radio_button, close):
            button.setAutoDefault(False)
        buttons = QHBoxLayout()
        buttons.setSpacing(2 * STEP_PX)
        buttons.addWidget(simulate)
        buttons.addWidget(self.radio_button)
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
        listed = offers(found, self._open_specs())
        for name in self._rows.keys() - {offer.spec.id for offer in listed}:
            _remove(self._rows.pop(name))
        for offer in listed:
            held = self._rows.get(offer.spec.id)
            if held is not None and held.offer != offer:
                _remove(self._rows.pop(offer.spec.id))
                held = None
            if held is None:
                row = self._rows[offer.spec.id] = OfferRow(offer, self._count)
                self._list.insertWidget(self._list.count() - 1, row)
        words = "Tick what belongs to this runner." if listed else NOTHING
        if not found.get("looked", True):
            words = "Searching ports and streams …"
        troubles = [*found.get("problems", [])]
        troubles += [found[key] for key in ABSENT if found.get(key)]
        self._said.setText("\n".join([words, *troubles]))
        self._show_looking(looking=bool(found.get("bluetooth_looking")))
        self._count()

    def _show_open(self) -> None:
        """List what is open, on top, the simulated runner as one."""
        names = {spec.id: spec.id for spec in self._open_specs()}
        simulated = self._model.simulated.sources
        wanted = {SIMULATED if name in simulated else name for name in names}
        for name in self._open_rows.keys() - wanted:
            _remove(self._open_rows.pop(name))
        for name in sorted(wanted - self._open_rows.keys()):
            row = self._open_rows[name] = _OpenRow(name, self._let_go)
            self._list.insertWidget(len(self._open_rows) - 1, row)

    def _open_specs(self) -> list[SourceSpec]:
        report = self._model.live.report
        return [source.spec for source in report.sources] if report else []

    def _let_go(self, name: str) -> None:
        if name == SIMULATED:
            self._model.simulated.stop()
        else:
            self._model.disconnect_source(name)
        self._show_open()

    def _count(self) -> None:
        chosen = sum(row.spec() is not None for row in self._rows.values())
        plural = "" if chosen == 1 else "s"
        words = f"Connect {chosen} device{plural}" if chosen else "Connect"
        self.connect_button.set_text(words)
        self.connect_button.setEnabled(chosen > 0)

    def _open_chosen(self) -> None:
        specs = [spec for row in self._rows.values() if (spec := row.spec())]
        if self._instead_of:
            self._model.disconnect_source(self._instead_of)
        self._model.connect_sources(specs)
        self.accept()

    def _simulate(self) -> None:
        self._model.simulate()
        self.accept()


class OfferRow(QWidget):
    """One thing that can be connected; a port or Bluetooth device needs a profile."""

    def __init__(self, offer: Offer, changed: Callable[[], None]) -> None:
        super().__init__()
        self.offer = offer
        self._profile: QComboBox | None = None
        self.switch: QCheckBox | None = None
        self.raw: QCheckBox | None = None
        self.tick = QCheckBox()
        self.tick.setAccessibleName(offer.title)
        line = _line(self, offer.title, offer.problem or offer.detail, offer.problem)
        line.insertWidget(0, self.tick)
        if offer.profiles and not offer.problem:
            self._profile = QComboBox()
            self._profile.addItems([CHOOSE, *offer.profiles])
            self._profile.setCurrentText(offer.fits or CHOOSE)
            self._profile.setAccessibleName(f"Profile of {offer.title}")
            self._profile.currentTextChanged.connect(self._follow_profile)
            line.addWidget(self._profile)
            self.raw = QCheckBox(RAW)
            self.raw.setToolTip(RAW_WHY)
            self.raw.setAccessibleName(f"Keep raw bytes of {offer.title}")
            line.addWidget(self.raw)
        if offer.switch[0] and not offer.problem:
            self.switch = QCheckBox(offer.switch[1])
            line.addWidget(self.switch)
        known = bool(offer.fits) or not offer.profiles
        ready = not offer.problem and not offer.private and known
        self.tick.setChecked(ready)
        self.tick.setEnabled(not offer.problem)
        self.tick.toggled.connect(lambda _: changed())

    def spec(self) -> SourceSpec | None:
        """Return what to open, None when it is not ticked or has no profile."""
        spec = self.offer.spec
        if not self.tick.isChecked():
            return None
        if self.switch is not None and self.switch.isChecked():
            return SourceSpec(
                spec.id, spec.driver, {**spec.options, self.offer.switch[0]: True}
            )
        if self._profile is None:
            return spec
        profile = self._profile.currentText()
        if profile == CHOOSE:
            return None
        options = {**spec.options, "profile": profile}
        kept = self.raw is not None and self.raw.isChecked()
        return SourceSpec(spec.id, spec.driver, options, record_raw=kept)

    def _follow_profile(self, name: str) -> None:
        self.tick.setChecked(name != CHOOSE)
        self.tick.toggled.emit(self.tick.isChecked())


class _OpenRow(QWidget):
    """A device that is open, with the button that lets it go."""

    def __init__(self, name: str, let_go: Callable[[str], None]) -> None:
        super().__init__()
        button = KeyButton("Disconnect")
        button.setAutoDefault(False)
        button.setAccessibleName(f"Disconnect {name}")
        button.clicked.connect(lambda: let_go(name))
        _line(self, name, "connected").addWidget(button)


def _line(row: QWidget, title: str, detail: str, problem: str = "") -> QHBoxLayout:
    """Lay a row out: two lines of words, and room for what goes beside them."""
    words = QVBoxLayout()
    words.setSpacing(0)
    words.addWidget(ElidedLabel(title, "strong"))
    below = label(detail, "poor" if problem else "muted")
    below.setWordWrap(True)
    words.addWidget(below)
    line = QHBoxLayout(row)
    line.setContentsMargins(0, STEP_PX, 0, STEP_PX)
    line.setSpacing(3 * STEP_PX)
    line.addLayout(words, 1)
    return line


def _remove(row: QWidget) -> None:
    row.hide()
    row.deleteLater()
