"""A cable is pulled, a stream ends: told at once, the rest goes on, it comes back."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
import numpy as np
import pytest

from drivers.sim.pty_wire import PtyWire
from lablive.clock import now_s
from lablive.messages import SourceSpec
from lablive.recording.replay import Trial
from lablive.recording.verify import verify
from tests.promises import numbered
from tests.promises.lab import (
    INSOLES,
    all_send,
    assert_same_as_replay,
    assert_whole,
    numbers,
    recorded,
    source,
    stream,
)

if TYPE_CHECKING:
    from lablive.live.session import LiveSession
    from lablive.messages import StreamStatus
    from tests.promises.lab import Lab, Program, Say

TOLD_S = 1.0
BACK_S = 3.0
DEVICES, CYCLES = 10, 5  # fifty times in and out


def by_path(lab: Lab, program: Program, path: str) -> list[SourceSpec]:
    """Return the sources under a name that stays, as /dev/serial/by-id does."""
    link = plug(lab, path)
    return [
        msgspec.structs.replace(spec, options={**spec.options, "port": str(link)})
        for spec in program.specs()
    ]


def plug(lab: Lab, path: str, name: str = "by-id") -> Path:
    link = lab.scratch / name
    link.unlink(missing_ok=True)
    link.symlink_to(path)
    return link


def unplug(lab: Lab, runner: Program, name: str = "by-id") -> float:
    """Let the runner pull its cable; return when it had.

    The name goes first: another program's port may get the number.
    """
    (lab.scratch / name).unlink()
    runner.tell("unplug")
    return runner.wait_for("unplug", 10)["t_s"]


def status(session: LiveSession, source_id: str) -> tuple[StreamStatus, ...]:
    found = source(session, source_id)
    return found.status if found else ()


def is_streaming(session: LiveSession, source_id: str) -> bool:
    found = source(session, source_id)
    return found is not None and found.state == "streaming"


@pytest.mark.slow
def test_a_pulled_cable(lab: Lab, say: Say) -> None:
    runner = lab.runner("--faults", "replug_after_s=1")
    session = lab.session()
    for spec in by_path(lab, runner, runner.ready["pty"]):
        session.add_source(spec)
    lab.connect(session, lab.numbered_port())
    lab.poll_until(lambda: all_send(session, [INSOLES]), "the insoles")
    path = lab.record(session)
    lab.poll_until(lambda: recorded(session) > 100, "recorded rows")

    unplug_s = unplug(lab, runner)
    lab.poll_until(
        lambda: not is_streaming(session, INSOLES), "the state", at_most_s=TOLD_S
    )
    told_s = now_s() - unplug_s
    said = source(session, INSOLES).message
    assert "is gone" in said
    assert {told.state for told in status(session, INSOLES)} == {"recovering"}
    others = status(session, "numbered")[0].rows
    lab.poll_until(
        lambda: status(session, "numbered")[0].rows > others + 300, "the other stream"
    )
    there = runner.wait_for("replug", 10)["pty"]
    assert source(session, INSOLES).message == said  # also after some tries
    plug(lab, there)
    there_s = now_s()
    lab.poll_until(
        lambda: (
            is_streaming(session, INSOLES)
            and all(
                told.last_sample_age_s < TOLD_S for told in status(session, INSOLES)
            )
        ),
        "the insoles",
        at_most_s=BACK_S,
    )
    say(f"told after {told_s:.2f} s, back after {now_s() - there_s:.2f} s")
    assert {told.reconnects for told in status(session, INSOLES)} == {1}
    lab.poll_until(lambda: session.pipeline.strides, "strides")
    lab.stop(session)
    assert assert_same_as_replay(session, path)
    trial = Trial(path)
    assert_whole(numbers(trial))
    assert [info.name for info in trial.streams].count("left_sole") == 1
    report = verify(path)
    assert report.damage == []
    assert any("stalls" in text for text in report.findings)
    sole = stream(trial, "left_sole").id
    stalls = [gap for gap in trial.gaps if (gap.kind, gap.stream) == ("stall", sole)]
    t_s, _ = trial.window(sole, -np.inf, np.inf)
    assert stalls[0].t_s == pytest.approx(t_s[np.argmax(np.diff(t_s))], abs=1e-6)


@pytest.mark.slow
def test_a_stream_that_ends_and_begins_again(lab: Lab, say: Say) -> None:
    session = lab.session()
    outlet = lab.own_lsl("ending")
    name = outlet.specs()[0].id
    lab.connect(session, outlet, lab.numbered_port())
    path = lab.record(session)
    outlet.kill()
    gone_s = now_s()
    lab.poll_until(
        lambda: status(session, name)[0].state == "stalled",
        "the state",
        at_most_s=TOLD_S,
    )
    told_s = now_s() - gone_s
    rows = status(session, name)[0].rows
    lab.own_lsl("ending")
    there_s = now_s()
    lab.poll_until(
        lambda: status(session, name)[0].rows > rows, "the stream", at_most_s=BACK_S
    )
    say(f"told after {told_s:.2f} s, back after {now_s() - there_s:.2f} s")
    lab.poll_until(lambda: status(session, name)[0].rows > rows + 500, "more rows")
    lab.stop(session)
    trial = Trial(path)
    assert_whole(numbers(trial, "numbered"))
    info = stream(trial, "ending-")
    t_s, x = trial.window(info.id, -np.inf, np.inf)
    again = int(np.flatnonzero(np.diff(x[:, 0]) < 0)[0]) + 1
    np.testing.assert_array_equal(x, numbered.lsl_values(x[:, 0]))
    assert_whole(x[:again, 0])
    assert_whole(x[again:, 0])
    assert np.all(np.diff(t_s) > 0)
    assert verify(path).damage == []


@pytest.mark.slow
def test_disconnected_and_connected_again(lab: Lab) -> None:
    """By the operator, while recording: the same streams go on, live and replayed."""
    session = lab.session()
    runner = lab.runner()
    (spec,) = runner.specs()
    lab.connect(session, lab.numbered_port(), runner)
    path = lab.record(session)
    lab.poll_until(lambda: session.pipeline.strides, "strides")
    session.remove_source(spec.id)
    lab.poll_until(lambda: source(session, spec.id) is None, "its end")
    rows = recorded(session)
    session.add_source(spec)
    lab.poll_until(lambda: recorded(session) > rows + 300, "more rows")
    assert {told.reconnects for told in status(session, spec.id)} == {1}
    lab.stop(session)
    assert session.troubles == []
    assert assert_same_as_replay(session, path)
    trial = Trial(path)
    names = sorted(info.name for info in trial.streams)
    assert names == ["left_sole", "numbered", "right_sole"]  # each once
    assert {gap.kind for gap in trial.gaps} == {"stall"}
    assert "disconnected" in trial.gaps[0].why
    assert_whole(numbers(trial))
    assert verify(path).damage == []


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
def test_plugging_leaves_nothing_behind(lab: Lab) -> None:
    """Fifty times in and out: the host has as many threads and files as before.

    Each time under another port name, as a cable in another socket has.
    """
    profile = lab.scratch / "numbered.toml"
    profile.write_text(numbered.PROFILE)
    session = lab.session()
    names = [f"device {number}" for number in range(DEVICES)]
    cables = {name: PtyWire() for name in names}
    for name in names:
        link = plug(lab, cables[name].path, name)
        options = {"profile": str(profile), "port": str(link)}
        session.add_source(SourceSpec(name, "profile", options))

    def all_have(rows: int) -> bool:
        found = [status(session, name) for name in names]
        return all(told and told[0].rows == rows for told in found)

    def all_opened(times: int) -> bool:
        # a slow machine opens one once more that has waited for the others in silence
        return all(
            is_streaming(session, name) and status(session, name)[0].reconnects >= times
            for name in names
        )

    counts: list[tuple[int, ...]] = []
    for cycle in range(CYCLES + 1):
        # not as soon as a port is open: what is in it is thrown away then
        lab.poll_until(lambda times=cycle: all_opened(times), "open ports")
        for cable in cables.values():
            cable.send(numbered.frames(3 * cycle, 3))
        lab.poll_until(lambda rows=3 * cycle + 3: all_have(rows), f"rows {cycle}")
        counts.append(threads_and_files(lab.host_pid))
        pulled, cables = cables, {name: PtyWire() for name in names}
        for name in names:
            plug(lab, cables[name].path, name)
            pulled[name].close()
    for cable in cables.values():
        cable.close()
    assert min(status(session, name)[0].reconnects for name in names) >= CYCLES
    assert counts[-1] == counts[0]
    streams = [info for s in session.report.sources for info in s.streams]
    assert len(streams) == DEVICES


def threads_and_files(pid: int) -> tuple[int, ...]:
    process = Path("/proc") / str(pid)
    return tuple(len(list((process / what).iterdir())) for what in ("task", "fd"))
