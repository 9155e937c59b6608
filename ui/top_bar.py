"""The line above the page: who, how long, how large, how many streams, what is lost."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtGui import QDoubleValidator, QIcon
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLineEdit, QToolButton

from lablive.errors import ConfigError
from lablive.recording.folders import check_code
from ui.icon import icon
from ui.numbers import size_text
from ui.session_model import SessionModel, State
from ui.signs import ElapsedLabel, VerdictChip
from ui.tokens import STEP_PX
from ui.widgets import label, set_role

if TYPE_CHECKING:
    from lablive.live.reports import HostReport

LITTLE_TIME_S = 600.0  # of free disk at the present rate


class TopBar(QFrame):
    """Person, calibration, recording."""

    theme_wanted = Signal()

    def __init__(self, model: SessionModel) -> None:
        super().__init__()
        self._model = model
        self.setProperty("surface", "bar")
        self._code = QLineEdit(model.code)
        self._code.setMaximumWidth(150)
        self._code.setAccessibleName("Person code, no name")
        self._code.setToolTip("Pseudonymous code: it becomes part of file names")
        self._code.editingFinished.connect(self._take_code)
        self._mass = QLineEdit()
        self._mass.setPlaceholderText("body mass")
        self._mass.setMaximumWidth(96)
        self._mass.setValidator(QDoubleValidator(0.0, 500.0, 1, self._mass))
        self._mass.setAccessibleName("Body mass in kg, with clothes and shoes")
        self._mass.editingFinished.connect(self._take_mass)
        self._calibration = VerdictChip()
        self._recorded = ""
        self._gaps_before = 0
        self._elapsed = ElapsedLabel()
        self._size = label("", "muted")
        self._streams = label("", "muted")
        self._gaps = label("", "muted")
        self._theme = QToolButton()
        self._theme.setProperty("kind", "quiet")
        self._theme.setAccessibleName("Light or dark")
        self._theme.setToolTip("Light or dark (Ctrl+L)")
        self._theme.setShortcut("Ctrl+L")
        self._theme.clicked.connect(self.theme_wanted)
        box = QHBoxLayout(self)
        box.setContentsMargins(5 * STEP_PX, 2 * STEP_PX, 4 * STEP_PX, 2 * STEP_PX)
        box.setSpacing(4 * STEP_PX)
        for widget in (self._code, self._mass, label("kg", "muted"), self._calibration):
            box.addWidget(widget)
        box.addStretch(1)
        for widget in (self._elapsed, self._size, self._streams, self._gaps):
            box.addWidget(widget)
        box.addWidget(self._theme)
        self.set_theme_icon("moon")
        self.show_calibration()

    def set_theme_icon(self, name: str) -> None:
        """Show the theme that a press brings."""
        self._theme.setIcon(QIcon(icon(name)))

    def set_mass(self, mass_kg: float) -> None:
        """Enter a body mass (the demo's runner)."""
        self._mass.setText(f"{mass_kg:g}")
        self._take_mass()

    def show_calibration(self) -> None:
        """Say what forces are in."""
        replay = self._model.replay
        found = replay.calibration if replay else self._model.live.calibration
        if found is None:
            self._calibration.set_verdict("unknown", "not weighed")
        else:
            self._calibration.set_verdict("good", f"weighed {found.mass_kg:g} kg")

    def show_report(self, report: HostReport) -> None:
        """Show the recording and the streams now."""
        status = [told for source in report.sources for told in source.status]
        alive = sum(told.state == "streaming" for told in status)
        self._streams.setText(f"{alive}/{len(status)} streams" if status else "")
        set_role(self._streams, "muted" if alive == len(status) else "caution")
        gaps = sum(told.gaps for told in status)
        if report.recording is None:
            self._gaps_before = 0
        elif self._recorded != report.recording.path:  # what counts is in the file
            self._recorded, self._gaps_before = report.recording.path, gaps
        gaps -= self._gaps_before
        self._gaps.setText("" if not status else f"{gaps} gap{'s' * (gaps != 1)}")
        set_role(self._gaps, "good" if gaps == 0 else "poor")
        running = report.recording
        if running is None:
            self._elapsed.set_idle()
            self._size.setText("")
            return
        self._elapsed.set_elapsed(running.elapsed_s, stalled=alive == 0)
        self._size.setText(size_text(running.bytes))
        per_s = running.bytes / max(running.elapsed_s, 1.0)
        if running.free_bytes < per_s * LITTLE_TIME_S:
            left_min = running.free_bytes / max(per_s, 1.0) / 60
            self._size.setText(f"{size_text(running.bytes)} · {left_min:.0f} min left")
            set_role(self._size, "poor")
        else:
            set_role(self._size, "muted")

    def set_editable(self, state: State) -> None:
        """Person and mass stay as they are while recording."""
        free = state in (State.IDLE, State.CONNECTED)
        self._code.setEnabled(free)
        self._mass.setEnabled(free)

    def _take_code(self) -> None:
        try:
            self._model.code = check_code(self._code.text().strip())
        except ConfigError as error:
            self._model.trouble.emit(str(error))
            self._code.setText(self._model.code)

    def _take_mass(self) -> None:
        text = self._mass.text().replace(",", ".").strip()
        self._model.mass_kg = float(text) if text else None
