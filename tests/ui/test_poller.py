"""The tick: 60 Hz, 30 Hz under load, and never ended by a fault."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QObject, Signal

from lablive.live.session import Tick
from ui import poller as room
from ui.poller import CALM_MS, FAST_MS, Poller


class Model(QObject):
    trouble = Signal(str)

    def __init__(self):
        super().__init__()
        self.passed_s = []

    def poll(self, passed_s):
        self.passed_s.append(passed_s)
        return Tick([], [])


class View:
    fault = None

    def refresh(self, tick):
        if self.fault:
            raise self.fault


class Times:
    """A clock and the CPU time of the program, as a test tells them."""

    def __init__(self, monkeypatch):
        self.now_s = self.spent_s = 100.0
        monkeypatch.setattr(room, "now_s", lambda: self.now_s)
        monkeypatch.setattr(room, "process_time", lambda: self.spent_s)

    def run(self, made, seconds, share):
        for _ in range(round(seconds * 1e3 / made.interval_ms)):
            step_s = made.interval_ms / 1e3
            self.now_s += step_s
            self.spent_s += share * step_s
            made.tick()


@pytest.fixture
def times(monkeypatch):
    return Times(monkeypatch)


@pytest.fixture
def made(qapp, times):
    found = Poller(Model(), View())
    found.start()
    yield found
    found.stop()


@pytest.mark.parametrize(("share", "wanted"), [(0.19, FAST_MS), (0.21, CALM_MS)])
def test_load_is_a_fifth_of_a_core(made, times, share, wanted):
    times.run(made, 5.0, share)
    assert made.interval_ms == wanted


def test_half_the_pictures_at_half_the_cost_do_not_swing_back(made, times):
    times.run(made, 3.0, 0.25)
    assert made.interval_ms == CALM_MS
    times.run(made, 10.0, 0.13)
    assert made.interval_ms == CALM_MS
    times.run(made, 3.0, 0.09)
    assert made.interval_ms == FAST_MS


def test_a_short_burst_changes_nothing(made, times):
    times.run(made, 2.0, 0.05)
    times.run(made, 0.1, 1.0)
    times.run(made, 2.0, 0.05)
    assert made.interval_ms == FAST_MS


def test_the_model_is_told_the_time_that_passed(made, times):
    times.now_s += 0.5
    made.tick()
    assert made._model.passed_s == [pytest.approx(0.5)]


def test_a_fault_of_the_view_is_told_and_the_next_tick_comes(made, times, qtbot):
    made._view.fault = ValueError("no such colour")
    with qtbot.waitSignal(made._model.trouble) as told:
        made.tick()
    assert "no such colour" in told.args[0]
    assert "Recording goes on" in told.args[0]
    made._view.fault = None
    made.tick()
    assert made.ticks == 2
