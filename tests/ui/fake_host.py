"""A host program in memory: real rings, answers made up by the test.

It stands in for the link, so that every state of the screen (a stalled stream, many
devices, losses) can be shown without wires, threads or waiting.
"""

from __future__ import annotations

import msgspec
import numpy as np

from drivers.sim.runner import Runner
from drivers.sim.settings import runner_settings
from lablive.live.link import Reply
from lablive.live.reports import (
    HostReport,
    RecordingEnd,
    RecordingReport,
    RecordingStart,
    SourceReport,
)
from lablive.live.ring import RingWriter
from lablive.live.sharing import SharingReport
from lablive.live.sounds import SoundReport
from lablive.messages import ChannelInfo, Chunk, SourceSpec, StreamInfo, StreamStatus
from lablive.names import SIDES

NOTHING = {"serial": [], "lsl": [], "profiles": ["sim_insoles"], "problems": []}
INSOLES = ("left_sole", "right_sole")
FIRST_ROW_S = 1000.0  # lab clock


class FakeHost:
    """Be the link (post, replies, alive, close) and the host behind it."""

    def __init__(self, folder):
        self._folder = folder
        self._answers = []
        self._asked = 0
        self._rings = {}
        self._sources = {}
        self.alive = True
        self.asked = []
        self.found = dict(NOTHING)
        self.recording = None

    def __call__(self):
        """Start: the app calls what it is given to find the host."""
        return self

    # -- what a test sets up ------------------------------------------------------

    def add(self, info, source="lab"):
        """Connect a stream."""
        spec = SourceSpec(source, "lsl", {})
        ring = self._folder / f"{info.id}.ring"
        self._rings[info.id] = RingWriter(ring, info, 20.0)
        status = StreamStatus(
            info.id, "streaming", effective_rate_hz=info.rate_hz, rate_hz=info.rate_hz
        )
        held = self._sources.get(source) or SourceReport(
            spec, "streaming", "", (), (), ()
        )
        self._sources[source] = msgspec.structs.replace(
            held,
            streams=(*held.streams, info),
            rings=(*held.rings, str(ring)),
            status=(*held.status, status),
        )

    def fail(self, source, message):
        """Connect a device that does not answer."""
        spec = SourceSpec(source, "profile", {})
        self._sources[source] = SourceReport(spec, "failed", message, (), (), ())

    def write(self, info, t_s, x):
        """Send rows of a stream."""
        rows = self._rows(info.id)
        self._rings[info.id].write(Chunk(info.id, rows, t_s, x.astype("float32")))
        self.change(info.id, rows=rows + len(t_s), last_sample_age_s=0.006)

    def change(self, stream, **fields):
        """Change the health of a stream."""
        for name, held in self._sources.items():
            status = tuple(
                msgspec.structs.replace(told, **fields)
                if told.stream == stream
                else told
                for told in held.status
            )
            self._sources[name] = msgspec.structs.replace(held, status=status)

    def _rows(self, stream):
        every = (told for held in self._sources.values() for told in held.status)
        return next(told.rows for told in every if told.stream == stream)

    # -- what the app asks --------------------------------------------------------

    def post(self, method, **params):
        """Take a question; the answer is there at once."""
        self._asked += 1
        self.asked.append((method, params))
        answer = getattr(self, f"_do_{method}", lambda **_: None)(**params)
        told = msgspec.to_builtins(answer, str_keys=True)
        self._answers.append(Reply(self._asked, method, told, None))
        return self._asked

    def replies(self):
        """Hand out every answer."""
        found, self._answers = self._answers, []
        return found

    def close(self):
        """Leave."""

    def _do_status(self):
        sources = tuple(self._sources.values())
        return HostReport(1, "test", 0.0, sources, self.recording)

    def _do_remove_source(self, id):
        self._sources.pop(id, None)

    def _do_share(self, who, results, devices):
        return SharingReport(bool(results), tuple(devices))

    def _do_sound_on(self, device):
        return SoundReport("sounding", device or "Loudspeaker", 85.0)

    def _do_sound(self):
        return SoundReport("sounding", "Loudspeaker", 85.0)

    def _do_discover(self, bluetooth=False):
        self.bluetooth_asked = bluetooth
        return self.found

    def _do_start_recording(self, path, header, spill, before_s=0.0):
        rows = {stream: self._rows(stream) for stream in self._rings}
        if before_s:
            rows = {
                info.id: max(rows[info.id] - int(before_s * info.rate_hz), 0)
                for held in self._sources.values()
                for info in held.streams
            }
        self.recording = RecordingReport(
            path, 0.0, 754.0, 214_000_000, rows, rows, 10**11, "", (path,)
        )
        return RecordingStart(path, 0.0, rows)

    def _do_stop_recording(self):
        path, self.recording = self.recording.path, None
        rows = {stream: self._rows(stream) for stream in self._rings}
        return RecordingEnd(path, (path,), rows, "")


PLATE = StreamInfo(
    40, "Treadmill", "Force", 200.0, (ChannelInfo("treadmill.force_z", "N", "Force"),)
)
FORCES = StreamInfo(
    41, "Force soles", "Force", 200.0,
    tuple(ChannelInfo(f"insole_{side}.force", "N", "Force") for side in SIDES),
)  # fmt: skip


class Lab:
    """A fake host with the synthetic runner's streams, fed as far as wanted.

    ``names`` may hold ``PLATE.name`` (force of both feet on one plate) and
    ``FORCES.name`` (insoles without cells).
    """

    def __init__(self, folder, names=None, changes="standing_s=0.5,ramp_s=0"):
        self.runner = Runner(runner_settings("ref1", changes))
        self.host = FakeHost(folder)
        self.infos = [
            msgspec.structs.replace(info, id=info.id + 1)
            for info in self.runner.streams
            if names is None or info.name in names
        ]
        self.infos += [info for info in (PLATE, FORCES) if info.name in (names or ())]
        self.told_s = 0.0

    def window(self, name, t0_s, t1_s):
        """Return rows of a stream of the runner, or of a plate or force sole."""
        if name not in (PLATE.name, FORCES.name):
            return self.runner.window(name, t0_s, t1_s)
        soles = [self.runner.window(sole, t0_s, t1_s) for sole in INSOLES]
        t_s = soles[0][0]
        force = np.column_stack([x.sum(axis=1) for _, x in soles])  # 10 cm2 a cell
        return t_s, force if name == FORCES.name else force.sum(axis=1, keepdims=True)

    def connect(self):
        """Connect every stream."""
        for info in self.infos:
            self.host.add(info, "insoles" if info.name in INSOLES else info.name)

    def run_until(self, t_s):
        """Send everything before a time, in s since the first row."""
        for info in self.infos:
            found_s, x = self.window(info.name, self.told_s, t_s)
            if len(found_s):
                self.host.write(info, FIRST_ROW_S + found_s, x)
        self.told_s = t_s
