"""Export of the trial on screen, or of its range, with progress and a way to stop."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QFileDialog,
    QGridLayout,
    QHBoxLayout,
    QLineEdit,
    QWidget,
)

from ui.language import say
from ui.tokens import STEP_PX
from ui.widgets import KeyButton, label
from ui.worker_dialog import WorkerDialog

if TYPE_CHECKING:
    from pathlib import Path

    from lablive.live.replaying import ReplaySession

PROGRAM: Final = "lablive.exporting.export_trial"
# format, what it is, and how its place ends; "" = a folder
FORMATS: Final = (
    ("c3d", "C3D: all channels and events, for motion analysis programs", ".c3d"),
    ("csv", "CSV: folder of tables for spreadsheets and scripts", ""),
    ("parquet", "Parquet: the same tables, smaller and quicker", ""),
    ("mot", "OpenSim .mot: force under both feet", ".mot"),
    ("sto", "OpenSim .sto: orientation of every IMU", ".sto"),
    ("xdf", "XDF: the range as a trial of its own", ".xdf"),
    ("bids", "BIDS-like folder with sidecars", ""),
)


class ExportDialog(WorkerDialog):
    """Format, range, name and place; the trial is never changed.

    Parameters
    ----------
    replay
        The trial on screen.
    """

    def __init__(self, replay: ReplaySession, parent: QWidget | None = None) -> None:
        super().__init__(f"Export {replay.path.name}", "Export", parent)
        self._trial = replay.path
        self._range: tuple[float, float] | None = None
        if replay.range_s is not None:
            begin_s, end_s = replay.range_s
            self._range = (begin_s - replay.trial.t0_s, end_s - replay.trial.t0_s)
        self.form = QComboBox()
        self.form.setAccessibleName(say("Format"))
        for name, words, _ in FORMATS:
            self.form.addItem(words, name)
        self.part = QCheckBox(self._part_words())
        self.part.setEnabled(self._range is not None)
        self.part.setChecked(self._range is not None)
        self.named = QCheckBox(say("With the person's name (otherwise the code alone)"))
        self.place = QLineEdit()
        self.place.setAccessibleName(say("Place"))
        self.look_button = KeyButton("Choose …", "Ctrl+O", shortcut=True)
        self.look_button.clicked.connect(self.choose)
        self.form.currentIndexChanged.connect(self._propose)
        self.part.toggled.connect(self._propose)
        self._propose()
        where = QHBoxLayout()
        where.addWidget(self.place, 1)
        where.addWidget(self.look_button)
        fields = QGridLayout()
        fields.setHorizontalSpacing(3 * STEP_PX)
        fields.setVerticalSpacing(2 * STEP_PX)
        fields.addWidget(label("Format", "muted"), 0, 0)
        fields.addWidget(self.form, 0, 1)
        fields.addWidget(self.part, 1, 1)
        fields.addWidget(self.named, 2, 1)
        fields.addWidget(label("Place", "muted"), 3, 0)
        fields.addLayout(where, 3, 1)
        fields.setColumnStretch(1, 1)
        self.lay_out(fields)

    def choose(self) -> None:
        """Let the operator pick the place."""
        path, _ = QFileDialog.getSaveFileName(self, "Export to", self.place.text())
        if path:
            self.place.setText(path)

    def arguments(self) -> list[str] | None:
        """Return what the export is told."""
        if not self.place.text().strip():
            self.told.setText(say("Say where the export is to lie."))
            return None
        name, _, _ = FORMATS[self.form.currentIndex()]
        words = [PROGRAM, str(self._trial), "--to", name, "--out", self.place.text()]
        if self.part.isChecked() and self._range is not None:
            words += ["--from", f"{self._range[0]:.3f}"]
            words += ["--until", f"{self._range[1]:.3f}"]
        return [*words, "--with-name"] if self.named.isChecked() else words

    def finish(self, text: str) -> None:
        """Say where it lies, and propose another place for the next."""
        del text
        made = self.place.text()
        self._propose()
        self.told.setText(
            say(f"{made} is written; {self._trial.name} was not changed.")
        )

    def _part_words(self) -> str:
        if self._range is None:
            return "Only a range (choose one on the time line: B, E, or Shift and drag)"
        return f"Only the range, {self._range[0]:.1f} to {self._range[1]:.1f} s"

    def _propose(self) -> None:
        """Propose a place beside the trial where nothing lies yet."""
        name, _, ending = FORMATS[self.form.currentIndex()]
        stem = f"{self._trial.stem}-{name}" if not ending else self._trial.stem
        if self.part.isChecked() or ending == self._trial.suffix:
            stem += "-range" if self.part.isChecked() else "-copy"
        self.place.setText(str(free_place(self._trial.parent, stem, ending)))


def free_place(folder: Path, stem: str, ending: str) -> Path:
    """Return a path of that name where nothing lies; a number is added if needed."""
    names = (stem, *(f"{stem}-{number}" for number in range(2, 1000)))
    places = (folder / f"{name}{ending}" for name in names)
    return next(place for place in places if not place.exists())
