"""What is connected to this machine, and one press to open it."""

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

from lablive.errors import LabLiveError
from lablive.messages import SourceSpec
from ui.numbers import rate_text
from ui.scrolling import scrolling
from ui.simulator import Simulator
from ui.tokens import STEP_PX
from ui.widgets import ElidedLabel, KeyButton, label

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ui.session_model import SessionModel

SEARCH_EVERY_MS: Final = 4000
CHOOSE: Final = "choose its profile"


class ConnectDialog(QDialog):
    """Serial ports with the profile that fits, LSL streams, the simulated runner."""

    def __init__(self, model: SessionModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self._rows: dict[str, _Row] = {}
        self._profiles: list[str] = []
        self.setWindowTitle("Connect devices")
        self.setMinimumSize(560, 420)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._said = label("Searching ports and streams …", "muted")
        self._said.setWordWrap(True)
        self._list = QVBoxLayout()
        self._list.addStretch(1)
        simulate = KeyButton("Simulated runner", "")
        simulate.clicked.connect(self._simulate)
        self._connect = KeyButton("Connect", "Enter", "primary")
        self._connect.setDefault(True)
        self._connect.clicked.connect(self._open_chosen)
        close = KeyButton("Close", "Esc")
        close.clicked.connect(self.reject)
        buttons = QHBoxLayout()
        buttons.setSpacing(2 * STEP_PX)
        buttons.addWidget(simulate)
        buttons.addStretch(1)
        buttons.addWidget(close)
        buttons.addWidget(self._connect)
        box = QVBoxLayout(self)
        box.setContentsMargins(20, 16, 20, 16)
        box.setSpacing(3 * STEP_PX)
        box.addWidget(label("What is connected to this computer", "heading"))
        box.addWidget(self._said)
        box.addWidget(scrolling(self._list), 1)
        box.addLayout(buttons)
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._search)
        self._timer.start(SEARCH_EVERY_MS)
        self._search()
        self._count()

    def _search(self) -> None:
        self._model.live.discover(self._show)

    def _show(self, found: dict[str, Any]) -> None:
        """Take the host's answer; rows that are ticked stay as they are."""
        if not self.isVisible():
            return
        self._profiles = list(found.get("profiles", []))
        open_now = self._model.live.source_ids
        for port in found.get("serial", []):
            self._add(_serial_row(port, self._profiles), open_now)
        for stream in found.get("lsl", []):
            self._add(_lsl_row(stream), open_now)
        if self._rows:
            self._said.setText("Tick what belongs to this runner.")
        else:
            self._said.setText(
                "Nothing found yet; the search goes on. Plug the receiver in, or "
                "start the device's LSL program. No devices at hand? Try the "
                "simulated runner."
            )
        self._count()

    def _add(self, row: _Row, open_now: set[str]) -> None:
        if row.key in self._rows or row.key in open_now:
            row.deleteLater()
            return
        self._rows[row.key] = row
        row.tick.toggled.connect(self._count)
        self._list.insertWidget(self._list.count() - 1, row)

    def _count(self) -> None:
        chosen = sum(row.spec() is not None for row in self._rows.values())
        plural = "" if chosen == 1 else "s"
        self._connect.set_text(f"Connect {chosen} device{plural}")
        self._connect.setEnabled(chosen > 0)

    def _open_chosen(self) -> None:
        specs = [spec for row in self._rows.values() if (spec := row.spec())]
        self._model.connect_sources(specs)
        self.accept()

    def _simulate(self) -> None:
        try:
            self._model.simulate(Simulator)
        except LabLiveError as error:
            self._said.setText(str(error))
            return
        self.accept()


class _Row(QWidget):
    """One thing that can be opened; a serial port needs a profile."""

    def __init__(
        self,
        spec: SourceSpec,
        title: str,
        detail: str,
        *,
        fits: str = "",
        profiles: Sequence[str] = (),
        problem: str = "",
    ) -> None:
        super().__init__()
        self.key = spec.id
        self._spec = spec
        self._profile: QComboBox | None = None
        self.tick = QCheckBox()
        self.tick.setAccessibleName(title)
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addWidget(ElidedLabel(title, "strong"))
        words.addWidget(ElidedLabel(problem or detail, "poor" if problem else "muted"))
        line = QHBoxLayout(self)
        line.setContentsMargins(0, 4, 0, 4)
        line.setSpacing(3 * STEP_PX)
        line.addWidget(self.tick)
        line.addLayout(words, 1)
        if profiles:
            self._profile = QComboBox()
            self._profile.addItems([CHOOSE, *profiles])
            self._profile.setCurrentText(fits or CHOOSE)
            self._profile.setAccessibleName(f"Profile of {title}")
            self._profile.currentTextChanged.connect(self._follow_profile)
            line.addWidget(self._profile)
        self.tick.setChecked(not problem and (bool(fits) or not profiles))
        self.tick.setEnabled(not problem)

    def spec(self) -> SourceSpec | None:
        """Return what to open, None when it is not ticked or has no profile."""
        if not self.tick.isChecked():
            return None
        if self._profile is None:
            return self._spec
        profile = self._profile.currentText()
        if profile == CHOOSE:
            return None
        options = {**self._spec.options, "profile": profile}
        return SourceSpec(self._spec.id, self._spec.driver, options)

    def _follow_profile(self, name: str) -> None:
        self.tick.setChecked(name != CHOOSE)
        self.tick.toggled.emit(self.tick.isChecked())


def _serial_row(port: dict[str, Any], profiles: Sequence[str]) -> _Row:
    name = str(port["path"])
    fits = list(port.get("profiles", []))
    return _Row(
        SourceSpec(name, "profile", {"port": name}),
        str(port.get("description") or name),
        name,
        fits=fits[0] if len(fits) == 1 else "",
        profiles=profiles,
        problem=str(port.get("problem", "")),
    )


def _lsl_row(stream: dict[str, Any]) -> _Row:
    keys = ("source_id",) if stream.get("source_id") else ("name", "type", "hostname")
    options: dict[str, str | float | bool] = {key: stream[key] for key in keys}
    name = str(stream["name"])
    rate = rate_text(float(stream.get("rate_hz", 0.0)))
    detail = f"{stream.get('type', '')} · {stream['channels']} channels · {rate}"
    return _Row(
        SourceSpec(f"{name} ({stream['hostname']})", "lsl", options), name, detail
    )
