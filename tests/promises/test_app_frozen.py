"""The app stands still while every wire is at full rate: nothing is missing after."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import numpy as np
import pytest

from lablive.messages import Chunk
from lablive.recording.replay import Trial
from lablive.recording.verify import verify
from tests.promises.lab import (
    assert_same_as_replay,
    assert_whole,
    checked_numbers,
    numbers,
    stream,
)

if TYPE_CHECKING:
    from tests.promises.lab import Lab


@pytest.mark.parametrize("frozen_s", [3.0, pytest.param(10.0, marks=pytest.mark.slow)])
def test_no_byte_is_lost_while_the_app_is_frozen(lab: Lab, frozen_s: float) -> None:
    devices = [
        lab.numbered_port(),
        lab.numbered_lsl(),
        lab.runner(streams="insoles,imu,emg,level,speed"),
    ]
    session = lab.session()
    lab.connect(session, *devices)
    path = lab.record(session)
    seen: dict[int, list[np.ndarray]] = {}

    def rows() -> bool:
        for item in session.poll().items:
            if isinstance(item, Chunk):
                seen.setdefault(item.stream, []).append(item.x)
        return session.recording is None

    lab.poll_until(lambda: session.pipeline.strides, "strides")  # type: ignore[union-attr]
    before = len(session.troubles)
    threading.Event().wait(frozen_s)  # frozen: no poll
    session.poll()
    assert session.troubles[before:] == []
    lab.stop(session)
    assert session.feed.missed_rows == 0
    report = verify(path)
    assert report.ok, report.findings
    assert assert_same_as_replay(session, path) > 2
    trial = Trial(path)
    for name in ("numbered", "numbered-"):
        assert_whole(numbers(trial, name))
