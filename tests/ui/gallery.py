"""Every widget in its states, with invented numbers: for designers and tests.

Run: python tests/ui/gallery.py --theme dark --size 1366x768 --out gallery.png
"""

from __future__ import annotations

import argparse
import sys

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QApplication,
    QCheckBox,
    QComboBox,
    QGridLayout,
    QHBoxLayout,
    QLineEdit,
    QProgressBar,
    QSlider,
    QVBoxLayout,
    QWidget,
)

from lablive.messages import ChannelInfo, StreamInfo, StreamStatus
from lablive.signals.layouts import load_layout
from ui import theme
from ui.icon import icon_names
from ui.insole_view import InsoleView
from ui.signs import ElapsedLabel, StatusLamp, VerdictChip
from ui.stream_row import StreamRow
from ui.strip_chart import StripChart
from ui.strip_layout import CurveStyle
from ui.strip_scale import Band
from ui.tile import Tile, TileValue, Zone
from ui.widgets import Card, KeyButton, Notice

STEP_S = 0.37
LONG = "Treadmill left insole of the second examination room, firmware 2.11"


def force(t, phase):
    """Return an invented in-shoe force in body weights, (rows,)."""
    u = (t / (2 * STEP_S) + phase) % 1 * 2 * STEP_S
    peak = 2.3 * np.sin(np.pi * np.clip(u / 0.25, 0, 1))
    return np.where(u < 0.25, peak + 0.45 * np.exp(-(((u - 0.03) / 0.01) ** 2)), 0.0)


def insole_card():
    layout = load_layout("pedar_99")
    xy = layout.xy
    view = InsoleView()
    view.set_layouts(layout, layout)
    rng = np.random.default_rng(0)
    base = rng.random(99) * 14

    def press(fore, heel):
        ball = np.exp(
            -(((xy[:, 1] - 0.72) / 0.08) ** 2) - ((xy[:, 0] - 0.16) / 0.3) ** 2
        )
        back = np.exp(-(((xy[:, 1] - 0.13) / 0.11) ** 2))
        return base + fore * ball + heel * back

    line = np.linspace(0, 1, 60)
    trace = np.stack((0.1 * np.sin(line * 2.4) - 0.05, 0.08 + line * 0.82), axis=1)
    view.update_feet(
        press(330, 60), press(40, 190), (0.04, 0.68), (-0.02, 0.2), trace, trace
    )
    card = Card("Insoles", "pressure now")
    card.body.addWidget(view)
    return card, view


def waiting_card():
    layout = load_layout("sim_16")
    view = InsoleView()
    view.set_layouts(layout, None, unit="uncalibrated counts", full_scale=1000)
    values = np.linspace(100, 900, 16)
    values[5] = np.nan
    view.update_feet(values, None)
    view.set_state("left", "stale", "left insole silent for 3 s")
    card = Card("Insoles", "trouble and first use")
    card.body.addWidget(view)
    return card


def force_card(replay=False):
    curves = [
        CurveStyle("Left", "left", rate_hz=200),
        CurveStyle("Right", "right", dashed=True, rate_hz=200),
    ]
    chart = StripChart(curves, 5.0, (0, 2), "body weights")
    t = np.arange(0, 12, 1 / 200)
    y = np.stack((force(t, 0.0), force(t, 0.5)), axis=1)
    y[(t > 9.2) & (t < 9.4)] = np.nan
    steps = np.arange(0, 12, STEP_S)
    marks = [
        (float(at), "left" if number % 2 == 0 else "right", "ic")
        for number, at in enumerate(steps)
    ]
    if replay:
        chart.show_window(1.0, 11.0, [(0, t, y)], origin_s=0.0)
        chart.set_cursor(4.56)
        card = Card("Force, replay", "trial 01 · 10 s of 12:34")
    else:
        chart.append(t, y)
        chart.set_view_end(11.9)
        chart.set_bands([Band(2.2, 2.5, "caution", "caution above 2.2")])
        card = Card("Force", "in-shoe, about ten steps, 0.2 s lost")
    chart.set_marks(marks)
    card.body.addWidget(chart)
    return card


