"""The line above the page: who, how long, how large, how many streams, what is lost."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QRegularExpression, Signal
from PySide6.QtGui import QIcon, QRegularExpressionValidator
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLineEdit, QToolButton

from lablive.clock import now_s
from lablive.errors import ConfigError
from lablive.signals.body_weight import MASS_KG
from ui import theme
from ui.actions import dress
from ui.gate_path import gates
from ui.gates_bar import GatesBar
from ui.icon import icon
from ui.language import say
from ui.numbers import counted, size_text
from ui.session_model import SessionModel, State
from ui.signs import ElapsedLabel
from ui.tokens import STEP_PX, following
from ui.troubles import LITTLE_TIME_S
from ui.widgets import label, set_role

if TYPE_CHECKING:
    from lablive.live.replaying import ReplaySession
    from lablive.live.reports import HostReport
    from ui.tokens import ThemeName

_BRINGS: Final[dict[ThemeName, str]] = {
    "light": "sun",
    "dark": "moon",
    "contrast": "contrast",
}


class TopBar(QFrame):
    """Person, calibration, recording."""

    theme_wanted = Signal()

    def __init__(self, model: SessionModel) -> None:
        super().__init__()
        self._model = model
        self.setProperty("surface", "bar")
        self._code = QLineEdit(model.code)
        self._code.setMaximumWidth(150)
        self._code.setMinimumWidth(110)  # the path gives way, not the person
        self._code.setAccessibleName(say("Person code, no name"))
        self._code.setToolTip(say("Pseudonymous code: it becomes part of file names"))
        self._code.editingFinished.connect(self._take_code)
        self._mass = QLineEdit()
        self._mass.setPlaceholderText(say("body mass"))
        self._mass.setFixedWidth(96)
        # any country's decimal sign; a field that swallowed one would hide the rest
        digits = QRegularExpression(r"\d{0,3}([.,]\d{0,2})?")
        self._mass.setValidator(QRegularExpressionValidator(digits, self._mass))
        self._mass.setAccessibleName(say("Body mass in kg, with clothes and shoes"))
        self._mass.editingFinished.connect(self._take_mass)
        for field in (self._code, self._mass):  # Enter gives the keys back to the page
            field.returnPressed.connect(field.clearFocus)
        self.gates = GatesBar()
        self._elapsed = ElapsedLabel()
        self._size = label("", "muted")
        self._streams = label("", "muted")
        self._gaps = label("", "muted")
        self._theme = QToolButton()
        self._theme.setProperty("kind", "quiet")
        dress(self._theme, "theme")
        self._theme.clicked.connect(self.theme_wanted)
        box = QHBoxLayout(self)
        box.setContentsMargins(5 * STEP_PX, 2 * STEP_PX, 4 * STEP_PX, 2 * STEP_PX)
        box.setSpacing(4 * STEP_PX)
        box.addWidget(self._code)
        box.addWidget(self._mass)
        box.addSpacing(-2 * STEP_PX)  # the unit belongs to its field
        box.addWidget(label("kg", "muted"))
        box.addWidget(self.gates)
        box.addStretch(1)
        for widget in (self._elapsed, self._size, self._streams, self._gaps):
            box.addWidget(widget)
        box.addWidget(self._theme)
        model.person_changed.connect(self._show_person)
        model.mass_wanted.connect(self._mass.setFocus)
        for changed in (model.state_changed, model.rebuilt, model.gates.changed):
            changed.connect(self.show_gates)
        self.show_theme()
        self.show_gates()

    def show_theme(self) -> None:
        """Show the theme that a press brings."""
        self._theme.setIcon(QIcon(icon(_BRINGS[following(theme.tokens().name)])))

    def set_mass(self, mass_kg: float) -> None:
        """Enter a body mass (the demo's runner)."""
        self._model.set_mass(mass_kg)

    def show_gates(self) -> None:
        """Show where the session stands."""
        self.gates.show_gates(gates(self._model))

    def show_trial(self, replay: ReplaySession) -> None:
        """Show the trial that is looked at instead of the live lab."""
        trial = replay.trial
        self._elapsed.set_replay(trial.path.name)
        self._size.setText(size_text(trial.path.stat().st_size))
        self._streams.setText(say(counted(len(trial.streams), "stream")))
        set_role(self._streams, "muted")
        self._show_gaps(len(trial.losses))

    def show_report(self, report: HostReport) -> None:
        """Show the recording and the streams now."""
        status = [told for source in report.sources for told in source.status]
        alive = sum(told.state == "streaming" for told in status)
        self._streams.setText(say(f"{alive}/{len(status)} streams" if status else ""))
        set_role(self._streams, "muted" if alive == len(status) else "caution")
        running = report.recording
        # while recording those of the file, whoever has opened the devices and when
        gaps = running.gaps if running else sum(told.gaps for told in status)
        self._show_gaps(gaps if running or status else None)
        if running is None:
            self._size.setText("")
            since_s = self._model.gates.practice_s
            if since_s is None:
                self._elapsed.set_idle()
            else:
                self._elapsed.set_practice(now_s() - since_s)
            return
        self._elapsed.set_elapsed(running.elapsed_s, stalled=alive == 0)
        self._size.setText(size_text(running.bytes))
        per_s = running.bytes / max(running.elapsed_s, 1.0)
        if running.free_bytes < per_s * LITTLE_TIME_S:
            left_min = running.free_bytes / max(per_s, 1.0) / 60
            self._size.setText(
                say(f"{size_text(running.bytes)} · {left_min:.0f} min left")
            )
            set_role(self._size, "poor")
        else:
            set_role(self._size, "muted")

    def set_editable(self, state: State) -> None:
        """Person and mass stay as they are while recording."""
        free = state in (State.IDLE, State.CONNECTED)
        self._code.setEnabled(free)
        self._mass.setEnabled(free)

    def _show_gaps(self, gaps: int | None) -> None:
        self._gaps.setText(say("" if gaps is None else counted(gaps, "gap")))
        set_role(self._gaps, "poor" if gaps else "good")

    def _take_code(self) -> None:
        try:
            self._model.change_person(self._code.text().strip())
        except ConfigError as error:
            self._model.trouble.emit(str(error))
            self._show_person()

    def _take_mass(self) -> None:
        text = self._mass.text().replace(",", ".").strip(".")
        mass_kg = float(text) if text else None
        if mass_kg is not None and not MASS_KG[0] <= mass_kg <= MASS_KG[1]:
            low, high = MASS_KG
            self._model.trouble.emit(
                f"A body mass of {mass_kg:g} kg is not plausible. The one before "
                f"still counts. Enter {low:g} to {high:g} kg."
            )
            self._show_person()
            return
        self._model.set_mass(mass_kg)
        self._show_person()

    def _show_person(self) -> None:
        """Write what the model holds, also when it came from elsewhere."""
        mass_kg = self._model.mass_kg
        self._code.setText(self._model.code)
        self._mass.setText("" if mass_kg is None else f"{mass_kg:g}")
