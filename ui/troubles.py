"""What stands wrong now, gravest first: no widgets in here.

A trouble is read from the newest report of the host and from what the pipeline has
found; it is gone with its cause. Nothing here ever stops a recording.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from lablive.live.reports import HOST_IS_GONE
from ui.device_health import NOTE, fault_of, state_of
from ui.numbers import elapsed_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from lablive.gait.findings import Finding
    from lablive.live.reports import HostReport, RecordingReport
    from ui.missing import Missing

LITTLE_TIME_S: Final = 600.0  # of free disk at the present rate
EMPTY_PCT: Final = 10.0  # of a battery; a low one is told once before that
STILL: Final = " Other devices and the recording go on. "
# gravest first
DISK, HOST, AWAY, WRONG, ODD, LOW, KEPT = range(7)
# findings that make a number wrong or doubtful, and their heading
FOUND: Final[dict[str, tuple[int, str]]] = {
    "swapped": (WRONG, "Left and right are swapped"),
    "mounted wrong": (WRONG, "A sensor is on the wrong way"),
    "slipped": (WRONG, "A sensor has slipped"),
    "full scale": (WRONG, "Cells at the end of their range"),
    "clipped": (WRONG, "A sensor at the end of its range"),
    "below zero": (WRONG, "Force below zero"),
    "clocks drift": (ODD, "Clocks run apart"),
    "slow": (ODD, "Too few rows a second"),
}


class Trouble(NamedTuple):
    """One thing that stands wrong.

    Attributes
    ----------
    rank
        The lower, the graver.
    head, text
        What it is in a few words; what still works and what to do.
    source
        The device that is away and may be tried again, "" = it is no such thing.
    """

    rank: int
    head: str
    text: str
    source: str = ""

    @property
    def key(self) -> tuple[str, str]:
        """What stays the same while it stands: its heading has no running figure."""
        return self.source, "" if self.source else self.head.split(" · ")[0]


def standing(
    report: HostReport | None,
    waiting: Sequence[Missing] = (),
    findings: Iterable[Finding] = (),
    *,
    read_only: bool = False,
) -> tuple[Trouble, ...]:
    """Return every trouble of now, gravest first.

    Parameters
    ----------
    report
        The newest of the host, None = there has been none.
    waiting
        Devices that are away and wait for a decision.
    findings
        Of the live pipeline.
    read_only
        Whether the library of people takes no change.
    """
    found = [_away(it) for it in waiting]
    if report is not None:
        found += _of_report(report)
    for finding in findings:
        if finding.name in FOUND:
            rank, head = FOUND[finding.name]
            found.append(Trouble(rank, head, finding.text))
    if read_only:
        text = (
            "Recording works and trials are stored where they can be; changes of "
            "people and notes are not kept. Give yourself the right to write in the "
            "library folder, then open LabLive again."
        )
        found.append(Trouble(KEPT, "The library can only be read", text))
    return tuple(sorted(dict.fromkeys(found), key=lambda it: it.rank))


def _away(told: Missing) -> Trouble:
    since = f"no data for {elapsed_text(told.away_s)}"
    said = since if told.away_s >= 0 else "cannot be opened"
    # one line: what happened and what to do; the Devices page has every word
    text = told.text.replace(STILL, " ")
    return Trouble(AWAY, f"{told.source} · {said}", text, told.source)


def _of_report(report: HostReport) -> Iterator[Trouble]:
    if report.recording is not None:
        yield from _of_recording(report.recording)
    sources = report.sources
    if sources and all(source.message == HOST_IS_GONE for source in sources):
        text = (
            "What was recorded is on disk. It is being started again and opens the "
            "devices by itself; the trial goes on in a new part."
        )
        yield Trouble(HOST, "The recording program has ended", text)
        return
    for source in sources:
        heading, text = fault_of(source)
        if state_of(source) == "streaming" and heading == NOTE and source.message:
            yield Trouble(ODD, source.spec.id, text)
        charge_pct = max((told.battery_pct for told in source.status), default=-1.0)
        if 0 <= charge_pct < EMPTY_PCT:
            text = (
                "It goes on as long as it sends. Charge it, or change it between two "
                "trials."
            )
            head = f"{source.spec.id}: battery nearly empty · {charge_pct:.0f} %"
            yield Trouble(LOW, head, text)


def _of_recording(running: RecordingReport) -> Iterator[Trouble]:
    if running.fault:
        yield Trouble(DISK, "The disk", running.fault)
    per_s = running.bytes / max(running.elapsed_s, 1.0)
    if 0 <= running.free_bytes < per_s * LITTLE_TIME_S:
        left_min = running.free_bytes / max(per_s, 1.0) / 60
        text = (
            "The recording goes on. Free some space now, or stop and record on "
            "another disk."
        )
        yield Trouble(DISK, f"The disk is nearly full · {left_min:.0f} min left", text)


class Noted:
    """Troubles that somebody has seen: told again only after they were gone."""

    def __init__(self) -> None:
        self._keys: set[tuple[str, str]] = set()

    def add(self, trouble: Trouble) -> None:
        """Say no more of a trouble while it stands."""
        self._keys.add(trouble.key)

    def left(self, troubles: Sequence[Trouble]) -> tuple[Trouble, ...]:
        """Return what nobody has seen yet; forget what no longer stands."""
        self._keys &= {trouble.key for trouble in troubles}
        return tuple(it for it in troubles if it.key not in self._keys)
