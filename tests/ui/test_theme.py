"""Contrast, fonts and style sheet of every theme."""

from __future__ import annotations

import re

import numpy as np
import pytest
from PySide6.QtGui import QFont, QFontInfo, QFontMetricsF
from PySide6.QtWidgets import QLabel, QLineEdit, QPushButton

from ui import theme
from ui.heat import full_scale, heat_table, levels, stale_table
from ui.icon import icon, icon_names
from ui.stylesheet import stylesheet
from ui.tokens import (
    MARK_CONTRAST,
    RUNNER_PX,
    TEXT_CONTRAST,
    THEMES,
    VALUE_PX,
    blend,
    contrast,
    following,
    luminance,
)

BOTH = pytest.mark.parametrize("name", list(THEMES))
WORDS = ("ink", "muted", "accent", "left_text", "right_text", "good", "caution", "poor")
MARKS = ("left", "right", "mark", "accent", "good", "caution", "poor")


def test_contrast_of_known_pairs():
    assert contrast("#000000", "#FFFFFF") == pytest.approx(21)
    assert contrast("#777777", "#FFFFFF") == pytest.approx(4.48, abs=0.01)
    assert blend("#FFFFFF", "#000000", 0.5) == "#808080"


@BOTH
def test_text_is_readable_on_every_surface(name):
    tokens = THEMES[name]
    for surface in (tokens.card, tokens.accent_tint, tokens.ground):
        for word in WORDS:
            assert contrast(getattr(tokens, word), surface) >= TEXT_CONTRAST, word
    assert contrast(tokens.rail_ink, tokens.rail) >= TEXT_CONTRAST
    for ground in (tokens.accent, tokens.accent_hover):
        assert contrast(tokens.on_accent, ground) >= TEXT_CONTRAST
    for ground in (tokens.poor, tokens.poor_hover):
        assert contrast(tokens.on_poor, ground) >= TEXT_CONTRAST


def test_high_contrast_is_of_the_highest_level():
    tokens = THEMES["contrast"]
    for surface in (tokens.card, tokens.accent_tint, tokens.ground, tokens.rail):
        for word in WORDS:
            assert contrast(getattr(tokens, word), surface) >= 7.0, word
        for mark in MARKS:
            assert contrast(getattr(tokens, mark), surface) >= TEXT_CONTRAST, mark
    assert contrast(tokens.line, tokens.card) >= MARK_CONTRAST
    assert contrast(tokens.on_accent, tokens.accent) >= 7.0
    assert contrast(tokens.on_poor, tokens.poor) >= 7.0


def test_themes_follow_each_other_in_a_ring():
    seen = ["light"]
    for _ in THEMES:
        seen.append(following(seen[-1]))
    assert seen == ["light", "dark", "contrast", "light"]


@BOTH
def test_the_rail_and_the_focus_stand_out(name):
    tokens = THEMES[name]
    assert contrast(tokens.on_rail, tokens.rail) >= TEXT_CONTRAST
    assert contrast(tokens.rail_mark, tokens.rail) >= MARK_CONTRAST
    for surface in (tokens.card, tokens.ground, tokens.accent_tint):
        assert contrast(tokens.accent, surface) >= MARK_CONTRAST  # ring of the focus
    for filled in (tokens.accent, tokens.poor):  # ring of filled buttons, to the page
        assert contrast(tokens.ink, tokens.card) >= TEXT_CONTRAST
        assert tokens.ink != filled


@BOTH
def test_band_names_are_readable_on_their_band(name):
    tokens = THEMES[name]
    for verdict in ("good", "caution", "poor"):
        colour = tokens.verdict(verdict)
        tint = blend(colour, tokens.card, 0.10)
        assert contrast(colour, tint) >= 4.0  # tint of the same colour; beside a line
        assert contrast(tokens.left, tint) >= 2.5


@BOTH
def test_marks_stand_out_from_the_card(name):
    tokens = THEMES[name]
    for mark in MARKS:
        assert contrast(getattr(tokens, mark), tokens.card) >= MARK_CONTRAST, mark


@BOTH
def test_sides_never_share_a_colour_with_a_verdict(name):
    tokens = THEMES[name]
    verdicts = {tokens.good, tokens.caution, tokens.poor}
    assert not verdicts & {tokens.left, tokens.right}


