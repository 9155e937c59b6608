"""The demo knows what recordings measure, and waits for its runner."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from drivers.profile_files import load_profile
from drivers.sim.imu_model import SITES
from drivers.sim.runner import Runner, RunnerSettings
from lablive.calibrating.rows import About
from lablive.calibrating.run import CalibrationRun
from lablive.clock import now_s
from lablive.errors import LabLiveError
from lablive.messages import ChannelInfo, Chunk, StreamInfo, StreamStatus
from lablive.protocol.template import load_template
from lablive.signals.binding import bind
from ui.demo import (
    CALM_S,
    PLAYED,
    SIMULATED,
    _Demo,
    room_montage,
)
from ui.demo_review import Lost, count_lost

GATES = {"zero": "zero", "stand": "weigh"}
STANDS_S, RUNS_S = 6.0, 14.5  # when the simulator was told to, and a little later


def test_both_feet_of_the_played_recording_are_shown():
    profile = load_profile(f"playback_{PLAYED}")
    channels = tuple(ChannelInfo(f"press{n}", "kPa") for n in range(198))
    (told,) = profile.streams
    stream = StreamInfo(1, told.name, told.type, 50.0, channels)
    bound = bind(room_montage(PLAYED), [stream])
    assert bound.sources.keys() == {"insole_left.pressure", "insole_right.pressure"}


def test_weighing_calibrates_imus_and_muscles_of_the_simulated_lab_too():
    runner = Runner(RunnerSettings(seated_s=STANDS_S, standing_s=RUNS_S))
    bound = bind(room_montage(SIMULATED), runner.streams)
    about = About(made_at="2026-07-01T10:00:00+02:00", person="P7", mass_kg=70.0)
    run = CalibrationRun(bound, runner.streams, about)
    asked = {2.0: "zero", STANDS_S + CALM_S: "stand"}
    for at_s in np.arange(0.0, RUNS_S - 0.1, 0.1).round(1):
        if at_s in asked:
            rule = load_template("demo").gate(GATES[asked[at_s]])
            run.begin(asked[at_s], seconds=rule.seconds)
        for info in runner.streams:
            t_s, x = runner.window(info.name, at_s, at_s + 0.1)
            if len(t_s):
                run.feed([Chunk(info.id, 0, t_s, x.astype(np.float32))])
    assert run.has("zero")
    assert run.has("stand")
    made = run.calibrations
    assert made.insole.standing_balance_pct > 49.0
    found = {site: made.segments.of(site) for site in SITES}
    assert all(own.axes_from == "montage" and own.has_angles for own in found.values())
    assert len(made.emg.rests) == 4
    assert [text for told in run.verdicts for text in told.problems] == []


class _Slow:
    """App and simulator in one, each step done only some turns after it was asked."""

    def __init__(self, *, zero_fails=False):
        self.order, self._due, self._fails = [], [], zero_fails
        self.zeroed, self.calibration, self.live = False, None, self
        self.top = self.gates = self
        self.demo = _Demo.__new__(_Demo)
        self.demo.model = self.demo.page = self
        self.demo.troubles, self.demo.data = [], None
        self.demo.say = lambda _text: None
        self.demo._turn = self.turn
        self.demo._screenshot = lambda _name: None

    def turn(self):
        if self._due:
            turns, then = self._due.pop()
            if turns:
                self._due.append((turns - 1, then))
            else:
                then()

    def set_mass(self, mass_kg):
        assert mass_kg > 0

    @property
    def doing(self):
        return None if not self._due else self._due

    def view(self, kind):
        good = self.zeroed if kind == "zero" else self.calibration is not None
        causes = ("The left foot was loaded.",)
        return SimpleNamespace(light="green" if good else "red", causes=causes)

    def begin_gate(self, kind):
        self.order.append(kind)
        done = self._zeroed if kind == "zero" else self._weighed
        self._due.append((40, done))

    def _weighed(self):
        self.calibration = object()

    def _zeroed(self):
        self.zeroed = not self._fails

    def tell(self, word):
        self.order.append(f"{word} after zero" if self.zeroed else word)
        self._due.append((40, lambda: self.order.append(word)))

    def has_said(self, word):
        return self.order[-1] == word

    def wait_for(self, word, _seconds):
        assert self.has_said(word)
        return {"t_s": now_s() - 1.0}


def test_the_runner_stands_only_when_zero_is_taken_and_is_weighed_then():
    slow = _Slow()
    slow.demo._gates(slow)
    assert slow.order == ["zero", "stand after zero", "stand", "weigh"]
    assert slow.calibration is not None
    assert "--hold" in slow.demo._wires()


def test_a_zero_that_fails_is_told_at_once_with_its_cause():
    slow = _Slow(zero_fails=True)
    with pytest.raises(LabLiveError, match="gate zero: The left foot was loaded"):
        slow.demo._gates(slow)
    assert slow.order == ["zero"]


def _heard(*streams):
    """Return the host's report of (name, rows, lost, exact, reconnects)."""
    infos = [SimpleNamespace(name=name) for name, *_ in streams]
    status = [
        StreamStatus(
            stream=at,
            state="streaming",
            rows=rows,
            lost=lost,
            lost_is_exact=exact,
            reconnects=again,
        )
        for at, (_, rows, lost, exact, again) in enumerate(streams)
    ]
    return SimpleNamespace(sources=[SimpleNamespace(streams=infos, status=status)])


def _counted(**lost):
    return SimpleNamespace(
        streams=[SimpleNamespace(name=name, lost=rows) for name, rows in lost.items()]
    )


@pytest.mark.parametrize(
    ("stream", "in_file", "expected"),
    [
        (("left", 1000, 0, True, 0), 0, Lost()),
        (("left", 990, 10, True, 0), 10, Lost(in_trial=10)),  # once, not twice
        (("left", 990, 10, True, 0), 0, Lost(outside=10)),  # before Record
        (("left", 980, 20, True, 0), 5, Lost(in_trial=5, outside=15)),
        (("left", 990, 0, True, 0), 0, Lost(unnoticed=10)),
        (("left", 878, 0, True, 1), 0, Lost(at_opening=122)),  # opened while silent
        (("left", 878, 0, False, 1), 0, Lost(away=("left",))),
    ],
)
def test_every_lost_row_is_told_in_one_place(stream, in_file, expected):
    sent = {"streams": {"left": {"rows": 1000}}}
    lost = count_lost(_counted(left=in_file), _heard(stream), sent)
    assert lost == expected
    assert bool(lost.findings()) is (expected not in (Lost(), Lost(at_opening=122)))
