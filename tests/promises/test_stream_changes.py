"""An LSL stream that is not what it was: told, recorded, never mixed with before."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import numpy as np
import pytest

from drivers.sim.lsl_wire import LslWire
from lablive.analysis import analyze_trial
from lablive.clock import now_s
from lablive.messages import ChannelInfo, SourceSpec, StreamInfo
from lablive.recording.replay import Trial
from lablive.recording.verify import verify
from tests.promises.lab import all_send, assert_same_as_replay, recorded, source, told

if TYPE_CHECKING:
    from tests.promises.lab import Lab

CELLS = 16
STEP_S = 0.6  # of one foot, half of it on the ground


class Sole:
    """An insole on LSL that steps; sends what is due when it is asked."""

    def __init__(self, rate_hz: float) -> None:
        channels = tuple(ChannelInfo(f"{n:02d}", "kPa", "P") for n in range(CELLS))
        source_id = f"sole-{os.getpid()}"
        info = StreamInfo(0, "left_sole", "Pressure", rate_hz, channels, source_id)
        self._wire = LslWire(info, "LabLive", "sole")
        self._rate_hz = rate_hz
        self._start_s = now_s()
        self._sent = 0

    def send(self) -> bool:
        due = int((now_s() - self._start_s) * self._rate_hz)
        t_s = self._start_s + np.arange(self._sent, due) / self._rate_hz
        share = np.maximum(np.sin(2 * np.pi * t_s / STEP_S), 0.0)
        cells = np.tile(120.0 * share[:, None], (1, CELLS))
        self._wire.push(t_s, cells.astype(np.float32))
        self._sent = due
        return True


@pytest.mark.slow
def test_an_insole_comes_back_with_another_rate(lab: Lab) -> None:
    session = lab.session()
    sole = Sole(100.0)
    session.add_source(SourceSpec("sole", "lsl", {"name": "left_sole"}))

    def sends() -> bool:
        return sole.send() and all_send(session, ["sole"])

    lab.poll_until(sends, "rows")
    path = lab.record(session)
    lab.poll_until(lambda: sole.send() and session.pipeline.strides, "strides")
    del sole
    sole = Sole(50.0)
    lab.poll_until(
        lambda: sole.send() and told(session, "came back as another stream"),
        "the message",
    )
    lab.poll_until(
        lambda: sole.send() and session.pipeline and session.pipeline.strides, "strides"
    )
    rows = recorded(session)
    lab.poll_until(lambda: sole.send() and recorded(session) > rows + 50, "more rows")
    assert [told.state for told in source(session, "sole").status] == [
        "recovering",
        "streaming",
    ]
    lab.stop(session)
    assert assert_same_as_replay(session, path)
    trial = Trial(path)
    assert [info.rate_hz for info in trial.streams] == [100.0, 50.0]
    assert verify(path).damage == []
    notes = analyze_trial(path).prepared.notes
    assert any("all rows are in the trial" in note for note in notes)
