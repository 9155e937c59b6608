"""The app stands still while every wire is at full rate: nothing is missing after."""

from __future__ import annotations

import threading
from functools import partial
from typing import TYPE_CHECKING

import pytest

from drivers import source
from drivers.host import Host
from lablive.live.link import LinkClient
from lablive.live.ring import RingWriter
from lablive.recording.replay import Trial
from lablive.recording.verify import verify
from tests.promises.lab import (
    assert_same_as_replay,
    assert_whole,
    numbers,
    recorded,
)

if TYPE_CHECKING:
    from tests.promises.lab import Lab, Program


@pytest.mark.slow
def test_no_byte_is_lost_while_the_app_is_frozen(lab: Lab) -> None:
    frozen(lab, 3.0, lab.runner())


@pytest.mark.slow
def test_ten_seconds_at_the_load_of_a_whole_lab(lab: Lab) -> None:
    frozen(lab, 10.0, lab.runner(streams="insoles,imu,emg,level,speed"))


def frozen(lab: Lab, seconds: float, runner: Program) -> None:
    session = lab.session()
    lab.connect(session, lab.numbered_port(), lab.numbered_lsl(), runner)
    path = lab.record(session)
    lab.poll_until(lambda: recorded(session) > 0, "rows of every stream")
    before = len(session.troubles)
    threading.Event().wait(seconds)  # no poll
    session.poll()
    assert session.troubles[before:] == []
    lab.stop(session)
    assert session.feed.missed_rows == 0
    report = verify(path)
    assert report.ok, report.findings
    assert assert_same_as_replay(session, path)
    trial = Trial(path)
    for name in ("numbered", "numbered-"):
        assert_whole(numbers(trial, name))
    for stream in report.streams:
        assert stream.lost == 0
        if stream.expected is not None:
            assert stream.rows >= 0.98 * stream.expected


def test_longer_than_the_rings_hold(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was overwritten meanwhile comes from the file."""
    monkeypatch.setattr(source, "RingWriter", partial(RingWriter, seconds=0.5))
    host = Host(lab.folder)
    try:
        session = lab.session(lambda: LinkClient.connect(lab.folder))
        lab.connect(session, lab.runner())
        path = lab.record(session)
        lab.poll_until(lambda: recorded(session) > 100, "rows")
        threading.Event().wait(1.5)  # no poll
        lab.poll_until(lambda: session.pipeline.strides, "strides")
        assert session.feed.missed_rows > 0
        lab.stop(session)
        assert assert_same_as_replay(session, path)
    finally:
        host.close()
