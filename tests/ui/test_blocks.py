"""Blocks of the run in the window: the plan, pause, skip, cadence, before and after."""

from __future__ import annotations

import pytest
from fake_host import INSOLES
from on_page import keys_twice, texts
from page_states import Scene
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest as qtest  # noqa: N813

PLAN = """
schema = 1
name = "Short"

[[gate]]
kind = "connect"

[[gate]]
kind = "run"

[[block]]
kind = "run"
minutes = 2
speed_mps = 3.0

[[block]]
kind = "corrective"
minutes = 0.2
drill = "hop_two"

[[block]]
kind = "cadence"
cadence_spm = 172
minutes = 2

[[block]]
kind = "cool-down"
minutes = 2
"""


class BlockScene(Scene):
    """A window on running insoles with a plan of four blocks."""

    def __init__(self, folder):
        own = folder / "protocols"
        own.mkdir()
        (own / "short.toml").write_text(PLAN, encoding="utf-8")
        super().__init__(folder, (*INSOLES, "Sim treadmill"), "standing_s=0.5,ramp_s=0")
        self.model.gates.clock = lambda: 1000.0 + self.lab.told_s

    def record(self):
        self.lab.connect()
        self.tick()
        self.model.gates.choose("short")
        self.skip_gates()
        self.model.record(self.model.library / "trial-01.xdf")
        self.play(2.0, 0.5)

    def press(self, key):
        qtest.keyClick(self.window.focusWidget() or self.window, key)
        self.tick(1)

    def marks(self, kind):
        return [it.text for it in self.model.live.recording.marks if it.kind == kind]


@pytest.fixture
def scene(themed, tmp_path, nothing_left, qtbot):
    made = BlockScene(tmp_path)
    made.window.resize(1366, 768)
    made.window.show()
    made.window.activateWindow()
    qtbot.waitUntil(made.window.isActiveWindow)
    made.record()
    yield made
    made.close()


def test_before_and_after_a_block_with_its_drill_and_the_metronome(scene, qtbot):
    bar = scene.page.blocks
    assert bar.line.place[0] == 0
    assert "set the belt to 3 m/s: B" in texts(bar)
    scene.play(72.0, 0.5)
    scene.press(Qt.Key.Key_N)
    assert scene.page.drills.control.chosen == "hop_two"
    assert not scene.page.drills.isVisible()  # the operator opens it
    scene.play(80.0, 0.5)
    scene.press(Qt.Key.Key_N)
    assert scene.window.feedback.choice.beats_per_min == 172
    assert scene.marks("block") == [
        "corrective begin", "corrective end", "cadence 172 begin",
    ]  # fmt: skip
    scene.play(120.0, 0.5)
    assert "before and after in 0:" in texts(bar)
    scene.play(174.0, 0.5)
    card = scene.page.result
    qtbot.waitUntil(card.isVisible)
    contact = next(it for it in card.rows if it.metric == "contact_time_ms")
    assert contact.n_before > 50
    assert contact.n_after > 50
    assert abs(contact.delta) < 5  # nothing has changed in the simulated runner
    assert contact.told == "unknown"
    assert "run a baseline block" in texts(card)
    assert keys_twice(scene.window) == []
    scene.press(Qt.Key.Key_V)
    assert not card.isVisible()
    scene.press(Qt.Key.Key_N)
    assert scene.window.feedback.choice is None


def test_pause_and_skip(scene):
    blocks = scene.model.gates.blocks
    left_s = blocks.left_s(1002.0)
    scene.press(Qt.Key.Key_Q)
    scene.play(6.0, 0.5)
    assert "paused" in texts(scene.page.blocks)
    assert blocks.left_s(1006.0) == left_s
    scene.press(Qt.Key.Key_Q)
    assert scene.marks("pause") == ["pause begin", "pause end"]
    scene.press(Qt.Key.Key_K)
    assert blocks.following.kind == "cadence"
    assert scene.marks("note") == ["skipped: corrective, 0.2 min"]
