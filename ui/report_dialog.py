"""How a report looks, with its pages beside it; save it, print it, keep the look."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import msgspec
from PySide6.QtCore import Qt, QTimer, QUrl
from PySide6.QtGui import QDesktopServices, QPixmap
from PySide6.QtWidgets import (
    QDialog,
    QFileDialog,
    QHBoxLayout,
    QLabel,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from lablive.errors import LabLiveError
from lablive.recording.folders import home
from lablive.report.settings import load_settings, save_settings, settings_path
from ui.language import say
from ui.report_form import ReportForm
from ui.scrolling import scrolling
from ui.tokens import STEP_PX
from ui.widgets import KeyButton, label
from ui.worker import Worker

if TYPE_CHECKING:
    from PySide6.QtGui import QResizeEvent

    from lablive.report.settings import ReportSettings

PREVIEW: Final = "lablive.report.preview"
REPORT: Final = "lablive.report.session"
WIDEST_PX: Final = 860  # larger letters than on paper help nobody
WAIT_MS: Final = 400  # after the last change, before pages are drawn


class ReportDialog(QDialog):
    """Settings on the left, the pages as they will be printed on the right.

    Parameters
    ----------
    source
        The trial, or a session's folder.

    Attributes
    ----------
    form
        What is chosen.
    pages
        The pictures, one a page.
    made
        The PDF that was saved last; None before.
    """

    def __init__(self, source: Path, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(say(f"Report of {source.name}"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setMinimumSize(900, 560)
        self._source = source
        self._temp = tempfile.TemporaryDirectory(prefix="lablive-preview-")
        self._worker: Worker | None = None
        self._saving: Worker | None = None
        self.pages: list[QLabel] = []
        self.made: Path | None = None
        self.told = label("", "muted")
        self.told.setWordWrap(True)
        settings, trouble = self._kept()
        self.form = ReportForm(settings)
        self.save_button = KeyButton("Save PDF", "Ctrl+S", "primary", shortcut=True)
        self.as_button = KeyButton("Save as …", "Ctrl+Shift+S", shortcut=True)
        self.print_button = KeyButton("Open to print", "Ctrl+P", shortcut=True)
        self.folder_button = KeyButton("Open folder", "Ctrl+O", shortcut=True)
        self.keep_button = KeyButton("Keep for all reports", "Ctrl+K", shortcut=True)
        self.close_button = KeyButton("Close", "Esc")
        self._lay_out()
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(WAIT_MS)
        self._timer.timeout.connect(self._draw)
        self.form.changed.connect(self._timer.start)
        self.save_button.clicked.connect(lambda: self.save(self._default()))
        self.as_button.clicked.connect(self._save_as)
        self.print_button.clicked.connect(lambda: self._open(self.made))
        self.folder_button.clicked.connect(
            lambda: self._open(self.made.parent if self.made else None)
        )
        self.keep_button.clicked.connect(self.keep)
        self.close_button.clicked.connect(self.reject)
        self.finished.connect(self._let_go)
        self._follow()
        self.told.setText(trouble)
        self._draw()

    # ------------------------------------------------------------------- what it does
    def save(self, pdf: Path) -> None:
        """Write the report, in a process of its own."""
        if self._saving is not None:
            return
        settings = self.form.settings
        arguments = [REPORT, str(self._source), "--pdf", str(pdf)]
        text = msgspec.json.encode(settings).decode()
        worker = Worker([*arguments, "--settings-json", text], self)
        worker.progress.connect(
            lambda share, step: self.told.setText(f"{step} {100 * share:.0f} %")
        )
        worker.done.connect(lambda _: self._saved(pdf))
        worker.failed.connect(self._failed)
        self._saving = worker
        self.told.setText(say("Making the PDF …"))
        self._follow()
        worker.start()

    def keep(self) -> None:
        """Keep this look in the library, for every report from now on."""
        path = settings_path(home())
        try:
            save_settings(path, self.form.settings)
        except LabLiveError as error:
            self.told.setText(str(error))
        else:
            self.told.setText(say(f"Kept in {path}"))

    def _save_as(self) -> None:
        name, _ = QFileDialog.getSaveFileName(
            self, "Save the report", str(self._default()), "PDF (*.pdf)"
        )
        if name:
            self.save(Path(name).with_suffix(".pdf"))

    def _default(self) -> Path:
        folder = self._source.is_dir()
        return (
            self._source / "report.pdf" if folder else self._source.with_suffix(".pdf")
        )

    def _saved(self, pdf: Path) -> None:
        self._saving, self.made = None, pdf
        table = " and its numbers as CSV" if self.form.settings.table else ""
        self.told.setText(say(f"Saved {pdf}{table}"))
        self._follow()

    def _failed(self, why: str) -> None:
        self._saving = None
        self.told.setText(why)
        self._follow()

    def _open(self, path: Path | None) -> None:
        if path is not None and not QDesktopServices.openUrl(
            QUrl.fromLocalFile(str(path))
        ):
            self.told.setText(say(f"No program here opens {path}."))

    def _kept(self) -> tuple[ReportSettings, str]:
        """Return the library's settings; the defaults and why, when they are wrong."""
        from lablive.report.settings import ReportSettings

        try:
            return load_settings(settings_path(home())), ""
        except LabLiveError as error:
            return ReportSettings(), str(error)

    # ------------------------------------------------------------------------ preview
    def _draw(self) -> None:
        """Draw the pages anew; an older drawing is given up."""
        if self._worker is not None:
            self._worker.blockSignals(True)
            self._worker.stop()
        folder = Path(self._temp.name)
        wanted = folder / "settings.json"
        wanted.write_bytes(msgspec.json.encode(self.form.settings))
        worker = Worker(
            [PREVIEW, str(self._source), "--settings", str(wanted), "--folder",
             str(folder)],
            self,
        )  # fmt: skip
        worker.progress.connect(
            lambda share, step: self.told.setText(
                say(f"Preview: {step} {100 * share:.0f} %")
            )
        )
        worker.done.connect(self._show)
        worker.failed.connect(self._undrawn)
        self._worker = worker
        worker.start()

    def _show(self, text: str) -> None:
        self._worker = None
        told: dict[str, Any] = json.loads(text.strip().splitlines()[-1])
        for old in self.pages:
            self._column.removeWidget(old)
            old.deleteLater()
        self.pages = []
        for number in range(1, int(told["pages"]) + 1):
            picture = QLabel()
            picture.setPixmap(QPixmap(str(Path(self._temp.name, f"page-{number}.png"))))
            picture.setAccessibleName(say(f"Page {number} of {told['pages']}"))
            picture.setAlignment(Qt.AlignmentFlag.AlignHCenter)
            self.pages.append(picture)
            self._column.addWidget(picture)
        self._scale()
        if self._saving is None and self.told.text().startswith("Preview"):
            self.told.setText("")

    def _undrawn(self, why: str) -> None:
        self._worker = None
        self.told.setText(why)

    def _scale(self) -> None:
        """Show the pages as wide as there is room; the pictures stay as they are."""
        wide = min(self._area.viewport().width() - 8 * STEP_PX, WIDEST_PX)
        for number, shown in enumerate(self.pages, start=1):
            whole = QPixmap(str(Path(self._temp.name, f"page-{number}.png")))
            if not whole.isNull() and wide > 0:
                fitted = whole.scaledToWidth(
                    wide, Qt.TransformationMode.SmoothTransformation
                )
                shown.setPixmap(fitted)
                shown.setMinimumHeight(fitted.height())

    # ---------------------------------------------------------------------- the window
    def _lay_out(self) -> None:
        left = QVBoxLayout()
        left.addWidget(self.form)
        left.addStretch(1)
        form = scrolling(left)
        form.setFixedWidth(340)
        pages = QWidget()
        self._column = QVBoxLayout(pages)
        self._column.setSpacing(4 * STEP_PX)
        self._area = QScrollArea()
        self._area.setWidgetResizable(True)
        self._area.setWidget(pages)
        self._area.setAccessibleName(say("Pages of the report"))
        both = QHBoxLayout()
        both.addWidget(form)
        both.addWidget(self._area, 1)
        buttons = QHBoxLayout()
        for button in (
            self.save_button, self.as_button, self.print_button, self.folder_button,
            self.keep_button,
        ):  # fmt: skip
            buttons.addWidget(button)
        buttons.addStretch(1)
        buttons.addWidget(self.close_button)
        box = QVBoxLayout(self)
        box.addLayout(both, 1)
        box.addWidget(self.told)
        box.addLayout(buttons)

    def _follow(self) -> None:
        busy = self._saving is not None
        self.save_button.setEnabled(not busy)
        self.as_button.setEnabled(not busy)
        for button in (self.print_button, self.folder_button):
            button.setEnabled(self.made is not None)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Fit the pages to the new width."""
        super().resizeEvent(event)
        self._scale()

    def _let_go(self) -> None:
        for worker in (self._worker, self._saving):
            if worker is not None:
                worker.blockSignals(True)
                worker.stop()
        self._timer.stop()
        self._temp.cleanup()
