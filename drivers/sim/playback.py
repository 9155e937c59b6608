"""Real recordings over real wires: ``python -m drivers.sim.playback --set NAME``.

A process of its own plays a recorded set: loadsol and Stappone as the text lines they
were exported as, pedar as binary frames (all three through a pseudo-terminal, device
profiles ``playback_*``), running and dryft as LSL outlets. It waits for a reader,
prints JSON lines, and tells at the end what was sent and what is known to be true.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import msgspec
import numpy as np

from drivers.sim import datasets
from drivers.sim.control import Control, serve
from drivers.sim.insole_wire import PRESSURE_FRAME, sample_frame
from drivers.sim.lsl_wire import LslWire
from drivers.sim.pacing import Wire, linger, pace, wait_for_readers
from drivers.sim.pty_wire import PtyWire
from lablive.clock import now_s
from lablive.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from drivers.sim.datasets import RecordedStream, Recording
    from lablive.messages import Floats

PROFILES: Final = {
    "loadsol": "playback_loadsol",
    "loadsol_standing": "playback_loadsol",
    "pedar": "playback_pedar",
    "stappone": "playback_stappone",
}
COUNTS_PER_KPA: Final = 10  # pedar frames carry u16 in 0.1 kPa
_LSL_BUFFER_S: Final = 360
_FAST: Final = float("inf")  # speed 0: as fast as the reader takes it


class BytesWire:
    """Rows as pieces of bytes through a pseudo-terminal."""

    def __init__(self, recording: Recording, control: Control) -> None:
        (stream,) = recording.streams
        self.names: tuple[str, ...] = (stream.info.name,)
        self._t_s = stream.t_s
        self._pieces = row_pieces(recording)
        self._control = control
        self._pty = PtyWire()
        self._sent = self._full = self._unheard = 0
        self.fast = False

    @property
    def path(self) -> str:
        """What to open."""
        return self._pty.path

    def wait_for_reader(self, seconds: float) -> bool:
        """Wait until the port is opened."""
        return self._pty.wait_for_reader(seconds)

    def send_until(self, t_s: float) -> None:
        """Send every row of the recording before ``t_s``."""
        due = int(np.searchsorted(self._t_s, t_s))
        pieces = self._pieces[self._sent : due]
        self._sent = max(self._sent, due)
        if not pieces:
            return
        if not self._pty.listened:
            self._unheard += len(pieces)
        elif self.fast:
            whole = self._pty.send_all(b"".join(pieces), lambda: self._control.stopped)
            self._full += 0 if whole else len(pieces)
        else:
            self._full += sum(not self._pty.send(piece) for piece in pieces)

    def report(self) -> dict[str, dict[str, int]]:
        """Return rows sent, and those lost to a full buffer or an unopened port."""
        told = {
            "rows": self._sent - self._unheard,
            "arrived": self._sent - self._unheard - self._full,
            "buffer_full": self._full,
            "unheard": self._unheard,
        }
        return {self.names[0]: told}

    def close(self) -> None:
        """Pull the cable."""
        self._pty.close()


class RowsWire:
    """Rows as an LSL outlet, stamped with their own time in the recording."""

    def __init__(self, stream: RecordedStream) -> None:
        self.names: tuple[str, ...] = (stream.info.name,)
        self.source_id = stream.info.source_id
        self.t0_s = 0.0  # lab clock of the recording's time 0
        self._stream = stream
        self._lsl = LslWire(stream.info, "LabLive", "playback", _LSL_BUFFER_S)

    def wait_for_reader(self, seconds: float) -> bool:
        """Wait until an inlet is connected."""
        return self._lsl.wait_for_reader(seconds)

    def send_until(self, t_s: float) -> None:
        """Push every row before ``t_s``."""
        due = int(np.searchsorted(self._stream.t_s, t_s))
        cut = slice(self._lsl.rows, due)
        x = self._stream.x[cut].astype(np.float32)
        self._lsl.push(self.t0_s + self._stream.t_s[cut], x)

    def report(self) -> dict[str, dict[str, int]]:
        """Return how many rows were pushed."""
        return {self.names[0]: {"rows": self._lsl.rows}}

    def close(self) -> None:
        """Nothing to do: the outlet goes with the process."""


def row_pieces(recording: Recording) -> list[bytes]:
    """Return the bytes of every row of a set that is played through a serial port.

    Text sets are lines as they were exported; their header, which readers skip, leads
    the first. Others are A5 5A frames (type 0x0201) of u16 in 0.1 kPa.
    """
    if recording.lines:
        header, *lines = (f"{line}\r\n".encode() for line in recording.lines)
        return [header + lines[0], *lines[1:]]
    (stream,) = recording.streams
    counts: Floats = np.rint(stream.x * COUNTS_PER_KPA)
    return [
        sample_frame(row, round(t_s * 1e3), counts[row : row + 1], PRESSURE_FRAME)
        for row, t_s in enumerate(stream.t_s.tolist())
    ]


def make_wires(recording: Recording, tag: str, control: Control) -> list[Wire]:
    """Return the wires a set is played over."""
    if recording.name in PROFILES:
        return [BytesWire(recording, control)]
    return [RowsWire(_tagged(stream, tag)) for stream in recording.streams]


def _tagged(stream: RecordedStream, tag: str) -> RecordedStream:
    if not tag:
        return stream
    source_id = f"{stream.info.source_id}-{tag}"
    info = msgspec.structs.replace(stream.info, source_id=source_id)
    return datasets.RecordedStream(info, stream.t_s, stream.x)


def run(options: argparse.Namespace, control: Control) -> dict[str, Any]:
    """Build the wires, play the set, return the report."""
    if options.speed < 0:
        raise ConfigError(
            f"--speed {options.speed:g} runs backwards.",
            todo="1 is real time, 2 twice as fast, 0 as fast as it is read.",
        )
    recording = datasets.load(options.set, options.data, options.trials)
    speed = options.speed or _FAST
    wires = make_wires(recording, options.id, control)
    control.say(
        event="ready",
        pty=next((wire.path for wire in wires if isinstance(wire, BytesWire)), ""),
        profile=PROFILES.get(options.set, ""),
        streams=[
            {"name": wire.names[0], "source_id": wire.source_id}
            for wire in wires
            if isinstance(wire, RowsWire)
        ],
    )
    wait_for_readers(wires, options.wait)
    started_s = now_s()
    # played faster than it was recorded, the last stamp is now and none is ahead
    ahead_s = recording.seconds * (1.0 - min(1.0, 1.0 / speed))
    t0_s = started_s - ahead_s
    for wire in wires:
        if isinstance(wire, RowsWire):
            wire.t0_s = t0_s
        elif isinstance(wire, BytesWire):
            wire.fast = speed == _FAST
    control.say(event="start", t0_s=t0_s)
    played_s = _play(wires, recording.seconds, started_s, control, speed)
    if played_s >= recording.seconds:
        control.say(event="sent", seconds=played_s)
        linger(wires, control)
    for wire in wires:
        wire.close()
    rows = {name: told for wire in wires for name, told in wire.report().items()}
    return {
        "event": "end",
        "t0_s": t0_s,
        "seconds": played_s,
        "cpu_s": time.process_time(),
        "streams": rows,
        "truth": {**recording.truth, "contacts": recording.contacts},
    }


def _play(
    wires: Sequence[Wire],
    seconds: float,
    started_s: float,
    control: Control,
    speed: float,
) -> float:
    def step(t_s: float) -> None:
        for wire in wires:
            wire.send_until(t_s)

    if speed == _FAST:
        step(seconds)
        return seconds
    return pace(step, seconds, started_s, control, speed)


def parser() -> argparse.ArgumentParser:
    """Return the command line."""
    made = argparse.ArgumentParser(
        prog="python -m drivers.sim.playback",
        description="Real recordings over real wires.",
    )
    known = ", ".join(datasets.DATASETS)
    made.add_argument("--set", required=True, help=f"one of {known}")
    made.add_argument("--data", type=Path, required=True, help="folder of the sets")
    made.add_argument(
        "--trials", type=_numbers, default=[], help="of running: 0,3,5; default all 16"
    )
    made.add_argument("--speed", type=float, default=1.0, help="0: as fast as read")
    made.add_argument("--wait", type=float, default=30.0, help="s to wait for readers")
    made.add_argument("--id", default="", help="end of the LSL source ids")
    made.add_argument("--report", type=Path, help="file for the last JSON message")
    return made


def _numbers(text: str) -> list[int]:
    try:
        return [int(part) for part in text.split(",") if part.strip()]
    except ValueError as error:
        what = f"{text!r} is no list of numbers such as 0,3,5"
        raise argparse.ArgumentTypeError(what) from error


def main(arguments: Sequence[str] | None = None) -> int:
    """Play a recorded set until it ends or told to stop; return the exit code."""
    options = parser().parse_args(arguments)
    return serve(lambda control: run(options, control), options.report)


if __name__ == "__main__":
    raise SystemExit(main())
