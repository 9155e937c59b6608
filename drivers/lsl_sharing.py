"""What the app asks of LSL: publish results and devices, tell streams apart."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from drivers.lsl_bridge import LslBridge
from drivers.lsl_library import load_lsl
from drivers.lsl_outlet import LslOutlet, own_id
from lablive.clock import now_s
from lablive.errors import ConfigError, DeviceError
from lablive.live.lsl_choices import KEYS, LslIdentity, remember
from lablive.live.sharing import (
    TIME_KIND,
    SharedRow,
    SharedStream,
    SharingReport,
)
from lablive.recording.folders import home
from lablive.structs import from_plain

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from drivers.source import Source

_HELD_S: Final = 10.0  # an app that has sent nothing for so long may be replaced
_READY_S: Final = 1.5


class _ResultStream:
    """One stream of results, its rows in the order of time."""

    def __init__(self, stream: SharedStream) -> None:
        self._stream = stream
        self._outlet = LslOutlet(
            stream.name,
            stream.type,
            stream.channels,
            kind="string" if stream.text else "double64",
            source_id=own_id(stream.name),
            about=stream.about,
        )
        self._times = [it.kind == TIME_KIND for it in stream.channels]
        self._last_s = now_s()  # what was before nobody could have heard

    def push(self, row: SharedRow) -> None:
        """Send a row unless it or a later one has been sent."""
        if row.t_s < self._last_s:
            return
        self._last_s = row.t_s
        if self._stream.text:
            self._outlet.push_text(row.t_s, row.text)
            return
        if len(row.values) != len(self._times):
            raise ConfigError(
                f"A row of {self._stream.name} has {len(row.values)} values instead of "
                f"{len(self._times)}.",
                todo="App and host may be of different versions: restart both.",
            )
        values = np.array(
            [
                np.nan
                if value is None
                else (self._outlet.on_lsl_clock(value) if is_time else value)
                for value, is_time in zip(row.values, self._times, strict=True)
            ]
        )
        self._outlet.push(np.array([row.t_s]), values[None, :])


class LslSharing:
    """Everything the host publishes; called from any thread of the link.

    Parameters
    ----------
    sources
        Returns the open sources by id.
    """

    def __init__(self, sources: Callable[[], Mapping[str, Source]]) -> None:
        self._sources = sources
        self._lock = threading.Lock()
        self._results: dict[str, _ResultStream] = {}
        self._bridge: LslBridge | None = None
        self._devices: tuple[str, ...] = ()
        self._who = ""
        self._heard_s = 0.0
        self.methods: dict[str, Callable[..., Any]] = {
            "share": self.share,
            "publish": self.publish,
            "choose": self.choose,
        }

    def share(
        self,
        who: str,
        results: list[dict[str, Any]] | None = None,
        devices: list[str] | None = None,
    ) -> SharingReport:
        """Put streams on the air and take others off.

        Parameters
        ----------
        who
            Which app asks: the results of one are published, not those of two.
        results
            Streams of results; [] = none, None = as they are.
        devices
            Ids of sources, or ``["*"]``; [] = none, None = as they are.

        Raises
        ------
        LabLiveError
            LSL is not there.
        """
        with self._lock:
            if results is not None:
                self._share_results(who, results)
            if devices is not None and tuple(devices) != self._devices:
                self._share_devices(tuple(devices))
        return self.report()

    def publish(self, who: str, rows: list[dict[str, Any]]) -> bool:
        """Send results; False: those of another app are being sent."""
        with self._lock:
            if not self._takes(who):
                return False
            for row in from_plain(rows, list[SharedRow], strict=False):
                if stream := self._results.get(row.stream):
                    stream.push(row)
            return True

    def choose(self, id: str, chosen: dict[str, str]) -> None:
        """Remember which of several LSL streams a source means, and open it.

        Raises
        ------
        LabLiveError
            There is no such source, or the answer cannot be stored.
        """
        source = self._sources().get(id)
        if source is None:
            raise DeviceError("missing", f"There is no source named {id!r}.")
        options = source.spec.options
        wanted = {key: str(options[key]) for key in KEYS if options.get(key)}
        remember(home(), wanted, from_plain(chosen, LslIdentity))
        source.retry()

    def report(self) -> SharingReport:
        """Return what is on the air."""
        bridge = self._bridge
        return SharingReport(
            results=bool(self._results),
            devices=bridge.on_air if bridge else (),
            streams=(*self._results, *(bridge.streams if bridge else ())),
            fault=bridge.fault if bridge else "",
        )

    def close(self) -> None:
        """Take everything off the air."""
        with self._lock:
            self._results = {}
            self._share_devices(())

    def _takes(self, who: str) -> bool:
        now = now_s()
        if who != self._who and now - self._heard_s < _HELD_S:
            return False
        self._who, self._heard_s = who, now
        return True

    def _share_results(self, who: str, streams: list[dict[str, Any]]) -> None:
        if not self._takes(who):
            return
        wanted = from_plain(streams, list[SharedStream], strict=False)
        known = self._results
        self._results = {
            it.name: known.get(it.name) or _ResultStream(it) for it in wanted
        }

    def _share_devices(self, devices: tuple[str, ...]) -> None:
        if not devices:
            if self._bridge is not None:
                self._bridge.close()
            self._bridge = None
        elif self._bridge is None or self._bridge.ended:
            load_lsl()  # one clear message here, not in the bridge's thread
            self._bridge = LslBridge(self._sources, devices)
        else:
            self._bridge.want(devices)
        self._devices = devices
        if self._bridge is not None:
            self._bridge.wait_ready(_READY_S)
