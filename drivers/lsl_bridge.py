"""Rows of the host's devices as LSL streams, for LabRecorder, MATLAB and others.

The bridge reads the rings as the app does: what it sends is what is recorded, and
nothing it does, however long LSL takes, can hold up a device or the recorder.
"""

from __future__ import annotations

import logging
import threading
from typing import TYPE_CHECKING, Final

from drivers.lsl_outlet import LslOutlet, own_id
from lablive.errors import DeviceError
from lablive.live.feed import LiveFeed
from lablive.live.sharing import EVERY_DEVICE, SharedChannel, side_in
from lablive.messages import Gap, to_json

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from drivers.source import Source
    from lablive.live.reports import SourceReport
    from lablive.messages import Chunk, StreamInfo

log = logging.getLogger(__name__)

GAPS: Final = "LabLive gaps"
AUDIO_KIND: Final = "Audio"
_TICK_S: Final = 0.02
_LOOK_S: Final = 0.25  # at which streams there are
_STILL: Final = "Recording and live view go on."


class LslBridge:
    """Publish the rows of some sources until closed.

    Parameters
    ----------
    sources
        Returns the open sources by id.
    devices
        Ids of those to publish, or ``("*",)``.
    """

    def __init__(
        self, sources: Callable[[], Mapping[str, Source]], devices: tuple[str, ...]
    ) -> None:
        self._sources = sources
        self._devices = devices
        self._feed = LiveFeed()
        self._outlets: dict[str, LslOutlet] = {}  # by source id of LSL
        self._of_stream: dict[int, LslOutlet] = {}
        self._infos: dict[int, StreamInfo] = {}
        self._next_row: dict[int, int] = {}
        self._gaps: LslOutlet | None = None
        self._stop = threading.Event()
        self._lock = threading.Lock()  # of the two events
        self._changed = threading.Event()
        self._looked = threading.Event()
        self.fault = ""
        self.on_air: tuple[str, ...] = ()  # source ids
        self.streams: tuple[str, ...] = ()
        self._thread = threading.Thread(
            target=self._run, name="LSL bridge", daemon=True
        )
        self._thread.start()

    def want(self, devices: tuple[str, ...]) -> None:
        """Publish these devices; those that were on the air stay without a break."""
        with self._lock:
            self._devices = devices
            self._changed.set()
            self._looked.clear()

    def wait_ready(self, timeout_s: float) -> None:
        """Wait until the streams that are there now are on the air."""
        self._looked.wait(timeout_s)

    @property
    def ended(self) -> bool:
        """Whether it has stopped by itself; :attr:`fault` says why."""
        return not self._thread.is_alive()

    def close(self) -> None:
        """Take everything off the air."""
        self._stop.set()
        self._thread.join(1.0)

    def _run(self) -> None:
        look_in = 0
        while True:
            try:
                if look_in <= 0 or self._changed.is_set():
                    self._changed.clear()
                    look_in = round(_LOOK_S / _TICK_S)
                    self._look()
                    with self._lock:
                        if not self._changed.is_set():
                            self._looked.set()
                for item in self._feed.poll():
                    if isinstance(item, Gap):
                        self._tell_gap(item)
                    else:
                        self._send(item)
            except Exception as error:  # the host must live on without LSL
                log.exception("LSL bridge")
                self.fault = (
                    f"Devices are no longer published on LSL ({error}). {_STILL} "
                    "Switch publishing off and on again."
                )
                self._looked.set()
                break
            look_in -= 1
            if self._stop.wait(_TICK_S):
                break
        self.on_air, self.streams = (), ()
        self._outlets, self._of_stream, self._gaps = {}, {}, None
        self._feed.close()

    def _look(self) -> None:
        """Publish the streams that have come, let go of those that have gone."""
        open_now = self._sources()
        wanted = [
            source.report()
            for name, source in open_now.items()
            if (name in self._devices or EVERY_DEVICE in self._devices)
            and source.spec.driver != "lsl"
        ]
        twice = [
            name
            for name in self._devices
            if name in open_now and open_now[name].spec.driver == "lsl"
        ]
        faults = [f"{name} is an LSL stream already; any program can join it."
                  for name in twice]  # fmt: skip
        self._feed.follow(wanted, faults.append, keep=False)
        self._of_stream, kept = {}, {}
        for report in wanted:
            for info in self._newest(report):
                key = own_id(report.spec.id, info.name)
                try:
                    known = self._outlets.get(key)
                    if known is None or self._infos.get(info.id) != info:
                        known = _outlet(info, key)
                    kept[key] = self._of_stream[info.id] = known
                    self._infos[info.id] = info
                except DeviceError as error:
                    faults.append(str(error))
        self._outlets = kept
        if kept and self._gaps is None:
            self._gaps = LslOutlet(
                GAPS,
                "Markers",
                (SharedChannel("gap", "", "Gap"),),
                kind="string",
                source_id=own_id("gaps"),
                about="JSON: what was lost of the others, stamped with its begin",
            )
        self.fault = " ".join(faults)
        self.on_air = tuple(report.spec.id for report in wanted)
        self.streams = tuple(outlet.name for outlet in kept.values())

    def _newest(self, report: SourceReport) -> Iterable[StreamInfo]:
        """Return the streams of a device; of one that came back changed the last.

        Sound in which speech is heard only of a device that was named.
        """
        listed = zip(report.streams, report.rings, strict=True)
        named = report.spec.id in self._devices
        return {
            info.name: info
            for info, ring in listed
            if ring and (named or not _hears(info))
        }.values()

    def _send(self, chunk: Chunk) -> None:
        outlet = self._of_stream.get(chunk.stream)
        due = self._next_row.get(chunk.stream, chunk.first_row)
        self._next_row[chunk.stream] = chunk.first_row + len(chunk)
        if outlet is None:
            return
        if chunk.first_row > due:  # the ring came round before it was read
            lost = chunk.first_row - due
            why = "this computer was too busy to send them; they are recorded"
            t_s = float(chunk.t_s[0])
            self._tell_gap(Gap(chunk.stream, due, t_s, 0.0, lost, "overflow", why))
        if outlet.has_reader:
            outlet.push(chunk.t_s, chunk.x)

    def _tell_gap(self, gap: Gap) -> None:
        info = self._infos.get(gap.stream)
        if self._gaps is None or info is None or gap.stream not in self._of_stream:
            return
        told = {
            "stream": info.name,
            "kind": gap.kind,
            "t_s": self._gaps.on_lsl_clock(gap.t_s),
            "duration_s": gap.duration_s,
            "rows_lost": gap.rows_lost,
            "why": gap.why,
        }
        if self._gaps.has_reader:
            self._gaps.push_text(gap.t_s, to_json(told))


def _hears(info: StreamInfo) -> bool:
    """Tell whether a stream is sound as it was, not its level."""
    return any(it.kind == AUDIO_KIND for it in info.channels)


def _outlet(info: StreamInfo, source_id: str) -> LslOutlet:
    return LslOutlet(
        info.name,
        info.type,
        [
            SharedChannel(it.label, it.unit, it.kind, side_in(it.label) or "")
            for it in info.channels
        ],
        rate_hz=info.rate_hz,
        kind=info.sample_format,
        source_id=source_id,
        model=info.device,
        about="times are those of the trial; LabLive gaps tells what was lost",
    )