@BOTH
def test_pressure_scale_goes_one_way_in_lightness(name):
    steps = [luminance(f"#{int(c) & 0xFFFFFF:06X}") for c in heat_table(name)]
    change = np.diff(steps)
    down = not THEMES[name].is_dark
    assert (change <= 1e-3).all() if down else (change >= -1e-3).all()
    assert abs(steps[-1] - steps[0]) > 0.5


@BOTH
def test_stale_scale_has_no_colour(name):
    colours = stale_table(name)
    red, green, blue = (colours >> shift & 255 for shift in (16, 8, 0))
    assert np.array_equal(red, green)
    assert np.array_equal(green, blue)


def test_levels_are_clipped_and_missing_is_nothing():
    found = levels(np.array([-5.0, 0, 100, 200, 999, np.inf, np.nan]), 200)
    assert found.tolist() == [0, 0, 128, 255, 255, 255, 0]


def test_full_scale_is_round_and_never_too_small():
    assert full_scale(150, 200) == 200
    assert full_scale(310, 200) == 400
    assert full_scale(float("nan"), 200) == 200
    assert full_scale(float("inf"), 200) == 200


@BOTH
def test_style_sheet_has_no_hole_and_shows_the_focus(name):
    text = stylesheet(THEMES[name])
    assert "$" not in text
    colours = set(re.findall(r"#[0-9A-Fa-f]{6}", text))
    assert THEMES[name].accent in colours
    for control in ("QPushButton", "QLineEdit", "QComboBox", "QCheckBox", "QSlider"):
        assert re.search(rf"{control}:focus", text), control


def test_bundled_font_is_used_everywhere(themed):
    assert "Inter" in theme.load_fonts()
    made = QLabel("x")
    assert QFontInfo(made.font()).family() == "Inter"


@pytest.mark.parametrize("px", [11, 13, VALUE_PX, RUNNER_PX])
@pytest.mark.parametrize("weight", [QFont.Weight.Normal, QFont.Weight.Bold])
def test_digits_are_all_as_wide(themed, px, weight):
    metrics = QFontMetricsF(theme.font(px, weight))
    widths = {round(metrics.horizontalAdvance(digit * 8), 3) for digit in "0123456789"}
    assert len(widths) == 1


def test_digits_keep_their_width_in_styled_labels(themed, qtbot):
    label = QLabel("1111")
    label.setProperty("role", "value")
    qtbot.addWidget(label)
    label.ensurePolished()
    metrics = QFontMetricsF(label.font())
    assert metrics.horizontalAdvance("1111") == metrics.horizontalAdvance("8888")
    assert label.font().pixelSize() == VALUE_PX


def test_text_size_scales_labels(themed, qtbot):
    label = QLabel("text")
    label.setProperty("role", "value")
    qtbot.addWidget(label)
    theme.apply_theme(themed, "dark", "larger")
    label.ensurePolished()
    assert label.font().pixelSize() == round(VALUE_PX * 1.3)
    assert theme.tokens().name == "dark"
    assert theme.scaled(10) == 13


def test_controls_are_tall_enough_for_busy_hands(themed, shown):
    assert shown(QPushButton("Weigh"), 120, 40).sizeHint().height() >= 40
    assert shown(QLineEdit("x"), 120, 40).sizeHint().height() >= 40


def test_focus_changes_the_picture_of_a_button(themed, shown, qtbot):
    button = shown(QPushButton("Weigh"), 120, 40)
    button.activateWindow()
    button.setFocus()
    qtbot.waitUntil(button.hasFocus)
    focused = button.grab().toImage()
    button.clearFocus()
    assert button.grab().toImage() != focused


@pytest.mark.parametrize("name", icon_names())
def test_icon_is_of_the_family_and_draws(themed, name):
    from ui.icon import _source

    text = _source(name)
    assert 'viewBox="0 0 24 24"' in text
    assert 'stroke="currentColor" stroke-width="1.75"' in text
    image = icon(name).pixmap(48, 48).toImage()
    inked = sum(
        image.pixelColor(x, y).alpha() > 128 for x in range(48) for y in range(48)
    )
    assert 20 < inked < 48 * 48 / 2


def test_unknown_icon_names_the_known_ones():
    with pytest.raises(KeyError, match="insole"):
        icon("no such")
