"""Clocks of other computers: stamps become lab time, and the trial says by how much."""

from __future__ import annotations

import itertools
import uuid
from typing import TYPE_CHECKING

import numpy as np
import pytest

from drivers import lsl_clock
from drivers.lsl_clock import lab_minus_lsl_s
from drivers.lsl_inlet import LslInlet
from drivers.lsl_library import load_lsl
from drivers.lsl_outlet import LslOutlet
from drivers.source import Source
from lablive.clock import now_s
from lablive.live.sharing import SharedChannel
from lablive.messages import SourceSpec
from lablive.recording.recorder import Recorder
from lablive.recording.replay import Trial

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

pytest.importorskip("pylsl")

AHEAD_S = 0.25


def test_the_lab_clock_is_the_lsl_clock_or_told_apart(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    lsl = load_lsl()
    assert abs(lsl.local_clock() + lab_minus_lsl_s(lsl) - now_s()) < 1e-3
    monkeypatch.setattr(lsl_clock, "now_s", lambda: lsl.local_clock() + 7.5)
    assert lab_minus_lsl_s(lsl) == pytest.approx(7.5, abs=1e-3)
    ticks = itertools.count(0.0, 2e-4)  # a difference below a millisecond is none
    monkeypatch.setattr(lsl_clock, "now_s", lambda: next(ticks))
    monkeypatch.setattr(lsl, "local_clock", lambda: next(ticks))
    assert lab_minus_lsl_s(lsl) == 0.0


def test_an_outlet_stamps_on_the_lsl_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("drivers.lsl_outlet.lab_minus_lsl_s", lambda _: 7.5)
    name = f"clock-{uuid.uuid4().hex[:8]}"
    outlet = LslOutlet(name, "Gait", (SharedChannel("x"),), source_id=name)
    lsl = load_lsl()
    (found,) = lsl.resolve_byprop("name", name, 1, 10.0)
    inlet = lsl.StreamInlet(found, recover=False)
    inlet.open_stream(timeout=10.0)
    outlet.push(np.array([1000.0]), np.ones((1, 1)))
    assert inlet.pull_sample(timeout=10.0) == ([1.0], 992.5)
    assert outlet.on_lsl_clock(8.0) == 0.5
    inlet.close_stream()


def test_the_trial_says_what_was_added_to_the_stamps_of_another_computer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, until: Callable[..., None]
) -> None:
    lsl = load_lsl()
    name = f"clock-{uuid.uuid4().hex[:8]}"
    outlet = LslOutlet(
        name, "EMG", (SharedChannel("x"),), rate_hz=100.0, source_id=name
    )
    # as if its clock were behind: what liblsl measures between two computers
    monkeypatch.setattr(
        lsl.StreamInlet, "time_correction", lambda self, timeout: AHEAD_S
    )
    spec = SourceSpec("emg", "lsl", {"name": name})
    source = Source(
        spec, lambda it: LslInlet.from_options(it.options), lambda: 1, tmp_path
    )
    source.start()
    path = tmp_path / "trial-01.xdf"
    try:
        until(lambda: source.report().state == "streaming", "the stream")
        (status,) = source.report().status
        assert status.clock_offset_s == pytest.approx(AHEAD_S, abs=1e-3)
        recorder = Recorder(path, source.infos, {}, None)
        source.record_into(recorder)
        stamps_s = now_s() - 1.0 + np.arange(20) / 100.0
        outlet.wait_for_reader(10.0)
        outlet.push(stamps_s, np.ones((20, 1)))
        until(lambda: source.report().status[0].rows == 20, "the rows")
        source.record_into(None)
        recorder.close()
    finally:
        source.stop()
    trial = Trial(path)
    t_s, _ = trial.window(1, -np.inf, np.inf)
    np.testing.assert_allclose(t_s, stamps_s + AHEAD_S, atol=1e-3)
    notes = [mark.text for mark in trial.markers if mark.kind == "clock"]
    trial.close()
    assert len(notes) == 2  # at the begin and at the end
    assert all(note.startswith(f"{name} of ") for note in notes)
    assert all("+0.25" in note for note in notes)


def test_a_stream_of_this_computer_needs_no_note() -> None:
    name = f"clock-{uuid.uuid4().hex[:8]}"
    outlet = LslOutlet(
        name, "EMG", (SharedChannel("x"),), rate_hz=100.0, source_id=name
    )
    inlet = LslInlet.from_options({"name": name})
    inlet.open()
    assert inlet.status()[0].clock_offset_s == 0.0
    inlet.close()
    assert outlet.name == name
