"""Tiles, signs, buttons, rows: what they say, to eyes and to screen readers."""

from __future__ import annotations

import pytest
from gallery import build
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel

from lablive.messages import ChannelInfo, StreamInfo, StreamStatus
from ui import theme
from ui.signs import ElapsedLabel, StatusLamp, VerdictChip
from ui.stream_row import StreamRow
from ui.tile import BandBar, Tile, TileValue, Zone
from ui.tokens import rgb
from ui.widgets import Card, ElidedLabel, KeyButton, Notice

ZONES = (Zone(-8, -3, "good"), Zone(-3, 0, "caution"), Zone(0, 4, "poor"))


@pytest.fixture(autouse=True)
def _theme(themed):
    return themed


def test_tile_says_value_unit_verdict_sides_and_steps(qtbot):
    tile = Tile("Contact time", "ms")
    qtbot.addWidget(tile)
    tile.show_value(TileValue(247.3, "good", "", 245, 249, 412, 450, "+1.6 %"))
    assert tile.value_shown() == "247"
    assert tile.accessibleName() == "Contact time: 247 ms, good"
    assert (
        tile.accessibleDescription() == "L 245 · R 249 · +1.6 % · 412 of 450 steps used"
    )


@pytest.mark.parametrize("value", [None, float("nan"), float("inf")])
def test_missing_value_is_a_dash_with_its_reason(qtbot, value):
    tile = Tile("Cadence", "steps/min", zones=ZONES)
    qtbot.addWidget(tile)
    tile.show_value(TileValue(value, "good", reason="no insole connected"))
    assert tile.value_shown() == "—"
    assert tile.accessibleName() == "Cadence: —, unknown"
    assert tile.accessibleDescription() == "no insole connected"


def test_tile_keeps_the_sign_of_a_change_and_ties_degrees(qtbot):
    change, angle = Tile("Sound", "dB", 1, signed=True), Tile("Drop", "°", 1)
    qtbot.addWidget(change)
    qtbot.addWidget(angle)
    change.show_value(TileValue(2.94))
    angle.show_value(TileValue(6.2))
    assert change.value_shown() == "+2.9"
    assert angle.value_shown() == "6.2°"


@pytest.mark.parametrize(
    ("value", "bright"), [(-5, "good"), (-1, "caution"), (3, "poor"), (99, "poor")]
)
def test_band_bar_brightens_only_the_zone_of_the_value(shown, value, bright):
    bar = shown(BandBar(ZONES), 200, 16)
    bar.set_value(value)
    image = bar.grab().toImage()
    seen = {image.pixelColor(x, 2).getRgb()[:3] for x in range(image.width())}
    tokens = theme.tokens()
    for verdict in ("good", "caution", "poor"):
        assert (rgb(tokens.verdict(verdict)) in seen) == (verdict == bright)


def test_band_bar_without_value_points_nowhere(shown):
    bar = shown(BandBar(ZONES), 200, 16)
    bar.set_value(None)
    image = bar.grab().toImage()
    ink = rgb(theme.tokens().ink)
    below = [image.pixelColor(x, 10).getRgb()[:3] for x in range(image.width())]
    assert ink not in below


def pictures(make, states):
    """Return the painted shapes, without their words and colours."""
    found = []
    for state in states:
        widget = make(state)
        widget.resize(widget.sizeHint())
        image = widget.grab().toImage()
        corner = image.pixelColor(image.width() - 1, 0)
        shape = "".join(
            "#" if image.pixelColor(x, y) != corner else "."
            for y in range(1, 17)
            for x in range(16)
        )
        found.append(shape)
        widget.deleteLater()
    return found


def test_verdicts_differ_in_shape_not_only_in_colour(qtbot):
    def chip(verdict):
        made = VerdictChip()
        made.set_verdict(verdict)
        assert made.word() == verdict
        return made

    shapes = pictures(chip, ["good", "caution", "poor", "info", "unknown"])
    assert len(set(shapes)) == 5


def test_lamp_names_every_state_of_a_driver(qtbot):
    words = set()
    for state in (
        "closed", "opening", "settling", "streaming", "stalled", "recovering",
        "failed", "unknown",
    ):  # fmt: skip
        lamp = StatusLamp()
        qtbot.addWidget(lamp)
        lamp.set_state(state)
        words.add(lamp.word())
        assert lamp.accessibleName() == lamp.word()
    assert len(words) == 8


def test_new_lamp_is_off():
    assert StatusLamp().sign() == "empty"


def test_clock_stops_in_words_when_data_stop(qtbot):
    clock = ElapsedLabel()
    qtbot.addWidget(clock)
    assert clock.word() == "not recording"
    clock.set_elapsed(754)
    assert clock.word() == "12:34"
    clock.set_elapsed(754, stalled=True)
    assert clock.word() == "12:34 · no data coming in"


