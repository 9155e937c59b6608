"""A host that stands still: the app says so, starts no second one, and goes on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from lablive.errors import LinkError
from lablive.live import host_link, link
from lablive.recording.replay import Trial
from lablive.recording.verify import verify
from tests.promises.lab import (
    assert_same_as_replay,
    assert_whole,
    numbers,
    recorded,
    told,
    wait_for,
)
from ui.host_process import attach_or_start

if TYPE_CHECKING:
    from lablive.live.session import LiveSession
    from tests.promises.lab import Lab


@pytest.fixture(autouse=True)
def _short_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(host_link, "SILENT_S", 1.0)
    monkeypatch.setattr(host_link, "LONG_S", 1.0)


@pytest.fixture
def recording(lab: Lab) -> LiveSession:
    session = lab.session()
    lab.connect(session, lab.numbered_port(), lab.runner())
    lab.record(session)
    lab.poll_until(lambda: recorded(session) > 50, "rows")
    return session


def test_it_is_told_and_goes_on_where_it_was(lab: Lab, recording: LiveSession) -> None:
    session, host = recording, lab.host_pid
    path = session.recording.path
    lab.freeze_host()
    session.marker("while the host stands still")
    lab.poll_until(lambda: told(session, "does not answer", str(host)), "the message")
    assert not told(session, "started again")
    lab.thaw_host()
    lab.poll_until(lambda: told(session, "answers again"), "the message")
    lab.poll_until(lambda: session.pipeline.strides, "strides")
    lab.stop(session)
    assert lab.hosts == {host}
    assert list(lab.trials.glob("*.xdf")) == [path]
    assert assert_same_as_replay(session, path)
    trial = Trial(path)
    assert_whole(numbers(trial))  # its sender has waited, as hardware cannot
    assert "while the host stands still" in [mark.text for mark in trial.markers]
    # the insoles could not wait: what their line lost meanwhile is counted
    report = verify(path)
    assert report.damage == []
    for sole in report.streams:
        if sole.name.endswith("_sole"):
            assert sole.lost_is_exact
            assert abs(sole.rows + sole.lost - sole.expected) <= 2


def test_stop_pressed_meanwhile_is_done_when_it_answers(
    lab: Lab, recording: LiveSession
) -> None:
    session = recording
    lab.freeze_host()
    session.stop_recording()
    lab.poll_until(lambda: told(session, "does not answer"), "the message")
    lab.thaw_host()
    lab.poll_until(lambda: session.recording is None, "the end of the recording")
    path = lab.trials / "trial-01.xdf"
    assert session.last_trial.path == str(path)
    assert verify(path).closed
    assert_whole(numbers(Trial(path)))
    assert_same_as_replay(session, path)


def test_a_hung_host_that_is_ended_gives_way_to_a_new_one(
    lab: Lab, recording: LiveSession
) -> None:
    session, host = recording, lab.host_pid
    lab.freeze_host()
    lab.poll_until(lambda: told(session, "does not answer", "end that process"), "it")
    lab.kill_host()  # as the message says
    lab.poll_until(lambda: len(session.recording.parts) == 2, "the next file")
    assert lab.host_pid != host
    lab.poll_until(lambda: recorded(session) > 50, "rows in the next file")
    lab.stop(session)
    assert verify(lab.trials / "trial-01.xdf").damage == []
    assert_same_as_replay(session, lab.trials / "trial-01-continued2.xdf")


def test_a_second_app_finds_no_place_for_a_second_host(
    lab: Lab, recording: LiveSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(link, "CONNECT_S", 0.5)
    host = lab.host_pid
    lab.freeze_host()
    with pytest.raises(LinkError, match=f"process {host}"):
        attach_or_start(lab.folder)
    lab.thaw_host()
    wait_for(lambda: attach_or_start(lab.folder).call("status"), "the host")
    assert lab.host_pid == host
    lab.stop(recording)