def emg_card():
    curves = [
        CurveStyle("L", "left", unit="mV", rate_hz=2000),
        CurveStyle("R", "right", unit="mV", rate_hz=2000),
    ]
    chart = StripChart(curves, 5.0, (-2, 2), stacked=True)
    t = np.arange(0, 12, 1 / 2000)
    rng = np.random.default_rng(1)
    phases = ((t / (2 * STEP_S) + shift) % 1 for shift in (0, 0.5))
    burst = np.stack([np.exp(-(((p - 0.5) / 0.12) ** 2)) for p in phases], axis=1)
    chart.append(t, rng.standard_normal((len(t), 2)) * (0.04 + 0.45 * burst))
    chart.set_view_end(11.9)
    card = Card("Gluteus maximus", "raw")
    card.body.addWidget(chart)
    return card


def empty_card():
    chart = StripChart([CurveStyle("Left", "left")], 5.0, (0, 2), "N")
    chart.set_placeholder("No force yet: connect an insole, or start the simulator.")
    card = Card("Force", "nothing connected")
    card.body.addWidget(chart)
    return card


def tiles_card():
    card = Card("Now", "median of the last 10 strides")
    zones = (Zone(-8, -3, "good"), Zone(-3, 0, "caution"), Zone(0, 4, "poor"))
    sound = Tile("Foot-contact sound", "dB", 1, zones=zones, signed=True)
    sound.show_value(TileValue(-2.9, "caution", "close", -3.3, -2.4, 412, 450))
    cadence = Tile("Cadence", "steps/min")
    cadence.show_value(
        TileValue(166.2, note="+4.2 % against baseline 159", used=90, total=92)
    )
    contact = Tile("Contact time", "ms")
    contact.show_value(
        TileValue(247, "info", "", 245, 249, 88, 92, "asymmetry +1.6 % (right longer)")
    )
    drop = Tile("Contralateral pelvic drop at mid-stance of the right leg", "°", 1)
    drop.show_value(TileValue(9.2, "poor", "", 4.1, 9.2, 20, 24))
    missing = Tile("Shank angle at contact", "°", 1)
    missing.show_value(TileValue(None, reason="no shank IMU in this session"))
    for tile in (sound, cadence, contact, drop, missing):
        card.body.addWidget(tile)
    card.body.addStretch(1)
    return card


def streams_card():
    card = Card("Streams", "4 of 5 live")
    rows = (
        (LONG, "Pressure", "streaming", 0, 0.012, 100.0),
        ("IMU pelvis", "IMU", "streaming", 3, 0.008, 200.0),
        ("EMG", "EMG", "recovering", 128, 2.4, 2000.0),
        ("Belt microphone", "Level", "stalled", 0, 3.1, 1000.0),
        ("Treadmill", "Speed", "failed", 0, -1.0, 0.0),
    )
    for number, (name, kind, state, lost, age, rate) in enumerate(rows):
        info = StreamInfo(number, name, kind, rate, (ChannelInfo("a"),))
        row = StreamRow(info)
        row.show_status(
            StreamStatus(number, state, 1, rate, rate, lost, last_sample_age_s=age)
        )
        card.body.addWidget(row)
    card.body.addStretch(1)
    return card


def signs_card():
    card = Card("Signs", "shape, word, colour")
    grid = QGridLayout()
    for number, verdict in enumerate(("good", "caution", "poor", "info", "unknown")):
        chip = VerdictChip()
        chip.set_verdict(verdict)
        grid.addWidget(chip, number, 0)
    states = ("streaming", "settling", "stalled", "recovering", "failed", "closed")
    for number, state in enumerate(states):
        lamp = StatusLamp()
        lamp.set_state(state)
        grid.addWidget(lamp, number, 1)
    clocks = [ElapsedLabel() for _ in range(3)]
    clocks[1].set_elapsed(754)
    clocks[2].set_elapsed(3754, stalled=True)
    for number, clock in enumerate(clocks):
        grid.addWidget(clock, number, 2)
    card.body.addLayout(grid)
    card.body.addStretch(1)
    return card


