"""What the host answers to the app: health of sources, state of the recording."""

from __future__ import annotations

from typing import Final

import msgspec

from lablive.live.lsl_choices import LslIdentity
from lablive.live.sharing import SharingReport
from lablive.messages import SourceSpec, StreamInfo, StreamStatus

HOST_IS_GONE: Final = "The recording program is being started again."


class SourceReport(msgspec.Struct, frozen=True):
    """One source: streams, ring files ("" = none) and health, in one order.

    ``message``: what is wrong now. ``fault``: the last thing that was, and for how
    many seconds it has been known (-1 = nothing ever was). ``choices``: several LSL
    streams fit, a person must say which is meant (``choose``).
    """

    spec: SourceSpec
    state: str
    message: str
    streams: tuple[StreamInfo, ...]
    rings: tuple[str, ...]
    status: tuple[StreamStatus, ...]
    fault: str = ""
    fault_age_s: float = -1.0
    choices: tuple[LslIdentity, ...] = ()


class RecordingReport(msgspec.Struct, frozen=True):
    """The running recording.

    ``first_rows``: host row that is row 0 of the file. ``parts``: its files in order.
    ``spill``: folder where it goes on when its own fails. ``gaps``: in the file so far.
    """

    path: str
    started_s: float
    elapsed_s: float
    bytes: int
    rows: dict[int, int]
    first_rows: dict[int, int]
    free_bytes: int
    fault: str
    parts: tuple[str, ...]
    spill: str = ""
    gaps: int = 0


class HostReport(msgspec.Struct, frozen=True):
    """Everything the app asks for twice a second."""

    pid: int
    version: str
    now_s: float
    sources: tuple[SourceReport, ...]
    recording: RecordingReport | None
    sharing: SharingReport = SharingReport()


class RecordingStart(msgspec.Struct, frozen=True):
    """Answer to ``start_recording``."""

    path: str
    t_s: float
    first_rows: dict[int, int]


class RecordingEnd(msgspec.Struct, frozen=True):
    """Answer to ``stop_recording``: rows of each stream after the last stored one."""

    path: str
    parts: tuple[str, ...]
    last_rows: dict[int, int]
    fault: str


def without_host(report: HostReport) -> HostReport:
    """Return the last report of a host that is gone: every stream waits."""
    sources = tuple(
        msgspec.structs.replace(
            source,
            state="recovering",
            message=HOST_IS_GONE,
            status=tuple(
                msgspec.structs.replace(
                    status, state="recovering", last_fault=HOST_IS_GONE
                )
                for status in source.status
            ),
        )
        for source in report.sources
    )
    return msgspec.structs.replace(report, sources=sources, recording=None)
