"""What a reader finds on the page: its words and its filled button."""

from __future__ import annotations

from collections import Counter

from PySide6.QtWidgets import QLabel

from ui.actions import Action
from ui.widgets import KeyButton


def texts(widget, *, hidden=False):
    """Return what is written in labels; ``hidden``: also where it does not show."""
    labels = widget.findChildren(QLabel)
    return "\n".join(label.text() for label in labels if hidden or label.isVisible())


def keys_twice(window):
    """Return keys that two possible actions claim: Qt then does neither."""
    keys = Counter(
        key.toString()
        for action in window.findChildren(Action)
        if action.is_possible
        for key in action.shortcuts()
    )
    return [key for key, times in keys.items() if times > 1]


def primary(scene):
    """Return the words of the filled buttons: there must be one."""
    return [
        button.text()
        for button in scene.page.action_bar.findChildren(KeyButton)
        if button.isVisible() and button.property("kind") == "primary"
    ]
