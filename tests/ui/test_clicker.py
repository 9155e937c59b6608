"""A presenter remote or a pedal: keys of a keyboard, in every window."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtTest import QTest as qtest  # noqa: N813
from PySide6.QtWidgets import QApplication, QLineEdit, QVBoxLayout, QWidget

from ui import clicker
from ui.clicker import Clicker


class Room:
    """A window with a text field, and what the clicker did in it."""

    def __init__(self, qtbot, shown):
        self.window = QWidget()
        self.field = QLineEdit()
        self.plain = QWidget()
        self.plain.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        box = QVBoxLayout(self.window)
        box.addWidget(self.field)
        box.addWidget(self.plain)
        self.pressed = []
        self.recording = True
        self.clicker = Clicker(lambda: self.recording, self.pressed.append, self.window)
        shown(self.window, 300, 200)
        self.window.activateWindow()
        qtbot.waitUntil(self.window.isActiveWindow)
        self.plain.setFocus()


@pytest.fixture
def now(monkeypatch):
    """Return a clock that the test turns."""
    hands = [100.0]
    monkeypatch.setattr(clicker, "now_s", lambda: hands[0])
    return hands


@pytest.fixture
def room(qtbot, themed, shown, now):
    made = Room(qtbot, shown)
    yield made
    themed.removeEventFilter(made.clicker)


@pytest.mark.parametrize(("key", "text"), clicker.KEYS.items())
def test_every_key_is_one_press(room, key, text):
    qtest.keyClick(room.window.windowHandle(), key)
    assert room.pressed == [text]


def test_a_pedal_that_bounces_is_one_press(room, now):
    for later_s in (0.0, 0.05, 0.08, 0.14, 0.2):
        now[0] = 100.0 + later_s
        qtest.keyClick(room.window.windowHandle(), Qt.Key.Key_PageDown)
    assert len(room.pressed) == 2


def test_a_key_held_down_is_one_press(room, now):
    held = QKeyEvent(QEvent.Type.KeyPress, Qt.Key.Key_F5,
                     Qt.KeyboardModifier.NoModifier, "", True)  # fmt: skip
    qtest.keyPress(room.window.windowHandle(), Qt.Key.Key_F5)
    for _ in range(5):
        now[0] += 1.0
        QApplication.sendEvent(room.plain, held)
    assert room.pressed == ["clicker start"]


def test_typing_in_a_field_is_typing_but_pages_are_presses(room, now):
    room.field.setFocus()
    qtest.keyClick(room.window.windowHandle(), Qt.Key.Key_Period)
    assert room.field.text() == "."
    assert room.pressed == []
    qtest.keyClick(room.window.windowHandle(), Qt.Key.Key_PageUp)
    assert room.pressed == ["clicker back"]


def test_keys_are_their_own_when_nothing_records_or_with_a_modifier(room):
    room.recording = False
    qtest.keyClick(room.window.windowHandle(), Qt.Key.Key_PageDown)
    room.recording = True
    qtest.keyClick(
        room.window.windowHandle(), Qt.Key.Key_F5, Qt.KeyboardModifier.ControlModifier
    )
    qtest.keyClick(room.window.windowHandle(), Qt.Key.Key_A)
    assert room.pressed == []
