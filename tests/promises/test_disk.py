"""The disk fails while the host records: told at once, on in the spill folder."""

from __future__ import annotations

import resource
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from lablive.clock import now_s
from lablive.recording.replay import Trial
from lablive.recording.verify import verify
from tests.promises.lab import assert_whole, numbers, recorded, told

if TYPE_CHECKING:
    from lablive.live.reports import RecordingReport
    from lablive.live.session import LiveSession
    from tests.promises.lab import Lab, Say

TOLD_S = 1.0
ROOM_BYTES = 200_000


def running(session: LiveSession) -> RecordingReport:
    report = session.report
    assert report is not None
    assert report.recording is not None
    return report.recording


@pytest.fixture
def session(lab: Lab) -> LiveSession:
    made = lab.session()
    lab.connect(made, lab.numbered_port(), lab.numbered_lsl())
    lab.record(made)
    lab.poll_until(lambda: recorded(made) > 200, "rows")
    return made


def wait_for_fault(lab: Lab, session: LiveSession, say: Say) -> None:
    since_s = now_s()
    lab.poll_until(
        lambda: running(session).fault, "the fault in the report", at_most_s=TOLD_S
    )
    say(f"told after {now_s() - since_s:.2f} s")
    assert told(session, str(lab.spill))
    before = recorded(session)
    lab.poll_until(lambda: recorded(session) > before + 200, "more rows")


@pytest.mark.skipif(sys.platform != "linux", reason="limits of another process")
def test_a_full_disk(lab: Lab, session: LiveSession, say: Say) -> None:
    path = session.recording.path
    pid = lab.host_pid
    # files of the host cannot grow any more, as on a full disk
    limit = path.stat().st_size + ROOM_BYTES
    before = resource.prlimit(pid, resource.RLIMIT_FSIZE, (limit, limit))
    lab.poll_until(lambda: path.stat().st_size > limit - 15_000, "a full disk")
    wait_for_fault(lab, session, say)
    assert before
    lab.stop(session)
    ended = session.last_trial
    parts = [Path(part) for part in ended.parts]
    assert parts[0] == path
    assert {part.parent for part in parts[1:]} == {lab.spill}
    trial = Trial(path, parts[1:])
    for name in ("numbered", "numbered-"):
        assert_whole(numbers(trial, name))
    report = verify(path, parts[1:])
    assert report.damage == []
    assert all(stream.lost == 0 for stream in report.streams)


def test_a_removed_folder(lab: Lab, session: LiveSession, say: Say) -> None:
    shutil.rmtree(lab.trials)
    wait_for_fault(lab, session, say)
    session.close()
    later = lab.session()  # another app finds the rows where they are now
    lab.poll_until(lambda: later.recording is not None, "the recording", later)
    assert later.recording.path.parent == lab.spill
    later.stop_recording()
    lab.poll_until(lambda: later.recording is None, "the end", later)
    final = Path(later.last_trial.path)
    assert final.parent == lab.spill
    assert later.last_files == [final]
    assert told(later, "removed", str(final))
    trial = Trial(final, [Path(part) for part in later.last_trial.parts[1:]])
    for name in ("numbered", "numbered-"):
        found = numbers(trial, name)
        assert_whole(found)
        assert len(found) > 400
    assert verify(final).ok
