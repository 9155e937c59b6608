"""How long a host lives, and whom it serves."""

from __future__ import annotations

import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from lablive.clock import now_s
from lablive.live.run_folder import is_held
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

if TYPE_CHECKING:
    from tests.promises.lab import Lab

IDLE_S = 1.2  # on a busy machine questions come late


@pytest.mark.slow
def test_two_apps_on_one_host(lab: Lab) -> None:
    one, two = lab.session(), lab.session()
    lab.connect(one, lab.numbered_port(), lab.runner())
    lab.poll_until(lambda: len(two.feed.streams) == 3, "the streams in the other app")
    assert len(lab.hosts) == 1
    path = lab.record(one)
    lab.poll_until(lambda: two.recording is not None, "the recording in the other app")
    assert two.recording.path == path
    two.marker("from the other app")
    lab.poll_until(lambda: recorded(two) > 100, "rows")
    lab.stop(two)  # either may stop it
    lab.poll_until(lambda: one.recording is None, "the end in the first app")
    assert told(one, "ended elsewhere")
    assert_same_as_replay(two, path)
    trial = Trial(path)
    assert_whole(numbers(trial))
    assert [mark.text for mark in trial.markers] == ["from the other app"]
    assert verify(path).ok
    assert list(lab.trials.glob("*.xdf")) == [path]  # nobody has gone on by himself
    two.close()
    lab.record(one, "trial-02.xdf")
    lab.stop(one)


@pytest.mark.parametrize("name", ["SIGTERM", "SIGHUP"])
def test_a_signal_to_the_recording_command_closes_the_trial(
    lab: Lab, name: str
) -> None:
    if not hasattr(signal, name):
        pytest.skip(f"no {name} on this platform")
    options = lab.numbered_port().ready
    path = lab.trials / "trial-01.xdf"
    given = f"profile:{options['profile']}@{options['pty']}"
    command = [sys.executable, "-m", "ui.cli", "record", "--source", given]
    command += ["--out", str(path), "--code", "P01"]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as recorder:
        wait_for(lambda: path.exists() and path.stat().st_size > 50_000, "rows")
        recorder.send_signal(getattr(signal, name))
        said, _ = recorder.communicate(timeout=20)
        assert recorder.returncode == 0, said.decode()
    assert verify(path).closed
    assert_whole(numbers(Trial(path)))


def test_a_host_that_nobody_needs_ends(lab: Lab) -> None:
    lab.idle_s = IDLE_S
    session = lab.session()
    lab.connect(session, lab.numbered_port())
    rings = list(lab.folder.glob("rings-*"))
    assert rings
    session.close()
    wait_for(lambda: not is_held(lab.folder), "the end of the host")
    assert not (lab.folder / "host.json").exists()
    assert list(lab.folder.glob("rings-*")) == []


def test_a_host_that_records_stays(lab: Lab) -> None:
    lab.idle_s = IDLE_S
    session = lab.session()
    lab.connect(session, lab.numbered_port())
    path = lab.record(session)
    session.close()
    left_s = now_s()
    wait_for(lambda: now_s() - left_s > 2.5 * IDLE_S, "much more than the idle time")
    assert is_held(lab.folder)
    later = lab.session()
    lab.poll_until(lambda: later.recording is not None, "the recording", later)
    later.stop_recording()
    lab.poll_until(lambda: later.recording is None, "its end", later)
    later.close()
    found = numbers(Trial(path))
    assert_whole(found)
    assert len(found) > 2 * IDLE_S * 1000
    wait_for(lambda: not is_held(lab.folder), "the end of the host")
