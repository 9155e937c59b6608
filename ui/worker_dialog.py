"""A dialog that has a worker program do something: progress, cancel, one message."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QProgressBar,
    QVBoxLayout,
    QWidget,
)

from ui.language import say
from ui.tokens import STEP_PX
from ui.widgets import KeyButton, label
from ui.worker import Worker

if TYPE_CHECKING:
    from PySide6.QtWidgets import QLayout


class WorkerDialog(QDialog):
    """Fields above, what goes on below; ending the worker leaves nothing behind.

    Parameters
    ----------
    title, go
        Of the window, and what the button says.

    Attributes
    ----------
    told
        Progress, result or why there is none.
    """

    def __init__(self, title: str, go: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(title)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setMinimumWidth(560)
        self._worker: Worker | None = None
        self.bar = QProgressBar()
        self.bar.setRange(0, 100)
        self.bar.setAccessibleName(say("Progress"))
        self.bar.hide()
        self.told = label("", "muted")
        self.told.setWordWrap(True)
        self.go_button = KeyButton(go, "Ctrl+Return", "primary", shortcut=True)
        self.go_button.clicked.connect(self.go)
        self.stop_button = KeyButton("Stop", "Ctrl+.", shortcut=True)
        self.stop_button.clicked.connect(self.cancel)
        self.stop_button.setEnabled(False)
        self.close_button = KeyButton("Close", "Esc")
        self.close_button.clicked.connect(self.reject)
        self.finished.connect(self._let_go)

    def lay_out(self, fields: QLayout) -> None:
        """Put the fields above the progress and the buttons."""
        buttons = QHBoxLayout()
        buttons.addWidget(self.go_button)
        buttons.addWidget(self.stop_button)
        buttons.addStretch(1)
        buttons.addWidget(self.close_button)
        box = QVBoxLayout(self)
        box.setSpacing(3 * STEP_PX)
        box.addLayout(fields)
        box.addWidget(self.bar)
        box.addWidget(self.told)
        box.addStretch(1)
        box.addLayout(buttons)

    def arguments(self) -> list[str] | None:
        """Return what is to be run; None: nothing, the reason is told."""
        raise NotImplementedError

    def finish(self, text: str) -> None:
        """Tell what was made; ``text`` is all that the worker printed."""
        raise NotImplementedError

    @property
    def is_busy(self) -> bool:
        """Whether the worker runs."""
        return self._worker is not None

    def go(self) -> None:
        """Begin."""
        arguments = None if self._worker else self.arguments()
        if arguments is None:
            return
        worker = Worker(arguments, self)
        worker.progress.connect(self._show_progress)
        worker.done.connect(self._done)
        worker.failed.connect(self._failed)
        self._worker = worker
        self.bar.setValue(0)
        self.told.setText("")
        self._follow()
        worker.start()

    def cancel(self) -> None:
        """End what goes on."""
        if self._worker is not None:
            self._let_go()
            self.told.setText(say("Stopped. Nothing was kept of it."))

    def _let_go(self) -> None:
        worker, self._worker = self._worker, None
        if worker is not None:
            worker.blockSignals(True)
            worker.end()
        self._follow()

    def _show_progress(self, share: float, step: str) -> None:
        self.bar.setValue(round(100 * share))
        self.told.setText(step)

    def _done(self, text: str) -> None:
        self._worker = None
        self._follow()
        self.finish(text)

    def _failed(self, why: str) -> None:
        self._worker = None
        self._follow()
        self.told.setText(why)

    def _follow(self) -> None:
        busy = self._worker is not None
        self.bar.setVisible(busy)
        self.go_button.setEnabled(not busy)
        self.stop_button.setEnabled(busy)
