"""``kill -9`` of the host: what was on disk is there, the app says so and goes on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from lablive.clock import now_s
from lablive.errors import LinkError
from lablive.names import HeaderKey
from lablive.recording.replay import Trial
from lablive.recording.verify import verify
from tests.promises.lab import (
    all_send,
    assert_same_as_replay,
    assert_whole,
    numbers,
    recorded,
    told,
    wait_for,
)

if TYPE_CHECKING:
    from pathlib import Path

    from lablive.live.link import LinkClient
    from lablive.live.session import LiveSession
    from tests.promises.lab import Lab

ON_DISK_S = 0.1
NUMBERED = ("numbered", "numbered-")  # over the port, over LSL


def runs_in_part(session: LiveSession, number: int) -> bool:
    recording = session.recording
    return (
        recording is not None
        and len(recording.parts) == number
        and not recording.interrupted
        and session.pipeline is not None
    )


def rows_in_rings(session: LiveSession) -> dict[int, int]:
    """Return how many rows of the running recording the host has handed on."""
    running = session.report.recording if session.report else None
    assert running is not None
    readers = {stream: session.feed.reader(stream) for stream in running.first_rows}
    return {
        stream: reader.rows - running.first_rows[stream]
        for stream, reader in readers.items()
        if reader is not None
    }


def let_pass(seconds: float) -> None:
    end_s = now_s() + seconds
    wait_for(lambda: now_s() > end_s, "the time")


def assert_only_not_closed(path: Path) -> None:
    report = verify(path)
    assert report.damage == []
    assert not report.closed
    harmless = (
        "was not closed",
        "have no checksum (the index ends early)",
        "This recording goes on in",
    )
    others = [
        text for text in report.findings if not any(words in text for words in harmless)
    ]
    assert others == []


@pytest.mark.slow
def test_a_dead_host_is_replaced_and_the_recording_goes_on(lab: Lab) -> None:
    session = lab.session()
    lab.connect(session, lab.numbered_port(), lab.numbered_lsl(), lab.runner())
    path = lab.record(session)
    lab.poll_until(lambda: recorded(session) > 100, "a while of recording")
    arrived = rows_in_rings(session)
    let_pass(ON_DISK_S)
    lab.kill_host()
    lab.poll_until(lambda: told(session, "stopped", path.name), "the message")
    lab.poll_until(lambda: runs_in_part(session, 2), "the next file")
    second = session.recording.parts[1]
    assert second == path.with_name("trial-01-continued2.xdf")
    assert told(session, second.name, "missing")

    trial = Trial(path)
    assert {stream: trial.rows(stream) >= rows for stream, rows in arrived.items()} == (
        dict.fromkeys(arrived, True)
    )
    for name in NUMBERED:
        assert_whole(numbers(trial, name))
    assert_only_not_closed(path)

    lab.poll_until(
        lambda: len(session.feed.streams) == len(arrived) and recorded(session) > 50,
        "rows of every device in the second file",
    )
    lab.stop(session)
    assert session.last_files == [path, second]
    assert_same_as_replay(session, second)
    follow = Trial(second)
    assert follow.header[HeaderKey.PART_OF] == path.name
    assert follow.header[HeaderKey.MONTAGE] == trial.header[HeaderKey.MONTAGE]
    assert any("missing" in mark.text for mark in follow.markers)
    for name in NUMBERED:
        assert_whole(numbers(follow, name))
    assert verify(second).damage == []
    assert verify(second).closed
    assert trial.continuation == ((), (second.name,))
    assert follow.continuation == ((path.name,), ())
    assert not verify(second).ok


def test_it_dies_twice(lab: Lab) -> None:
    session = lab.session()
    lab.connect(session, lab.numbered_port())
    lab.record(session)
    for part in (2, 3):
        lab.kill_host()
        lab.poll_until(lambda part=part: runs_in_part(session, part), "the next file")
    # and once more before the next file has begun
    lab.kill_host()
    lab.poll_until(lambda: session.recording.interrupted, "the loss")
    lab.poll_until(lambda: lab.has_host, "a new host")
    lab.kill_host()
    lab.poll_until(lambda: runs_in_part(session, 4), "the fourth file")
    parts = session.recording.parts
    lab.poll_until(lambda: recorded(session) > 100, "rows")
    lab.stop(session)
    assert [part.name for part in parts[:3]] == [
        "trial-01.xdf",
        "trial-01-continued2.xdf",
        "trial-01-continued3.xdf",
    ]
    assert_whole(numbers(Trial(parts[-1])))
    assert verify(parts[-1]).damage == []
    for part in parts[:-1]:
        assert verify(part).damage == []


def test_it_dies_while_nothing_is_recorded(lab: Lab) -> None:
    session = lab.session()
    port = lab.numbered_port()
    lab.connect(session, port)
    lab.kill_host()
    lab.poll_until(lambda: told(session, "stopped"), "the message")
    assert {s.state for s in session.report.sources} == {"recovering"}
    names = [spec.id for spec in port.specs()]
    lab.poll_until(
        lambda: (
            session.report.sources[0].state == "streaming" and all_send(session, names)
        ),
        "the device on the new host",
    )
    assert session.recording is None
    assert list(lab.trials.iterdir()) == []
    ring = session.feed.reader(session.report.sources[0].streams[0].id)
    rows = ring.rows
    lab.poll_until(lambda: ring.rows > rows, "rows")


def test_it_dies_while_a_recording_starts(lab: Lab) -> None:
    session = lab.session()
    lab.connect(session, lab.numbered_port())
    path = lab.trials / "trial-01.xdf"
    lab.freeze_host()
    session.start_recording(path, {})
    lab.kill_host()
    lab.poll_until(lambda: told(session, "was not started"), "the message")
    lab.poll_until(lambda: session.report.sources[0].state == "streaming", "the device")
    assert session.recording is None
    lab.record(session, "trial-02.xdf")  # Record pressed again
    lab.poll_until(lambda: recorded(session) > 100, "rows")
    lab.stop(session)
    assert_whole(numbers(Trial(lab.trials / "trial-02.xdf")))


def test_stop_pressed_while_there_is_no_host(lab: Lab) -> None:
    session = lab.session()
    lab.connect(session, lab.numbered_port())
    path = lab.record(session)
    lab.kill_host()
    session.stop_recording()
    lab.poll_until(lambda: session.recording is None, "the end of the recording")
    assert list(lab.trials.glob("*.xdf")) == [path]
    assert session.last_trial.path == str(path)
    lab.poll_until(lambda: session.report.sources[0].state == "streaming", "the device")
    lab.record(session, "trial-02.xdf")


def test_a_host_that_cannot_start_is_tried_again(lab: Lab) -> None:
    fails = [True]

    def start() -> LinkClient:
        if fails[0] and lab.hosts:
            fails.append(True)
            raise LinkError("No host today.")
        return lab.start_host()

    session = lab.session(start_host=start)
    lab.connect(session, lab.numbered_port())
    path = lab.record(session)
    lab.kill_host()
    lab.poll_until(lambda: len(fails) > 3, "three attempts")
    assert session.troubles.count("No host today.") == 1
    fails[0] = False
    lab.poll_until(lambda: runs_in_part(session, 2), "the next file")
    lab.stop(session)
    assert path.with_name("trial-01-continued2.xdf").exists()


@pytest.mark.slow
def test_two_apps_find_the_same_new_host(lab: Lab) -> None:
    one, two = lab.session(), lab.session()
    lab.connect(one, lab.runner())
    path = lab.record(one)
    lab.poll_until(lambda: two.recording is not None, "the other app to join")
    lab.kill_host()
    second = path.with_name("trial-01-continued2.xdf")
    lab.poll_until(
        lambda: all(
            app.recording.parts[-1] == second and not app.recording.interrupted
            for app in (one, two)
        ),
        "both in the same file",
    )
    lab.poll_until(lambda: two.pipeline.strides, "strides in the app that joined")
    lab.stop(one)
    assert assert_same_as_replay(one, second)
    lab.poll_until(lambda: two.recording is None, "the end in the other app")
    assert told(two, "ended elsewhere")
    assert [p.name for p in sorted(lab.trials.glob("*.xdf"))] == [
        "trial-01-continued2.xdf",
        "trial-01.xdf",
    ]
