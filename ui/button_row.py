"""A row of buttons that gives way where it is narrow: no word is ever cut.

Key caps go first, from the right; then the edges beside the words. The next step keeps
its key longest. A key that is not printed is still in the tooltip and in the list (?).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QSize
from PySide6.QtWidgets import QFrame

from ui.widgets import Given, KeyButton

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtGui import QResizeEvent

_LEVELS: tuple[Given, ...] = (1, 2)


def shared(wide: Sequence[tuple[int, int, int]], room: int) -> list[Given]:
    """Return what each button gives up so that all fit, the last ones first.

    Parameters
    ----------
    wide
        Of each button its width whole, without key cap, and with half its edges, px.
    room
        For all of them, px.
    """
    given: list[Given] = [0] * len(wide)
    taken = sum(widths[0] for widths in wide)
    for level in _LEVELS:
        for at in reversed(range(len(wide))):
            if taken <= room:
                return given
            taken -= wide[at][given[at]] - wide[at][level]
            given[at] = level
    return given


class ButtonRow(QFrame):
    """A frame with buttons in a row; call :meth:`fit` when they change."""

    def fit(self) -> None:
        """Share the room between the buttons that are there."""
        if self.layout() is None:
            return
        buttons = self._buttons()
        wide = [
            (button.width_at(0), button.width_at(1), button.width_at(2))
            for button in buttons
        ]
        room = self.width() - self._beside(len(buttons))
        for button, given in zip(buttons, shared(wide, room), strict=True):
            button.give(given)

    def minimumSizeHint(self) -> QSize:
        """Return room for every word."""
        buttons = self._buttons()
        words = sum(button.width_at(2) for button in buttons)
        return QSize(
            words + self._beside(len(buttons)), super().minimumSizeHint().height()
        )

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Share the new width."""
        super().resizeEvent(event)
        self.fit()

    def changeEvent(self, event: QEvent) -> None:
        """Share again when the text size changed."""
        super().changeEvent(event)
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange):
            self.fit()

    def _buttons(self) -> list[KeyButton]:
        """Return the buttons that are there, the next step first."""
        found = [
            button for button in self.findChildren(KeyButton) if not button.isHidden()
        ]
        return sorted(found, key=lambda button: button.property("kind") != "primary")

    def _beside(self, buttons: int) -> int:
        """Return the room that is between and beside the buttons, px."""
        box = self.layout()
        if box is None:
            return 0
        edges = box.contentsMargins()
        return edges.left() + edges.right() + max(buttons, 1) * box.spacing()