def test_long_name_is_cut_with_its_whole_in_the_tooltip(shown):
    name = "Treadmill left insole of the second examination room"
    short = shown(ElidedLabel(name), 120, 20)
    assert short.text().endswith("…")
    assert short.toolTip() == name
    assert short.accessibleName() == name
    short.resize(short.sizeHint().width() + 20, 20)
    assert short.text() == name
    assert short.toolTip() == ""


def test_names_are_never_read_as_markup(shown):
    row = shown(ElidedLabel("<b>Left</b> & right"), 300, 20)
    assert row.textFormat() == Qt.TextFormat.PlainText
    assert row.text() == "<b>Left</b> & right"


def test_key_button_prints_its_key_and_tells_it(shown, qtbot):
    button = shown(KeyButton("Marker", "Space", "primary"), 160, 40)
    bare = shown(KeyButton("Marker"), 160, 40)
    assert button.accessibleName() == "Marker, key Space"
    assert bare.accessibleName() == "Marker"
    assert button.sizeHint().width() > bare.sizeHint().width() + 30
    assert button.sizeHint().height() >= 40
    with qtbot.waitSignal(button.clicked):
        qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    button.set_text("Stop")
    assert button.accessibleName() == "Stop, key Space"


def test_only_the_primary_button_is_filled(shown):
    tokens = theme.tokens()
    button = shown(KeyButton("Weigh", "W"), 160, 40)
    ground = button.grab().toImage().pixelColor(8, 20).getRgb()[:3]
    assert ground == rgb(tokens.card)
    button.set_kind("primary")
    ground = button.grab().toImage().pixelColor(8, 20).getRgb()[:3]
    assert ground == rgb(tokens.accent)


def test_shortcut_presses_the_button(shown, qtbot):
    button = shown(KeyButton("Marker", "M", shortcut=True), 160, 40)
    button.activateWindow()
    button.setFocus()
    qtbot.waitUntil(button.hasFocus)
    with qtbot.waitSignal(button.clicked):
        qtbot.keyClick(button, Qt.Key.Key_M)


def test_card_and_notice_carry_their_words(qtbot):
    card = Card("Force", "body weights")
    notice = Notice()
    qtbot.addWidget(card)
    qtbot.addWidget(notice)
    notice.show_message("poor", "insole missing", "Switch it on.")
    assert card.accessibleName() == "Force"
    assert notice.accessibleName() == "insole missing: Switch it on."
    card.set_subtitle("newtons")
    assert "newtons" in [label.text() for label in card.findChildren(QLabel)]


def stream(name="IMU pelvis", kind="IMU"):
    return StreamInfo(0, name, kind, 200.0, (ChannelInfo("a"),))


def test_stream_row_shows_state_rate_loss_and_age(qtbot):
    row = StreamRow(stream())
    qtbot.addWidget(row)
    row.show_status(
        StreamStatus(0, "streaming", 9, 200, 199.8, 3, last_sample_age_s=0.012)
    )
    assert row.accessibleName() == (
        "IMU pelvis: live, 200 Hz, 3 lost, newest sample 12 ms"
    )
    assert row._lost.property("role") == "alarm"
    row.show_status(
        StreamStatus(0, "stalled", 9, 200, 0, 0, False, last_fault="cable out")
    )
    assert "no data, 200 Hz, at least 0 lost, newest sample no data yet" in (
        row.accessibleName()
    )
    assert row._lost.property("role") == "note"
    assert row.toolTip() == "cable out"


def test_stream_columns_do_not_move_when_figures_change(shown):
    row = shown(StreamRow(stream()), 320, 50)
    row.show_status(
        StreamStatus(0, "streaming", 1, 200, 200, 0, last_sample_age_s=0.01)
    )
    before = row._age.x()
    row.show_status(
        StreamStatus(0, "streaming", 1, 200, 199.1, 4211, last_sample_age_s=12.3)
    )
    row.layout().activate()
    assert row._age.x() == before


@pytest.mark.parametrize("name", ["light", "dark"])
@pytest.mark.parametrize("text_size", ["normal", "larger"])
def test_gallery_of_every_state_draws_and_cuts_no_word_silently(
    themed, shown, name, text_size
):
    theme.apply_theme(themed, name, text_size)
    window = shown(build(), 1600, 1000)
    assert not window.grab().isNull()
    for label in window.findChildren(QLabel):
        if not label.isVisible() or label.wordWrap() or not label.text():
            continue
        whole = label.fontMetrics().horizontalAdvance(label.text())
        assert whole <= label.width() + 1 or label.toolTip(), label.text()
