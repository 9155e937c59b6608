"""A whole session in a real window: host, pseudo-terminal, LSL, file, replay."""

from __future__ import annotations

import os
import random
import signal

import pytest
from own_lab import opened
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest as qtest  # noqa: N813
from PySide6.QtWidgets import QApplication

from lablive.clock import now_s
from lablive.recording.replay import Trial
from ui.connect_dialog import ConnectDialog
from ui.session_model import State
from ui.simulator import Simulator
from ui.widgets import KeyButton

SEATED_S, STANDING_S = 6, 15
RUNNER = f"seated_s={SEATED_S},standing_s={STANDING_S},ramp_s=0.5"
PICTURE_S = 5.0  # after both insoles are connected
WAIT_MS = 30_000


def wires(*more, changes=RUNNER):
    """Return how the simulated lab is started: insoles on a PTY, level on LSL."""
    tag = f"test-{os.getpid()}"
    return [
        "drivers.sim.wires", "--id", tag, "--streams", "insoles,level",
        "--set", changes, *more,
    ]  # fmt: skip


@pytest.fixture
def window(themed, tmp_path, nothing_left, until, qtbot):
    """Open the app with a host of its own; end both afterwards."""
    with opened(tmp_path, qtbot, until) as made:
        yield made


@pytest.fixture
def press(window, qtbot):
    """Press a key as an operator does."""

    def with_key(key):
        if not window.isActiveWindow():
            with qtbot.waitActive(window):
                window.activateWindow()
        qtest.keyClick(window.windowHandle(), key)

    return with_key


def wait(qtbot, condition, what):
    """Let the window live until a condition holds."""
    try:
        qtbot.waitUntil(lambda: bool(condition()), timeout=WAIT_MS)
    except AssertionError:
        pytest.fail(f"waited {WAIT_MS / 1000:.0f} s in vain for {what}")


def the_dialog(window, qtbot):
    wait(qtbot, lambda: window.findChildren(ConnectDialog), "the dialog")
    return window.findChildren(ConnectDialog)[0]


def sim_t0_s(window):
    """Return when the simulated runner sat down, on the lab clock."""
    return window.model.simulated._running.wait_for("start", 10.0)["t0_s"]


def until_s(qtbot, t_s):
    wait(qtbot, lambda: now_s() >= t_s, "the runner's next posture")


def test_a_whole_session(window, press, qtbot, tmp_path):
    model, page = window.model, window.page
    # connect
    model.simulate(wires("--wait", "20"))
    wait(qtbot, lambda: len(model.live.feed.streams) == 3, "three streams")
    both_s = now_s()
    description = page.feet._view.accessibleDescription
    wait(qtbot, lambda: description() == "left: live; right: live", "the picture")
    assert now_s() - both_s < PICTURE_S
    assert model.mass_kg == 70.0
    # zero and weigh, each when the runner does it
    t0_s = sim_t0_s(window)
    until_s(qtbot, t0_s + 0.5)
    press(Qt.Key.Key_N)
    wait(qtbot, lambda: model.gates.is_done("zero"), "the zero")
    until_s(qtbot, t0_s + SEATED_S + 0.5)
    press(Qt.Key.Key_N)
    wait(qtbot, lambda: model.live.calibration is not None, "the weighing")
    assert "weighed 70 kg" in page.top.gates.words()
    # record
    until_s(qtbot, t0_s + STANDING_S)
    press(Qt.Key.Key_R)
    wait(qtbot, lambda: model.state is State.RECORDING, "Recording")
    wait(qtbot, lambda: page.top._elapsed.word() not in ("", "not recording"), "clock")
    clock, size = page.top._elapsed.word(), page.top._size.text()
    assert page.top._streams.text() == "3/3 streams"
    wait(qtbot, lambda: page.top._elapsed.word() != clock, "the running clock")
    wait(qtbot, lambda: page.top._size.text() != size, "the growing file")
    marked_s = now_s()
    press(Qt.Key.Key_Space)
    pressed_s = now_s()
    cadence = page.tiles.tiles["cadence_spm"]
    wait(qtbot, lambda: cadence.value_shown() != "—", "a cadence")
    until_s(qtbot, pressed_s + 4.0)
    # stop and verify
    path = model.live.recording.path
    press(Qt.Key.Key_S)
    wait(qtbot, lambda: model.last_verify is not None, "the count from disk")
    assert model.last_verify.ok, model.last_verify.findings
    assert page.verify.isVisible()
    assert page.verify._chip.word() == "complete"
    trial = Trial(path)
    (mark,) = trial.markers
    assert marked_s <= mark.t_s <= pressed_s
    trial.close()
    # replay
    press(Qt.Key.Key_V)
    wait(qtbot, lambda: model.replay is not None, "the replay")
    replay = model.replay
    wait(qtbot, lambda: replay.done >= 1.0, "the results of the trial")
    window.poller.stop()  # from here on the test turns the pages
    check_seeks(window)
    window.poller.start()
    replay.seek(replay.trial.t0_s)
    press(Qt.Key.Key_PageDown)
    wait(qtbot, lambda: abs(replay.cursor_s - mark.t_s) < 1e-6, "the marker")
    press(Qt.Key.Key_L)
    wait(qtbot, lambda: model.state is State.CONNECTED, "the live view")
    wait(qtbot, lambda: description() == "left: live; right: live", "the live picture")
    assert not page.notice._troubles


