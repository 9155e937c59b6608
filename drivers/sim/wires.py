"""The synthetic runner over real wires: ``python -m drivers.sim.wires``.

A process of its own plays the devices of a lab: insoles as A5 5A frames through a
pseudo-terminal, everything else as LSL outlets. It prints one JSON line when the
wires can be opened and one at the end with what was sent and what is true.
"""

from __future__ import annotations

import argparse
import time
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import msgspec
import numpy as np

from drivers.sim import insole_model
from drivers.sim.control import Control, Until, serve
from drivers.sim.drill_acting import BEGIN_S
from drivers.sim.drills import performed
from drivers.sim.faults import Faults, FaultyWire, parse_faults
from drivers.sim.insole_wire import FORCE_FRAME, sample_frame
from drivers.sim.jumper import Jumper
from drivers.sim.lsl_wire import LslWire
from drivers.sim.orders import RISE_S, Orders, obey
from drivers.sim.pacing import linger, pace, wait_for_readers
from drivers.sim.pty_wire import PtyWire
from drivers.sim.runner import Runner
from drivers.sim.settings import RUNNERS, runner_settings
from lablive.clock import now_s
from lablive.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lablive.messages import StreamInfo

SAMPLES_PER_FRAME: Final = 2
UNPLUG: Final = "unplug"  # said to the program, it pulls its cable
PROFILE: Final = "sim_insoles"
DRILL: Final = "drill:"  # before a drill's id, in the place of a runner
_LSL_TICKS: Final = 2  # LSL rows leave every 10 ms
_AHEAD_S: Final = 0.7  # how far ahead blocks of rows are computed
_HELD_S: Final = 1e6  # a pose that lasts until a word ends it
_GROUPS: Final = ("insoles", "imu", "emg", "level", "speed")


class InsoleWire:
    """Both insoles on one pseudo-terminal, with the faults asked for."""

    names: tuple[str, ...] = ("left_sole", "right_sole")

    def __init__(
        self, runner: Runner | Jumper, faults: Faults, control: Control
    ) -> None:
        self._runner = runner
        self._faults = faults
        self._faulty = FaultyWire(faults, runner.settings.seed)
        self._control = control
        self._pty: PtyWire | None = PtyWire()
        self._frame = 0  # next to send
        self._first = 0  # frame the device counts from
        self._greeting = self._faulty.opening()
        self._unplug_at_s = faults.unplug_at_s
        self._unplugged = self._reset = False
        self._sent = self._full = self._unheard = 0

    @property
    def path(self) -> str:
        """What to open."""
        return self._pty.path if self._pty else ""

    def follow(self, runner: Runner | Jumper) -> None:
        """Go on with a runner whose rows so far are the same."""
        self._runner = runner

    def wait_for_reader(self, seconds: float) -> bool:
        """Wait until the port is opened."""
        return self._pty is not None and self._pty.wait_for_reader(seconds)

    def send_until(self, t_s: float) -> None:
        """Send every frame that is complete at ``t_s``."""
        batch_s = self._faults.batch_ms / 1e3
        if batch_s:
            t_s = np.floor(t_s / batch_s + 1e-9) * batch_s
        self._plug(t_s)
        rows = self._runner.rows_before(self.names[0], t_s)
        due = rows // SAMPLES_PER_FRAME
        if self._pty is None or not self._pty.listened:
            self._unheard += max(0, due - self._frame)
            self._frame = max(due, self._frame)
            return
        while self._frame < due:
            self._send_frame(self._pty)
            self._frame += 1

    def report(self) -> dict[str, dict[str, int]]:
        """Return what became of the rows of either foot.

        ``rows`` were made while somebody listened; ``arrived`` of them left the wire
        whole, and the rest is told by cause. ``unheard`` rows had no listener.
        """
        count = self._faulty.count
        broken = count.dropped + count.cut + count.flipped + self._full
        frames = {
            "rows": self._sent,
            "arrived": self._sent - broken,
            "buffer_full": self._full,
            "unheard": self._unheard,
            **msgspec.structs.asdict(count),
        }
        per_foot = {key: value * SAMPLES_PER_FRAME for key, value in frames.items()}
        return dict.fromkeys(self.names, per_foot)

    def close(self) -> None:
        """Pull the cable."""
        if self._pty:
            self._pty.close()

    def _plug(self, t_s: float) -> None:
        """Unplug, plug in again and restart when it is time."""
        faults = self._faults
        if self._unplug_at_s < 0 and self._control.has_heard(UNPLUG):
            self._unplug_at_s = t_s
        away_s = t_s - self._unplug_at_s if self._unplug_at_s >= 0 else -1.0
        if away_s >= 0 and not self._unplugged:
            self._unplugged = True
            self.close()
            self._pty = None
            self._control.say(event=UNPLUG, t_s=now_s())
        back = 0 <= faults.replug_after_s <= away_s
        if self._unplugged and self._pty is None and back:
            self._pty = PtyWire()
            self._restart()
            self._control.say(event="replug", pty=self.path)
        if not self._reset and 0 <= faults.reset_at_s <= t_s:
            self._reset = True
            self._restart()

    def _restart(self) -> None:
        self._first = self._frame
        self._greeting = self._faulty.restarted()

    def _send_frame(self, pty: PtyWire) -> None:
        row = self._frame * SAMPLES_PER_FRAME
        both = [self._runner.rows(name, row, SAMPLES_PER_FRAME) for name in self.names]
        counts = insole_model.to_counts(np.hstack([x for _, x in both]))
        number = self._frame - self._first
        rate_hz = self._runner.settings.insole_rate_hz
        device_ms = round(number * SAMPLES_PER_FRAME * 1e3 / rate_hz)
        frame = sample_frame(number, device_ms, counts, FORCE_FRAME)
        arriving = self._faulty.arrives(frame, float(both[0][0][0]))
        self._sent += 1
        if not pty.send(self._greeting + arriving):
            self._full += 1
        self._greeting = b""


