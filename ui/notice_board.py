"""The place for messages: one card, troubles gathered, news of one moment."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QTimer, QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QToolButton

from lablive.clock import now_s
from ui.actions import ActionButton, dress
from ui.icon import icon
from ui.widgets import Notice

if TYPE_CHECKING:
    from pathlib import Path

    from PySide6.QtWidgets import QWidget

    from ui.tokens import Verdict

TROUBLE_S: Final = 30.0
NEWS_S: Final = 15.0
PROGRESS_S: Final = 2.0
NEUTRAL: Final = ("note", "one moment")  # words of news that promise nothing
MOST: Final = 3  # troubles at once


class NoticeBoard(Notice):
    """Shows messages for a while; a trouble is never pushed away by good news."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._troubles: list[tuple[float, str]] = []
        self._button: ActionButton | None = None
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self.clear)
        close = QToolButton()
        close.setIcon(icon("close"))
        close.setProperty("kind", "quiet")
        dress(close, "close_message")
        close.clicked.connect(self.clear)
        self.choices.addWidget(close)
        self.hide()

    def trouble(self, text: str) -> None:
        """Show a trouble, below those of the last half minute."""
        now = now_s()
        kept = [
            (at_s, told)
            for at_s, told in self._troubles
            if now - at_s < TROUBLE_S and told != text
        ]
        self._troubles = [*kept[1 - MOST :], (now, text)]
        told = "\n".join(told for _, told in self._troubles)
        self._show("caution", "please note", told, TROUBLE_S)

    def news(self, word: str, text: str) -> None:
        """Show something good or neutral, unless a trouble is still to be read."""
        if not self._troubles:
            verdict = "info" if word in NEUTRAL else "good"
            self._show(verdict, word, text, NEWS_S)

    def progress(self, word: str, text: str) -> None:
        """Show what goes on now; call again while it does."""
        self._troubles = []
        self._show("info", word, text, PROGRESS_S)

    def offer(self, pdf: Path) -> None:
        """Tell of a finished PDF, with a button that opens it."""
        self._troubles = []
        self._show("good", "ready", f"The PDF is ready: {pdf}", TROUBLE_S)
        self._button = ActionButton(
            "open_made",
            lambda: QDesktopServices.openUrl(QUrl.fromLocalFile(str(pdf))),
        )
        self.choices.insertWidget(0, self._button)

    def clear(self) -> None:
        """Take the message away."""
        self._troubles = []
        self._timer.stop()
        self.hide()

    def _show(self, verdict: Verdict, word: str, text: str, seconds: float) -> None:
        if self._button is not None:
            self._button.hide()
            self._button.deleteLater()
            self._button = None
        self.show_message(verdict, word, text)
        self._timer.start(int(seconds * 1000))
