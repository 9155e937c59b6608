"""The runner's window: readable at 3 m, nothing overlaps, in both languages."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import msgspec
import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage

from lablive.feedback.hint import Hint, target_of
from lablive.feedback.offers import load_cues, load_offers
from lablive.feedback.pace import Pace
from ui import theme
from ui.runner_window import RunnerWindow
from ui.tokens import DARK, rgb

if TYPE_CHECKING:
    from PySide6.QtWidgets import QApplication
    from pytestqt.qtbot import QtBot

    from lablive.feedback.offers import Words

CUES, OFFERS = load_cues(), load_offers().metric


def hint_of(
    metric_id: str, value: float, words: Words, *, is_shown: bool = True
) -> Hint:
    target = target_of(metric_id, "both", OFFERS[metric_id], 2.4)
    assert target is not None
    way, text = target.way(value), words.cue[metric_id]
    cue = {
        "in target": words.in_target,
        "unknown": words.waiting,
        "lower": text.lower,
        "higher": text.higher,
    }[way]
    off = 0.0 if math.isnan(value) else target.off(value)
    return Hint(1.0, target, value, value, value, 6, way, off, is_shown, cue)


@pytest.fixture
def window(qtbot: QtBot, qapp: QApplication) -> RunnerWindow:
    theme.apply_theme(qapp, "light")
    made = RunnerWindow(CUES.en)
    qtbot.addWidget(made)
    made.resize(1280, 720)
    return made


def ink(image: QImage, colour: str, slack: int = 12) -> np.ndarray:
    """Return which pixels have a colour, shape (height, width)."""
    image = image.convertToFormat(QImage.Format.Format_RGB888)
    bits = np.frombuffer(image.constBits(), np.uint8)
    rows = bits.reshape(image.height(), image.bytesPerLine())
    pixels = rows[:, : 3 * image.width()].reshape(image.height(), image.width(), 3)
    wanted = np.array(rgb(colour), np.int16)
    return (np.abs(pixels - wanted) <= slack).all(axis=2)


@pytest.mark.parametrize(
    ("size", "offers"),
    [
        ((640, 360), tuple(OFFERS)),
        ((300, 480), ("cadence_spm", "pelvic_drop_deg")),
        ((1366, 768), ("cadence_spm",)),
    ],
)
@pytest.mark.parametrize("language", ["en", "de"])
def test_every_offer_fits_every_screen(
    window: RunnerWindow, size: tuple[int, int], offers: tuple[str, ...], language: str
) -> None:
    words = CUES.words(language)
    window.set_words(words)
    window.setMinimumSize(1, 1)
    window.resize(*size)
    for metric_id in offers:
        offer = OFFERS[metric_id]
        edge = offer.high if math.isfinite(offer.high) else offer.low
        value = edge * 2.4 / 100 if offer.of == "baseline" else edge
        for shown in (value + offer.reach, value - offer.reach, math.nan):
            window.show_hint(hint_of(metric_id, shown, words), 192, 240)
            image = window.grab().toImage()
            light = ink(image, DARK.on_rail, 60)
            columns = np.flatnonzero(light.any(axis=0))
            assert len(columns), metric_id
            # nothing is cut off at the edges
            assert columns[0] > 2
            assert columns[-1] < image.width() - 3
    # the number is as high as a hand's width at 3 m on any screen
    window.show_hint(hint_of("footfall_rel_db", 8.8, words))
    rows = np.flatnonzero(ink(window.grab().toImage(), DARK.on_rail, 3).any(axis=1))
    page = min(size[1], size[0] * 0.62)
    assert rows[-1] - rows[0] > 0.25 * page


def test_the_arrow_points_from_the_value_to_the_target(window: RunnerWindow) -> None:
    window.show_hint(hint_of("footfall_rel_db", 0.0, CUES.en))
    image = window.grab().toImage()
    bar = slice(int(0.70 * 720), int(0.77 * 720))
    white = np.flatnonzero(ink(image, DARK.on_rail, 3)[bar].any(axis=0))
    mark = np.flatnonzero(ink(image, DARK.on_rail, 3)[bar].sum(axis=0) > 40)
    assert white[0] < mark[0] - 40  # the value has to come down: the arrow is left
    assert white[-1] - mark[-1] < 20
    window.show_hint(hint_of("knee_flexion_ic_deg", 10.0, CUES.en))
    image = window.grab().toImage()
    white = np.flatnonzero(ink(image, DARK.on_rail, 3)[bar].any(axis=0))
    mark = np.flatnonzero(ink(image, DARK.on_rail, 3)[bar].sum(axis=0) > 40)
    assert white[-1] > mark[-1] + 40


def test_it_tells_a_screen_reader_what_it_shows(window: RunnerWindow) -> None:
    window.show_hint(hint_of("footfall_rel_db", -2.4, CUES.en))
    assert window.accessibleDescription() == "Land quieter. −2.4 dB"


def test_the_same_picture_is_not_painted_again(
    window: RunnerWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    painted: list[int] = []
    paint = RunnerWindow.paintEvent

    def counting(self: RunnerWindow, event) -> None:
        painted.append(1)
        paint(self, event)

    monkeypatch.setattr(RunnerWindow, "paintEvent", counting)
    window.show()
    qtbot.waitExposed(window)
    window.show_hint(hint_of("footfall_rel_db", -2.4, CUES.en), 10.0)
    qtbot.waitUntil(lambda: len(painted) > 0)
    qtbot.wait(50)
    known = len(painted)
    for k in range(20):
        window.show_hint(hint_of("footfall_rel_db", -2.4, CUES.en), 10.0 + 0.03 * k)
        qtbot.wait(2)
    assert len(painted) == known
    window.show_hint(hint_of("footfall_rel_db", -2.5, CUES.en), 10.9)
    qtbot.waitUntil(lambda: len(painted) > known)


def test_keys_and_closing(qtbot: QtBot, qapp: QApplication) -> None:
    theme.apply_theme(qapp, "light")
    closed: list[bool] = []
    window = RunnerWindow(CUES.en, lambda: closed.append(True))
    qtbot.addWidget(window)
    window.open_on(qapp.screens()[:1], qapp.screens()[0])
    qtbot.waitExposed(window)
    assert not window.isFullScreen()
    qtbot.keyClick(window, Qt.Key.Key_F11)
    assert window.isFullScreen()
    qtbot.keyClick(window, Qt.Key.Key_Escape)
    assert not window.isFullScreen()
    window.close()
    assert closed == [True]


def test_a_german_reads_a_comma_and_the_beat_stands_beside(
    window: RunnerWindow,
) -> None:
    said: list[str] = []
    paint = window._text

    def text(painter, within, told, share, colour, align):
        said.append(told)
        paint(painter, within, told, share, colour, align)

    window._text = text
    window.set_words(CUES.de)
    window.show_hint(hint_of("pelvic_drop_deg", 7.3, CUES.de))
    window.show_pace(Pace(178.0, 172.4, 40.0, 20))
    window.grab()
    assert "◀ Links 7,3" in said
    assert any(it.endswith("172 → 178/min") for it in said)
    said.clear()
    window.show_nothing()
    window.show_pace(Pace(178.0))  # nobody runs
    window.grab()
    assert "— → 178/min" in said


def test_a_sensor_that_is_away_shows_no_number(window: RunnerWindow) -> None:
    hint = hint_of("contact_time_ms", math.nan, CUES.en)
    window.show_hint(msgspec.structs.replace(hint, cue=CUES.en.away))
    window.grab()
    assert window.accessibleDescription().startswith("Sensor away. —")