class StreamWire:
    """One stream of the runner as an LSL outlet."""

    def __init__(self, runner: Runner | Jumper, info: StreamInfo) -> None:
        self.names: tuple[str, ...] = (info.name,)
        self.info = info
        self.t0_s = 0.0  # lab clock of the first row
        self._runner = runner
        self._lsl = LslWire(info, "LabLive", "synthetic runner")

    def follow(self, runner: Runner | Jumper) -> None:
        """Go on with a runner whose rows so far are the same."""
        self._runner = runner

    def wait_for_reader(self, seconds: float) -> bool:
        """Wait until an inlet is connected."""
        return self._lsl.wait_for_reader(seconds)

    def send_until(self, t_s: float) -> None:
        """Push every row before ``t_s``, stamped with its sampling time."""
        name = self.names[0]
        due = self._runner.rows_before(name, t_s)
        rows_t_s, x = self._runner.rows(name, self._lsl.rows, due - self._lsl.rows)
        self._lsl.push(self.t0_s + rows_t_s, x.astype(np.float32))

    def report(self) -> dict[str, dict[str, int]]:
        """Return how many rows were pushed."""
        return {self.names[0]: {"rows": self._lsl.rows}}

    def close(self) -> None:
        """Nothing to do: the outlet goes with the process."""


def choose(runner: Runner | Jumper, wanted: str) -> tuple[bool, list[StreamInfo]]:
    """Return whether the insoles are wanted, and the wanted LSL streams.

    Raises
    ------
    ConfigError
        A word that is neither a group nor the name of a stream.
    """
    words = [word.strip() for word in wanted.split(",") if word.strip()]
    lsl = [info for info in runner.streams if info.name not in InsoleWire.names]
    groups = {
        "imu": [info for info in lsl if info.type == "IMU"],
        "emg": [info for info in lsl if info.type == "EMG"],
        "level": [info for info in lsl if info.type == "Level"],
        "speed": [info for info in lsl if info.type == "Treadmill"],
        **{info.name: [info] for info in lsl},
    }
    unknown = [word for word in words if word != "insoles" and word not in groups]
    if unknown or not words:
        raise ConfigError(
            f"There is no simulated stream {', '.join(unknown) or wanted!r}.",
            todo=f"Choose from {', '.join(_GROUPS)}, or names of streams.",
        )
    names = {info.name for word in words for info in groups.get(word, [])}
    return "insoles" in words, [info for info in lsl if info.name in names]


def play(
    runner: Runner | Jumper,
    wires: Sequence[InsoleWire | StreamWire],
    seconds: float,
    t0_s: float,
    control: Control | Orders | Until,
) -> float:
    """Send everything in its time; return how many seconds were sent."""
    names = [name for wire in wires for name in wire.names]
    ticks = count()

    def step(t_s: float) -> None:
        tick = next(ticks)
        for wire in wires:
            rested = tick % _LSL_TICKS == 0 or t_s >= seconds
            if rested or isinstance(wire, InsoleWire):
                wire.send_until(t_s)
        # one block ahead per tick, so that no tick has to compute them all
        name = names[tick % len(names)]
        runner.rows(name, runner.rows_before(name, max(t_s, 0.0) + _AHEAD_S), 1)

    return pace(step, seconds, t0_s, control)


def hold(
    runner: Runner,
    wires: Sequence[InsoleWire | StreamWire],
    t0_s: float,
    control: Control,
) -> Runner:
    """Sit until told ``stand``, stand until told ``run``; return who runs.

    ``do bows 8``, ``do single_leg 5 left`` ask for a phase of a calibration meanwhile.
    Says each order back with the time ``t_s`` (lab clock) from which it holds.
    """
    orders = Orders(control)
    while True:
        told_s = play(runner, wires, np.inf, t0_s, orders)
        order = orders.take()
        if control.stopped:
            return runner
        settings = obey(runner.settings, order, told_s)
        if settings is runner.settings:
            continue
        runner = Runner(settings)
        for wire in wires:
            wire.follow(runner)
        control.say(event=order.split()[0], order=order, t_s=t0_s + told_s + RISE_S)
        if settings.standing_s < _HELD_S:
            return runner


