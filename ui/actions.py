"""Actions of the windows: what a button, a key, the palette and a pedal all trigger.

Words and keys are those of :mod:`ui.action_table` and :mod:`ui.keymap`. An action
belongs to a widget: it is possible, and its keys count, while that is there to be used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QApplication

from lablive.clock import now_s
from ui.action_table import ACTIONS
from ui.keymap import key_text, keys_of
from ui.language import say
from ui.widgets import KeyButton

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtWidgets import QAbstractButton, QWidget

    from ui.widgets import ButtonKind


class Action(QAction):
    """One thing that can be done.

    Parameters
    ----------
    name
        Its id in the table.
    do
        Does it.
    owner
        The widget whose sight makes it possible: a button, a page, a window.

    Attributes
    ----------
    at_s
        When the key went down that triggered it last, lab clock.
    """

    def __init__(self, name: str, do: Callable[[], object], owner: QWidget) -> None:
        spec = ACTIONS[name]
        super().__init__(say(spec.title), owner)
        self.id, self.spec = name, spec
        self.at_s = 0.0
        self._do, self._owner = do, owner
        self._key_down_s: float | None = None
        self.setObjectName(name)
        self.setToolTip(described(name))
        self.setShortcuts([QKeySequence(key) for key in keys_of(name)])
        self.setAutoRepeat(spec.repeats)
        self.triggered.connect(self._run)
        owner.addAction(self)

    @property
    def is_possible(self) -> bool:
        """Whether it can be done now."""
        owner = self._owner
        return self.isEnabled() and owner.isVisible() and owner.isEnabled()

    @property
    def owner(self) -> QWidget:
        """The widget it belongs to."""
        return self._owner

    def act(self, key_down_s: float | None = None) -> None:
        """Do it, if it is possible; ``key_down_s``: when the key went down."""
        if self.is_possible:
            self._key_down_s = key_down_s
            self.trigger()
            self._key_down_s = None

    def _run(self) -> None:
        self.at_s = now_s() if self._key_down_s is None else self._key_down_s
        self._do()


class ActionButton(KeyButton):
    """A button of an action: words, key, tooltip and accessible name are the table's.

    Parameters
    ----------
    name, do
        As of :class:`Action`.
    kind
        As of :class:`~ui.widgets.KeyButton`.
    at_press
        Act when the mouse goes down, not when it comes up.
    """

    def __init__(
        self,
        name: str,
        do: Callable[[], object],
        kind: ButtonKind = "secondary",
        *,
        at_press: bool = False,
    ) -> None:
        super().__init__(ACTIONS[name].title, key_text(name), kind)
        self.action = Action(name, do, self)
        self.setToolTip(say(ACTIONS[name].about))
        (self.pressed if at_press else self.clicked).connect(self.action.trigger)

    def set_text(self, text: str) -> None:
        """Change what button and action say."""
        super().set_text(text)
        self.action.setText(self.text())


def described(name: str) -> str:
    """Return what an action does and its key, for a tooltip."""
    key, about = key_text(name), say(ACTIONS[name].about)
    return f"{about} ({key})" if key else about


def dress(button: QAbstractButton, name: str) -> Action:
    """Give a button that shows no key its action, tooltip and accessible name."""
    key = key_text(name)
    button.setToolTip(described(name))
    said = button.text() or say(ACTIONS[name].title)
    button.setAccessibleName(say(f"{said}, key {key}") if key else said)
    return Action(name, button.click, button)


def actions_in(window: QWidget) -> dict[str, Action]:
    """Return the actions of a window by id; of two of one id the possible one."""
    found: dict[str, Action] = {}
    for action in window.findChildren(Action):
        if action.id not in found or action.is_possible:
            found[action.id] = action
    return found


def find(name: str) -> Action | None:
    """Return an action that is possible in the active window now."""
    window = QApplication.activeWindow()
    action = actions_in(window).get(name) if window is not None else None
    return action if action is not None and action.is_possible else None
