"""Which sources of the host keep their bytes, and for which trial."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import msgspec

from drivers.base import KeepsBytes
from drivers.raw_bytes import RawTap
from lablive.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Callable, Container
    from pathlib import Path

    from drivers.base import Driver
    from lablive.live.reports import SourceReport
    from lablive.messages import SourceSpec


class RawTaps:
    """Builds drivers, with a tap where the source asks for one; used from any thread.

    Parameters
    ----------
    make_driver
        Builds a driver from what a source asks for.
    """

    def __init__(self, make_driver: Callable[[SourceSpec], Driver]) -> None:
        self._make_driver = make_driver
        self._lock = threading.Lock()
        self._taps: dict[str, RawTap] = {}
        self._trial: Path | None = None
        self._spill: Path | None = None

    def make(self, spec: SourceSpec) -> Driver:
        """Build a driver.

        Raises
        ------
        LabLiveError
            It cannot be built, or has no bytes that could be kept.
        """
        driver = self._make_driver(spec)
        if not spec.record_raw:
            return driver
        if not isinstance(driver, KeepsBytes):
            raise ConfigError(
                f"{spec.id} has no bytes of its own that could be kept.",
                still="Its rows are recorded as those of every device.",
                todo="Connect it without keeping raw bytes.",
            )
        with self._lock:
            known = self._taps.get(spec.id)
            driver.tap = known or RawTap(spec)
            self._taps[spec.id] = driver.tap
            if known is None and self._trial is not None:
                driver.tap.begin(self._trial, self._spill)
        return driver

    def begin(self, trial: Path, spill: Path | None, sources: Container[str]) -> None:
        """Keep the bytes of ``sources`` beside ``trial``, else in ``spill``."""
        with self._lock:
            self._trial, self._spill = trial, spill
            self._taps = {k: tap for k, tap in self._taps.items() if k in sources}
            for tap in self._taps.values():
                tap.begin(trial, spill)

    def end(self) -> None:
        """Close the files; a disk that hangs holds up nobody but the caller."""
        with self._lock:
            self._trial = None
            taps = list(self._taps.values())
            for tap in taps:
                tap.stop()
        for tap in taps:
            tap.end()

    def told(self, report: SourceReport) -> SourceReport:
        """Return a source's report, with what went wrong with its file."""
        tap = self._taps.get(report.spec.id)
        fault = (tap.fault or tap.moved) if tap and report.spec.record_raw else ""
        if not fault or report.message:
            return report
        return msgspec.structs.replace(report, message=fault)