def test_the_simulated_runner_does_what_the_gates_ask_over_real_wires(
    window, qtbot, press
):
    model, page = window.model, window.page
    model.gates.choose("demo")
    model.simulate(wires("--wait", "20", "--hold", changes="ramp_s=0.5"))
    wait(qtbot, lambda: len(model.live.feed.streams) == 3, "three streams")
    wait(qtbot, lambda: model.gates.now.gate.kind == "zero", "the first gate")
    wait(qtbot, lambda: model.mass_kg, "the runner's mass")
    for kind in ("zero", "weigh"):
        assert model.gates.now.gate.kind == kind
        press(Qt.Key.Key_N)
        wait(qtbot, lambda: model.gates.doing is not None, "the count-down")
        wait(qtbot, lambda: model.gates.doing is None, f"the end of {kind}")
        view = model.gates.view(kind)
        assert view.light == "green", view.causes
    assert model.gates.now.gate.kind == "belt_noise"
    press(Qt.Key.Key_X)
    press(Qt.Key.Key_R)
    wait(qtbot, lambda: model.state is State.RECORDING, "Recording")
    cadence = page.tiles.tiles["cadence_spm"]
    wait(qtbot, lambda: cadence.value_shown() != "—", "a cadence")
    press(Qt.Key.Key_S)
    wait(qtbot, lambda: model.gates.now.gate.kind == "review", "the review")
    cadence = model.gates.last_run[0]
    assert cadence.label == "Cadence"
    assert 150 < cadence.both < 175
    wait(qtbot, lambda: model.last_verify is not None, "the count from disk")


def check_seeks(window):
    """Visit twenty places twice, in another order: strip and soles are the same."""
    replay, page = window.model.replay, window.page
    rng = random.Random(3)
    t0_s, t1_s = replay.trial.t0_s, replay.trial.t1_s

    def pictures(t_s):
        replay.seek(t_s)
        for _ in range(3):
            window.poller.tick()
            QApplication.processEvents()
        return [card.grab().toImage() for card in (page.force, page.feet)]

    places = [rng.uniform(t0_s, t1_s) for _ in range(20)]
    first = {t_s: pictures(t_s) for t_s in places}
    rng.shuffle(places)
    for t_s in places:
        assert pictures(t_s) == first[t_s]


def test_connect_lists_a_real_stream_and_opens_it(window, qtbot, press):
    simulator = Simulator(wires())
    try:
        press(Qt.Key.Key_C)
        dialog = the_dialog(window, qtbot)
        wanted = [s["source_id"] for s in simulator.ready["streams"]]

        def mine():
            return [
                row for row in dialog.rows()
                if row.offer.spec.options.get("source_id") in wanted
            ]  # fmt: skip

        wait(qtbot, mine, "the simulated stream in the list")
        for row in dialog.rows():
            row.tick.setChecked(row in mine())
        dialog.connect_button.click()
        wait(qtbot, lambda: window.model.state is State.CONNECTED, "Connected")
        subtitle = window.page.streams._subtitle.full_text
        wait(qtbot, lambda: subtitle() == "1 of 1 streaming", "a streaming row")
        press(Qt.Key.Key_C)
        dialog = the_dialog(window, qtbot)
        buttons = dialog.findChildren(KeyButton)
        (let_go,) = [b for b in buttons if b.text() == "Disconnect"]
        let_go.click()
        dialog.reject()
        wait(qtbot, lambda: window.model.state is State.IDLE, "no stream")
    finally:
        simulator.stop()


def test_an_unplugged_device_and_a_killed_host_are_told_and_the_app_stays(
    window, qtbot, press
):
    model, page = window.model, window.page
    run = "seated_s=0,standing_s=1,ramp_s=0.5"
    model.simulate(wires("--faults", "unplug_at_s=3", "--wait", "20", changes=run))
    wait(qtbot, lambda: len(model.live.feed.streams) == 3, "three streams")
    press(Qt.Key.Key_R)
    wait(qtbot, lambda: model.state is State.RECORDING, "Recording")
    said = page.notice.accessibleName
    asked = window.reconnect
    wait(qtbot, lambda: asked.isVisible(), "the question about the insoles")
    assert asked.source == "simulated insoles"
    assert "comes back by itself" in asked._text.full_text()
    description = page.feet._view.accessibleDescription
    wait(qtbot, lambda: "no sample for" in description(), "the grey soles")
    wait(qtbot, lambda: page.top._streams.text() == "1/3 streams", "1/3 streams")
    os.kill(model.live.report.pid, signal.SIGKILL)
    wait(qtbot, lambda: "recording program" in said(), "the message")
    wait(qtbot, lambda: model.live.recording.parts[1:], "the next part")
    assert window.isVisible()
    assert "Traceback" not in said()
