"""One wire in the host: opens a driver, keeps it alive, hands on every row.

The thread of a source is the only place that touches its driver. It numbers rows
across reconnects, feeds ring and recorder, watches for silence, and comes back by
itself after a cable was pulled.
"""

from __future__ import annotations

import logging
import threading
from math import inf
from typing import TYPE_CHECKING

import msgspec

from drivers.base import LooksAgain, give_values
from drivers.recent import store_since
from drivers.source_health import clock_notes, health_of, told_by
from drivers.source_stream import Stream, after, battery_channel, numbered, too_silent
from lablive.clock import now_s
from lablive.errors import DeviceError, LabLiveError, LinkError
from lablive.live.reports import SourceReport
from lablive.live.ring import RingWriter
from lablive.messages import Chunk, Gap, SourceSpec, StreamInfo

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from drivers.base import Driver
    from drivers.source_stream import Sink
    from lablive.live.lsl_choices import LslIdentity

log = logging.getLogger(__name__)

STALL_REPEAT_S = 1.0  # a lasting stall is marked again, so that waiting strides go on
REOPEN_S = 2.0  # silence after which a wire is closed and opened again
BACK_OFF_S = (0.5, 1.0, 2.0)
LOOK_S = 0.05  # at what is silent


class Source:
    """Run one driver in a thread until stopped.

    Parameters
    ----------
    spec
        What to open.
    make_driver
        Builds a driver from the spec; raises DeviceError or ConfigError.
    new_id
        Gives the next free stream id of this host.
    ring_folder
        Where ring files go.
    """

    def __init__(
        self,
        spec: SourceSpec,
        make_driver: Callable[[SourceSpec], Driver],
        new_id: Callable[[], int],
        ring_folder: Path,
    ) -> None:
        self.spec = spec
        self._make_driver = make_driver
        self._new_id = new_id
        self._ring_folder = ring_folder
        self._lock = threading.Lock()
        self._streams: list[Stream] = []
        self._current: list[Stream] = []
        self._sink: Sink | None = None
        self._driver: Driver | None = None
        self._state = "opening"
        self._message = ""
        self._fault = ("", 0.0)  # the last one and when, also when it is over
        self._choices: tuple[LslIdentity, ...] = ()  # which stream is meant?
        self._silent = False  # opened, but nothing has come that makes sense
        self._gone = False  # it was pulled out and has not come back
        self._blind = ""  # why a stream has no ring
        self._reconnects = 0
        self._look_again_s = BACK_OFF_S[-1]
        self._stop = threading.Event()
        self._again = threading.Event()
        self._parked = threading.Event()
        self._away = threading.Event()  # parked, and the wire is closed
        self._ready = threading.Event()
        self._thread = threading.Thread(
            target=self._run, name=f"source {spec.id}", daemon=True
        )

    def start(self) -> None:
        """Open the wire in the background."""
        self._thread.start()

    def wait_ready(self, timeout_s: float) -> bool:
        """Wait for the first successful or failed opening."""
        return self._ready.wait(timeout_s)

    def park(self) -> None:
        """Close the wire, keep the streams: :meth:`resume` goes on with them.

        Meanwhile they are marked as stalled, so that nothing waits for them.
        """
        self._away.clear()
        self._parked.set()
        if not self._away.wait(2.0):
            self._close_driver()

    def resume(self) -> None:
        """Open the wire of a parked source again."""
        self._parked.clear()

    def retry(self) -> None:
        """Open a wire at once that waits for its next try, or has long been silent."""
        self._again.set()

    def set_values(self, values: Mapping[str, float]) -> None:
        """Give the driver numbers that a person reads off; raises LabLiveError."""
        with self._lock:
            driver = self._driver
        give_values(driver, values, self.spec.id)

    def stop(self) -> None:
        """Close the wire and the rings; returns within about a second."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join(2.0)
        self._close_driver()
        with self._lock:
            for stream in self._streams:
                if stream.ring is not None:
                    stream.ring.close()

    def record_into(self, sink: Sink | None, since_s: float = inf) -> dict[int, int]:
        """Send later rows to ``sink``, and those since then; None ends it.

        Returns
        -------
        dict
            Stream id -> number of the first recorded row (of the last one + 1 when
            ending), so that the app computes from exactly the same rows.
        """
        told = self.report()
        with self._lock:
            if writing := sink or self._sink:
                for note in clock_notes(told.streams, told.status, now_s()):
                    writing.marker(note)
            self._sink = sink
            cut: dict[int, int] = {}
            for stream in self._streams:
                cut[stream.info.id], stream.record_from = stream.rows, -1
                if sink is not None:  # it may have come after the recorder was made
                    sink.add_stream(stream.info)
                    stream.record_from = store_since(stream, sink, since_s)
                    cut[stream.info.id] = stream.record_from
            return cut

    @property
    def infos(self) -> list[StreamInfo]:
        """Every stream this source has had."""
        with self._lock:
            return [stream.info for stream in self._streams]

    def report(self) -> SourceReport:
        """Return state and health; never blocks on the wire."""
        with self._lock:
            driver, current = self._driver, list(self._current)
            streams = list(self._streams)
            earlier = [stream.earlier for stream in streams]
        told = told_by(driver, self.spec.id) if driver is not None else ()
        now = now_s()
        of_source: dict[str, str] = {}
        if self._state == "failed":
            of_source["state"] = "failed"
        if self._message:
            of_source["last_fault"] = self._message
        status = tuple(
            msgspec.structs.replace(it, reconnects=self._reconnects, **of_source)
            for it in health_of(streams, earlier, current, told, now)
        )
        fault, fault_s = self._fault
        return SourceReport(
            spec=self.spec,
            state=self._state,
            message=self._message,
            streams=tuple(stream.info for stream in streams),
            rings=tuple(
                str(stream.ring_path) if stream.ring else "" for stream in streams
            ),
            status=status,
            choices=self._choices,
            fault=fault,
            fault_age_s=now - fault_s if fault else -1.0,
        )

    # -- the thread ---------------------------------------------------------------

    def _run(self) -> None:
        failures = 0
        while not self._stop.is_set():
            if self._parked.is_set():
                self._message = "The device was disconnected."
                self._away.set()
                self._stop.wait(LOOK_S)
                self._watch_silence(now_s())
                continue
            try:
                self._open()
                self._ready.set()
                failures = 0
                self._pump()
            except LabLiveError as error:
                self._fail(error)
            except Exception as error:  # a driver must not kill the host
                log.exception("source %s", self.spec.id)
                kind = type(error).__name__
                self._fail(
                    DeviceError(
                        "protocol",
                        f"The driver of {self.spec.id} failed ({kind}: {error}).",
                        still="Other devices go on.",
                        todo="It is opened again by itself; send us the log.",
                    )
                )
            self._close_driver()
            self._ready.set()
            pause_s = BACK_OFF_S[min(failures, len(BACK_OFF_S) - 1)]
            failures += 1
            self._idle(min(pause_s, self._look_again_s))

    def _idle(self, pause_s: float) -> None:
        """Wait before the next try, marking the stall of what is missing."""
        until = now_s() + pause_s
        self._again.clear()
        while now_s() < until and not (self._parked.is_set() or self._again.is_set()):
            if self._stop.wait(LOOK_S):
                return
            self._watch_silence(now_s())

    def _fail(self, error: LabLiveError) -> None:
        known = bool(self._streams)
        kind = error.kind if isinstance(error, DeviceError) else ""
        permanent = kind in ("ambiguous", "library")
        self._state = "failed" if permanent or not known else "recovering"
        # of a cable that was pulled the next tries only know that it is not there
        if not (self._gone and kind == "missing"):
            self._message = str(error)
            self._gone = known and kind == "unplugged"
        self._fault = (self._message, now_s())
        self._choices = error.choices if isinstance(error, DeviceError) else ()
        self._silent = kind == "timeout"
        log.warning("source %s: %s", self.spec.id, error)

    def _open(self) -> None:
        driver = self._make_driver(self.spec)
        if isinstance(driver, LooksAgain):
            self._look_again_s = driver.look_again_s
        with self._lock:
            self._driver = driver
        infos = driver.open()
        with self._lock:
            reopened = bool(self._streams)
            self._current = [self._adopt(info) for info in infos]
        if reopened:
            self._reconnects += 1
        self._state, self._choices, self._gone = "streaming", (), False
        if not self._silent:  # else the reason holds until rows come
            self._message = self._blind

    def _adopt(self, info: StreamInfo) -> Stream:
        """Return the known stream that ``info`` continues, or a new one."""
        for stream in self._streams:
            known = msgspec.structs.replace(info, id=stream.info.id)
            if known == stream.info:
                stream.driver_base = stream.rows
                stream.last_seen_s = now_s()
                if stream.rows:  # also a pause too short for a stall is a pause
                    stream.stalls += not stream.stalled
                    gap = stream.silence(stream.last_seen_s, self._message)
                    self._store_gap(stream, gap)
                return stream
        named = msgspec.structs.replace(info, id=self._new_id())
        path = self._ring_folder / f"{named.id:03d}.ring"
        stream = Stream(named, self._make_ring(path, named), path)
        stream.battery = battery_channel(named)
        stream.opened_s = stream.last_seen_s = now_s()
        stream.next_stall_s = stream.opened_s + stream.stall_after_s
        self._streams.append(stream)
        if self._sink is not None:
            stream.record_from = 0
            self._sink.add_stream(named)
        return stream

    def _make_ring(self, path: Path, info: StreamInfo) -> RingWriter | None:
        try:
            return RingWriter(path, info)
        except LinkError as error:
            log.error("no ring for %s: %s", info.name, error)
            self._blind = f"{info.name} is recorded but cannot be shown. {error}"
            return None

    def _pump(self) -> None:
        driver = self._driver
        if driver is None:
            return
        look_s = 0.0
        while not self._stop.is_set() and not self._parked.is_set():
            for message in driver.read():
                if isinstance(message, Gap):
                    self._take_gap(message)
                else:
                    self._take_rows(message)
            now = now_s()
            if now < look_s:
                continue
            look_s = now + LOOK_S
            silent_s = self._watch_silence(now)
            if silent_s <= REOPEN_S:
                self._again.clear()  # asked for while it sent: nothing to do
            elif driver.reopen_on_silence or self._again.is_set():
                raise too_silent(self.spec.id, silent_s, driver.status())

    def _take_rows(self, chunk: Chunk) -> None:
        stream = self._current[chunk.stream]
        with self._lock:
            t_s = chunk.t_s
            if t_s[0] <= stream.last_t_s:
                t_s = after(stream.last_t_s, t_s)
            rows = numbered(chunk, stream.info.id, stream.rows, t_s)
            stream.rows += len(chunk)
            if stream.battery >= 0:
                stream.see_charge(float(chunk.x[-1, stream.battery]))
            stream.last_t_s = float(t_s[-1])
            stream.last_seen_s = now_s()
            stream.next_stall_s = stream.last_seen_s + stream.stall_after_s
            stream.stalled = False
            if self._silent:
                self._silent, self._message = False, self._blind
            if self._sink is not None and stream.record_from >= 0:
                first = rows.first_row - stream.record_from
                self._sink.append(numbered(chunk, stream.info.id, first, t_s))
            stream.recent.rows(rows)
            if stream.ring is not None:
                stream.ring.write(rows)

    def _take_gap(self, gap: Gap) -> None:
        stream = self._current[gap.stream]
        with self._lock:
            self._store_gap(
                stream,
                msgspec.structs.replace(
                    gap,
                    stream=stream.info.id,
                    after_row=stream.driver_base + gap.after_row,
                ),
            )

    def _store_gap(self, stream: Stream, gap: Gap) -> None:
        row = gap.after_row - stream.record_from
        # what was lost before the first recorded row is no loss of this recording
        sink = self._sink if stream.record_from >= 0 else None
        if sink is not None and (row > 0 or gap.kind == "stall"):
            sink.gap(msgspec.structs.replace(gap, after_row=max(row, 0)))
        stream.recent.gap(gap)
        if stream.ring is not None:
            stream.ring.gap(gap)

    def _watch_silence(self, now: float) -> float:
        """Mark stalled streams; return how long the whole source has been silent."""
        silent_s = inf
        with self._lock:
            for stream in self._streams:
                if stream.info.rate_hz > 0:
                    silent_s = min(silent_s, now - stream.last_seen_s)
                if now < stream.next_stall_s:
                    continue
                stream.next_stall_s = now + STALL_REPEAT_S
                if not stream.stalled:
                    stream.stalled = True
                    stream.stalls += stream.rows > 0  # not begun yet is no gap
                self._store_gap(stream, stream.silence(now, self._message))
        return silent_s if silent_s != inf else 0.0

    def _close_driver(self) -> None:
        """Let go of the wire; what it lost stays counted. Never raises."""
        driver = self._driver
        if driver is None:
            return
        told = told_by(driver, self.spec.id)
        with self._lock:
            if self._driver is driver:  # else another thread was quicker
                for stream, last in zip(self._current, told, strict=False):
                    stream.keep_count(last)
                self._driver, self._current = None, []
        try:
            driver.close()
        except Exception:  # the thread must live on: it opens the wire again
            log.exception("source %s cannot be closed", self.spec.id)
