"""Parts of a session that are marked live: told to the host, and shown as change."""

from __future__ import annotations

import pytest
from fake_host import INSOLES, Lab

from lablive.live.session import LiveSession

CADENCE = "cadence_spm"
TOLD = "the baseline needs the belt speed"


@pytest.fixture
def live(tmp_path):
    lab = Lab(tmp_path, INSOLES, changes="standing_s=3.0,ramp_s=0")
    lab.connect()
    session = LiveSession(lab.host)
    session.poll()
    session.poll()
    return lab, session


def play(lab, session, until_s):
    while lab.told_s < until_s:
        lab.run_until(min(lab.told_s + 5.0, until_s))
        session.poll()


def test_a_mark_of_a_recording_counts_live_and_is_sent_to_the_trial(live, tmp_path):
    lab, session = live
    session.start_recording(tmp_path / "trial-01.xdf", {})
    session.poll()
    assert session.recording is not None
    play(lab, session, 85.0)
    session.marker("baseline begin", "block", 1005.0)
    session.marker("baseline end", "block", 1070.0)
    snapshot = session.pipeline.snapshot(1084.0)
    assert snapshot.changes["cadence_spm"]["left"].why == "needs the belt speed"
    assert session.pipeline.results.sample().why_no_baseline[CADENCE] == TOLD
    told = [params for method, params in lab.host.asked if method == "marker"]
    assert [(it["text"], it["kind"], it["t_s"]) for it in told] == [
        ("baseline begin", "block", 1005.0),
        ("baseline end", "block", 1070.0),
    ]
    # a pipeline made anew still knows them
    session._new_pipeline()
    session._mark(())
    assert CADENCE in session.pipeline.results.sample().why_no_baseline


def test_a_mark_outside_a_recording_is_stored_nowhere_and_counts_nowhere(live):
    lab, session = live
    play(lab, session, 10.0)
    session.marker("baseline begin", "block", 1001.0)
    session.marker("baseline end", "block", 1009.0)
    assert CADENCE not in session.pipeline.results.sample().why_no_baseline