def run(options: argparse.Namespace, control: Control) -> dict[str, Any]:
    """Build the wires, play them, return the report."""
    faults = parse_faults(options.faults)
    runner = _who(options)
    insoles, streams = choose(runner, options.streams)
    wires: list[InsoleWire | StreamWire] = []
    path = ""
    if insoles:
        wire = InsoleWire(runner, faults, control)
        path = wire.path
        wires.append(wire)
    lsl = [StreamWire(runner, _tagged(info, options.id)) for info in streams]
    wires += lsl
    control.say(
        event="ready",
        pty=path,
        profile=PROFILE if insoles else "",
        streams=[
            {"name": wire.info.name, "source_id": wire.info.source_id} for wire in lsl
        ],
    )
    if options.wait:
        wait_for_readers(wires, options.wait)
    t0_s = options.start_time if options.start_time is not None else now_s()
    for wire in lsl:
        wire.t0_s = t0_s
    phases = [
        [mark.t_s + t0_s, mark.text]
        for phase in runner.phases
        for mark in phase.markers
    ]
    control.say(event="start", t0_s=t0_s, phases=sorted(phases))
    until = control
    if options.hold and isinstance(runner, Runner):
        runner, until = hold(runner, wires, t0_s, control), Until(control, "enough")
    sent_s = play(runner, wires, options.seconds, t0_s, until)
    if not control.stopped:
        control.say(event="sent", seconds=sent_s)
        linger(wires, control)
    for wire in wires:
        wire.close()
    return _report(runner, wires, t0_s, sent_s)


def _who(options: argparse.Namespace) -> Runner | Jumper:
    """Return who wears the devices: a runner, or somebody who does a drill."""
    if options.runner.startswith(DRILL):
        drill_id, leg, begin_s, *_ = [*options.runner.split(":")[1:], "", ""]
        if options.hold or options.set or not (begin_s or "0").isdecimal():
            raise ConfigError(
                "A simulated drill waits for nobody: drill:hop_one:left:30 begins its "
                f"set at second 30, without a number at {BEGIN_S:g}.",
                todo="Leave --hold and --set out.",
            )
        done = performed(drill_id, leg, begin_s=float(begin_s or BEGIN_S))
        return Jumper(done.exercise)
    settings = runner_settings(options.runner, options.set, options.seed)
    if options.hold:
        held = {"seated_s": _HELD_S, "standing_s": _HELD_S, "acts": ()}
        settings = msgspec.structs.replace(settings, **held)
    return Runner(settings)


def _report(
    runner: Runner | Jumper,
    wires: Sequence[InsoleWire | StreamWire],
    t0_s: float,
    sent_s: float,
) -> dict[str, Any]:
    events = [
        (t0_s + event.t_s, event.side, event.kind)
        for event in runner.events(0.0, sent_s)
    ]
    rows = {name: told for wire in wires for name, told in wire.report().items()}
    return {
        "event": "end",
        "t0_s": t0_s,
        "seconds": sent_s,
        "cpu_s": time.process_time(),
        "streams": rows,
        "truth": {**runner.truth(), "events": events},
    }


def _tagged(info: StreamInfo, tag: str) -> StreamInfo:
    """Return the stream with a source id of its own, when several labs run at once."""
    if not tag:
        return info
    return msgspec.structs.replace(info, source_id=f"{info.source_id}-{tag}")


def parser() -> argparse.ArgumentParser:
    """Return the command line."""
    made = argparse.ArgumentParser(
        prog="python -m drivers.sim.wires", description="Simulated lab over real wires."
    )
    made.add_argument(
        "--runner",
        default="ref1",
        help=f"one of {', '.join(RUNNERS)}, or drill:hop_one:left",
    )
    made.add_argument("--set", default="", help="as standing_s=2,ramp_s=1")
    made.add_argument("--seed", type=int, default=1, help="of all noise")
    made.add_argument("--seconds", type=float, default=float("inf"), help="then end")
    made.add_argument("--streams", default=",".join(_GROUPS), help="which, with commas")
    made.add_argument("--faults", default="", help="on the insole wire: drop_pct=1,...")
    made.add_argument("--wait", type=float, default=0.0, help="s to wait for readers")
    made.add_argument(
        "--hold",
        action="store_true",
        help="sit until told: stand, do ..., run, enough",
    )
    made.add_argument("--start-time", type=float, help="lab clock of the first row")
    made.add_argument("--id", default="", help="end of the LSL source ids")
    made.add_argument("--report", type=Path, help="file for the last JSON message")
    return made


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the simulated lab until told to stop; return the exit code."""
    options = parser().parse_args(arguments)
    return serve(lambda control: run(options, control), options.report)


if __name__ == "__main__":
    raise SystemExit(main())
