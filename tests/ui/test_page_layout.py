"""Nothing overlaps, leaves the window or is cut without a tooltip, in any state.

The pictures are kept in ``artifacts/``, for eyes.
"""

from __future__ import annotations

from itertools import combinations
from pathlib import Path

import pytest
from page_states import STATES
from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QApplication, QDialog, QLabel, QScrollArea, QWidget

from ui import theme
from ui.app import room_for
from ui.connect_dialog import ConnectDialog

ARTIFACTS = Path(__file__).resolve().parents[2] / "artifacts"
SIZES = [(1366, 768), (1600, 900)]


def in_layouts(widget):
    """Return the visible widgets that a layout of ``widget`` places."""
    found, todo = [], [widget.layout()]
    while todo:
        layout = todo.pop()
        for number in range(layout.count() if layout else 0):
            item = layout.itemAt(number)
            if item.layout() is not None:
                todo.append(item.layout())
            elif item.widget() is not None and item.widget().isVisible():
                found.append(item.widget())
    return found


def overlaps(window):
    """Return the pairs of neighbours that share pixels."""
    return [
        (type(one).__name__, type(other).__name__, one.geometry(), other.geometry())
        for parent in [window, *window.findChildren(QWidget)]
        if parent.isVisible()
        for one, other in combinations(in_layouts(parent), 2)
        if one.geometry().intersects(other.geometry())
    ]


def cut(window):
    """Return the words that do not fit and cannot be read in a tooltip."""
    found = []
    for label in window.findChildren(QLabel):
        if not label.isVisible() or not label.text():
            continue
        inside = label.contentsRect()
        if label.wordWrap():
            fits = label.heightForWidth(label.width()) <= label.height() + 1
        else:
            wide = label.fontMetrics().horizontalAdvance(label.text())
            fits = wide <= inside.width() + 1
        if not fits and not label.toolTip():
            found.append(label.text())
    return found


def outside(window):
    """Return widgets that stick out of the window (a scroll area may hold more)."""
    frame = window.rect()
    return [
        type(child).__name__
        for child in window.centralWidget().findChildren(QWidget)
        if child.isVisible()
        and "qt_scrollarea" not in child.parentWidget().objectName()
        and child.visibleRegion().boundingRect().width() > 0
        and not frame.contains(child.mapTo(window, child.rect().center()))
    ]


def cut_sideways(window):
    """Return scroll areas that hold more than they are wide: they scroll only down."""
    return [
        area.accessibleName() or type(area.widget()).__name__
        for area in window.findChildren(QScrollArea)
        if area.isVisible() and area.widget().width() > area.viewport().width()
    ]


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.parametrize("name", sorted(STATES.keys() - {"searching", "devices"}))
def test_every_state_fits(scene_of, themed, name, size):
    window = scene_of(name, size=size).window
    ARTIFACTS.mkdir(exist_ok=True)
    for colours in theme.THEMES:
        theme.apply_theme(themed, colours)
        QApplication.processEvents()
        image = window.grab()
        image.save(str(ARTIFACTS / f"page-{name}-{colours}-{size[0]}.png"))
        assert (image.width(), image.height()) == size
        assert overlaps(window) == []
        assert cut(window) == []
        assert outside(window) == []
        assert cut_sideways(window) == []


@pytest.mark.parametrize("name", ["searching", "devices"])
def test_the_connect_dialog_fits(scene_of, name):
    scene = scene_of(name)
    scene.tick()
    (dialog,) = scene.window.findChildren(ConnectDialog)
    for _ in range(3):  # rows that came with the tick are laid out in steps
        QApplication.processEvents()
    ARTIFACTS.mkdir(exist_ok=True)
    dialog.grab().save(str(ARTIFACTS / f"dialog-{name}.png"))
    assert overlaps(dialog) == []
    assert cut(dialog) == []
    dialog.done(QDialog.DialogCode.Rejected)


@pytest.mark.parametrize("text_size", ["large", "larger"])
@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.parametrize("name", ["losses", "stalled"])
def test_larger_text_cuts_no_button_and_overlaps_nothing(
    scene_of, themed, until, name, size, text_size
):
    window = scene_of(name, size=size).window
    theme.apply_theme(themed, "light", text_size)

    def wrong():
        QApplication.processEvents()  # cards share the room again, one after the other
        return overlaps(window) + cut(window) + cut_sideways(window)

    until(lambda: not wrong(), "a page on which nothing is cut", 5.0)


def test_text_size_by_keys_outlives_the_theme(scene_of, qtbot):
    scene = scene_of(size=(1600, 900))
    window = scene.window
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow, timeout=10_000)
    for size in ("large", "larger", "larger"):
        qtbot.keyClick(window, Qt.Key.Key_Plus, Qt.KeyboardModifier.ControlModifier)
        assert theme.text_size() == size
    window.change_theme()
    assert (theme.tokens().name, theme.text_size()) == ("dark", "larger")
    for size in ("large", "normal", "normal"):
        qtbot.keyClick(window, Qt.Key.Key_Minus, Qt.KeyboardModifier.ControlModifier)
        assert theme.text_size() == size


@pytest.mark.parametrize(
    ("screen", "window"),
    [
        ((3840, 2160), (1600, 900)), ((1920, 1040), (1600, 900)),
        ((1366, 728), (1366, 696)), ((1366, 768), (1366, 736)),
        ((800, 600), (1180, 680)),  # below what the page needs
    ],
)  # fmt: skip
def test_a_new_window_fits_the_screen(screen, window):
    assert room_for(QSize(*screen)) == QSize(*window)