def controls_card():
    card = Card("Controls")
    row = QHBoxLayout()
    for number, (text, key, kind) in enumerate(
        (
            ("Marker", "Space", "primary"),
            ("Pain / effort", "P", "secondary"),
            ("Weigh", "W", "secondary"),
            ("Stop", "hold Esc", "danger"),
        )
    ):
        button = KeyButton(text, key, kind)
        button.setEnabled(number != 2)
        row.addWidget(button)
    row.addStretch(1)
    card.body.addLayout(row)
    fields = QHBoxLayout()
    fields.addWidget(QLineEdit("LB-0042"))
    choice = QComboBox()
    choice.addItems(["Soft landing", "Free run"])
    fields.addWidget(choice)
    tick = QCheckBox("store raw audio")
    tick.setChecked(True)
    fields.addWidget(tick)
    card.body.addLayout(fields)
    bars = QHBoxLayout()
    progress = QProgressBar()
    progress.setValue(62)
    progress.setTextVisible(False)
    slider = QSlider(Qt.Orientation.Horizontal)
    slider.setValue(40)
    bars.addWidget(progress, 1)
    bars.addWidget(slider, 1)
    card.body.addLayout(bars)
    notice = Notice()
    notice.show_message(
        "poor",
        "insole missing",
        "The right insole sent nothing for 12 s. The left insole and the recording go "
        "on. Switch it on, or go on without it.",
    )
    notice.choices.addWidget(KeyButton("Try again", "R"))
    notice.choices.addWidget(KeyButton("Go on without", "G"))
    card.body.addWidget(notice)
    return card


def build():
    """Return the gallery window."""
    window = QWidget()
    window.setProperty("surface", "ground")
    window.setWindowTitle("Gallery")
    grid = QGridLayout(window)
    grid.setSpacing(12)
    grid.setContentsMargins(16, 16, 16, 16)
    left, middle, right = QVBoxLayout(), QVBoxLayout(), QVBoxLayout()
    for column in (left, middle, right):
        column.setSpacing(12)
    card, _ = insole_card()
    left.addWidget(card, 3)
    left.addWidget(waiting_card(), 2)
    middle.addWidget(force_card(), 2)
    middle.addWidget(force_card(replay=True), 2)
    middle.addWidget(emg_card(), 2)
    middle.addWidget(empty_card(), 1)
    middle.addWidget(controls_card())
    right.addWidget(tiles_card(), 1)
    grid.addLayout(left, 0, 0)
    grid.addLayout(middle, 0, 1)
    grid.addLayout(right, 0, 2)
    far = QVBoxLayout()
    far.setSpacing(12)
    far.addWidget(streams_card(), 1)
    far.addWidget(signs_card())
    grid.addLayout(far, 0, 3)
    for column, stretch in enumerate((5, 11, 4, 4)):
        grid.setColumnStretch(column, stretch)
    return window


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--theme", default="light", choices=["light", "dark"])
    parser.add_argument("--text", default="normal")
    parser.add_argument("--size", default="1600x1000")
    parser.add_argument("--out")
    chosen = parser.parse_args()
    app = QApplication(sys.argv)
    theme.apply_theme(app, chosen.theme, chosen.text)
    assert icon_names()
    window = build()
    window.resize(*(int(part) for part in chosen.size.split("x")))
    window.show()
    if not chosen.out:
        sys.exit(app.exec())
    for _ in range(5):
        app.processEvents()
    window.grab().save(chosen.out)


if __name__ == "__main__":
    main()
