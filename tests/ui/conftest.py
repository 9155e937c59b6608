"""A real window where there is a display, an off-screen one where there is none."""

from __future__ import annotations

import os
import sys

import pytest

_HAS_DISPLAY = os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")
if sys.platform.startswith("linux") and not _HAS_DISPLAY:
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")


@pytest.fixture
def themed(qapp):
    """The application in the light theme; leaves it so."""
    from ui import theme

    theme.apply_theme(qapp, "light")
    yield qapp
    theme.apply_theme(qapp, "light")


@pytest.fixture
def shown(qtbot):
    """Show a widget at a size and wait until it is on the screen."""

    def show(widget, width, height):
        qtbot.addWidget(widget)
        widget.resize(width, height)
        widget.show()
        qtbot.waitExposed(widget)
        return widget

    return show
