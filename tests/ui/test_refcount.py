"""The Qt binding must not lose references: PySide6 6.12.0 on Python 3.11 aborts.

See docs/decisions for the pin. Every call of a broken binding drops a reference to
None; at 60 frames a second the program dies within seconds.
"""

from __future__ import annotations

import sys
import tomllib
from importlib.metadata import requires, version
from pathlib import Path

import numpy as np
import pyqtgraph as pg
from packaging.requirements import Requirement

from ui.strip_chart import StripChart
from ui.strip_layout import CurveStyle

FRAMES = 60
REPO = Path(__file__).resolve().parents[2]


def pins(lines):
    """Return the requirements on PySide6 among requirement lines."""
    return [
        wanted
        for wanted in map(Requirement, lines)
        if wanted.name.lower() == "pyside6-essentials"
    ]


def lost(frame):
    """Return how many references to None, True and False 60 frames cost."""
    for number in range(5):
        frame(number)
    kept = (None, True, False)
    before = [sys.getrefcount(thing) for thing in kept]
    for number in range(5, 5 + FRAMES):
        frame(number)
    after = [sys.getrefcount(thing) for thing in kept]
    return [first - last for first, last in zip(before, after, strict=True)]


def test_frames_of_a_strip_chart_lose_no_references(themed, shown):
    curves = [CurveStyle(f"curve {number}", "ink") for number in range(8)]
    chart = shown(StripChart(curves, 2.0, (-1, 1), stacked=True), 500, 300)
    t = np.arange(0, 4, 0.001)
    y = np.sin(np.outer(t, np.arange(1, 9)))
    assert chart._raster is None

    def frame(number):
        rows = slice(number * 33, number * 33 + 33)
        chart.append(t[rows], y[rows])
        chart.set_view_end(float(t[rows][-1]))
        themed.processEvents()

    gone = lost(frame)
    assert chart._raster is not None  # it was painted
    assert max(gone) < FRAMES, f"lost None, True, False: {gone}"


def test_frames_of_plain_curves_lose_no_references(themed, shown):
    window = shown(pg.GraphicsLayoutWidget(), 500, 300)
    items = []
    for row in range(8):
        plot = window.addPlot(row=row, col=0)
        plot.disableAutoRange()
        item = pg.PlotCurveItem(pen="y", skipFiniteCheck=True)
        plot.addItem(item, ignoreBounds=True)
        items.append(item)
    x = np.linspace(0, 1, 200)

    def frame(number):
        for item in items:
            item.setData(x, np.sin(x + number), skipFiniteCheck=True)
        themed.processEvents()

    gone = lost(frame)
    assert max(gone) < FRAMES, f"lost None, True, False: {gone}"


def test_installed_binding_satisfies_the_pin_and_the_pin_is_real():
    text = (REPO / "pyproject.toml").read_text(encoding="utf-8")
    declared = pins(tomllib.loads(text)["project"]["dependencies"])
    installed = pins(requires("lablive") or [])
    assert len(declared) == 1
    for wanted in [*declared, *installed]:
        assert version("PySide6-Essentials") in wanted.specifier
        assert "6.12.0" not in wanted.specifier
        assert "6.11.1" in wanted.specifier
