"""Contacts, strides and metrics on LSL are those of the live results."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import numpy as np
import pytest
import pyxdf

from lablive.live.shared_results import (
    CONTACTS,
    LATEST_METRICS,
    STRIDES,
    result_streams,
)
from lablive.live.sharing import SharingWish
from lablive.messages import SourceSpec
from lablive.metrics.registry import METRICS
from lablive.recording.replay import Trial
from tests.promises.lab import recorded, stream, wait_for
from tests.sim.sim_process import SimProcess

if TYPE_CHECKING:
    from tests.promises.lab import Lab

STREAMS = (CONTACTS, STRIDES, LATEST_METRICS)


@pytest.mark.slow
def test_another_program_hears_what_the_screen_shows(lab: Lab) -> None:
    session = lab.session()
    session.publishing.want(SharingWish(results=True, devices=("*",)))
    lab.poll_until(lambda: session.publishing.told.results, "the outlets")
    runner = lab.runner(streams="insoles,speed")
    lab.connect(session, runner)
    insoles = ("left_sole", "right_sole")
    lab.poll_until(
        lambda: set(insoles) <= set(session.report.sharing.streams), "the bridge"
    )
    with SimProcess(
        "tests.drivers.lsl_listener",
        os.environ["LABLIVE_LSL_SESSION"],
        *STREAMS,
        *insoles,
    ) as listener:
        listener.hear("ready")
        spec = SourceSpec("own strides", "lsl", {"name": STRIDES})
        session.add_source(spec)  # by our own recorder, as any lab would
        lab.poll_until(lambda: len(session.feed.streams) >= 4, "our own streams")
        path = lab.record(session)
        lab.poll_until(lambda: len(session.pipeline.strides) >= 6, "six strides")
        live = session.pipeline
        assert live is not None
        contacts = [it for it in live.contacts if it.kind in ("ic", "to")][:-2]
        strides = [record.stride for record in live.strides][:-1]
        lab.poll_until(lambda: recorded(session) >= 3, "our own strides")
        lab.stop(session)
        listener.tell("end")
        other = listener.hear("heard")["streams"]
    heard = dict(zip(other[CONTACTS]["t_s"], other[CONTACTS]["rows"], strict=True))
    first_s = min(heard)
    for contact in contacts:
        if contact.t_s > first_s:
            words = f"{contact.side} {contact.kind} {contact.source}"
            assert heard[contact.t_s] == [words]
    rows = {tuple(row[:4:3]): row for row in other[STRIDES]["rows"]}
    seen = 0
    for stride in strides:
        row = rows.get(({"left": 1.0, "right": 2.0}[stride.side], stride.next_ic_s))
        if row is not None:
            seen += 1
            toe_off_s = None if np.isnan(row[2]) else row[2]
            told = (row[1], toe_off_s, row[6])
            assert told == (stride.ic_s, stride.to_s, stride.valid)
    assert seen >= 4
    labels = [it["label"] for it in other[LATEST_METRICS]["channels"]]
    newest = dict(zip(labels, other[LATEST_METRICS]["rows"][-1], strict=True))
    end_s = other[LATEST_METRICS]["t_s"][-1]
    wanted = live.results.sample(float(np.nextafter(end_s, np.inf)), 10)
    cadence = wanted.summarise(METRICS["cadence_spm"]).both.median
    assert newest["cadence_spm.both"] == cadence
    assert len(labels) == len(result_streams()[2].channels)
    # rows of a serial device: what is recorded, stamps to the bit
    trial = Trial(path)
    for name in insoles:
        t_s, x = trial.window(stream(trial, name).id, -np.inf, np.inf)
        stamps_s = np.array(other[name]["t_s"])
        first = int(np.flatnonzero(stamps_s == t_s[0])[0])
        count = min(len(t_s), len(stamps_s) - first)
        assert count > 500
        rows_x = np.array(other[name]["rows"][first : first + count])
        np.testing.assert_array_equal(stamps_s[first : first + count], t_s[:count])
        np.testing.assert_array_equal(rows_x, x[:count])
    # what our own recorder made of it, read by an independent reader
    streams, _ = pyxdf.load_xdf(str(path), dejitter_timestamps=False)
    own = next(it for it in streams if it["info"]["name"] == [STRIDES])
    sent = dict(zip(other[STRIDES]["t_s"], other[STRIDES]["rows"], strict=True))
    assert len(own["time_stamps"]) >= 3
    for stamp, row in zip(own["time_stamps"], own["time_series"], strict=True):
        np.testing.assert_array_equal(row, sent[stamp])


@pytest.mark.slow
def test_a_new_host_publishes_again(lab: Lab) -> None:
    session = lab.session()
    session.publishing.want(SharingWish(results=True))
    lab.poll_until(lambda: session.publishing.told.results, "the outlets")
    lab.kill_host()
    wait_for(lambda: not lab.has_host, "the end of the host")
    lab.poll_until(
        lambda: session.report and session.report.sharing.results, "the outlets again"
    )
    assert session.report is not None
    assert session.report.sharing.streams == STREAMS
