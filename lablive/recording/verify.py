"""Prove a trial: count it again from disk, check every byte, tell what is missing."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import msgspec

from lablive.messages import Gap, StreamInfo
from lablive.recording import index
from lablive.recording.damage import CUT_OFF, UNREADABLE, Damage
from lablive.recording.replay import Trial

if TYPE_CHECKING:
    from pathlib import Path

    from lablive.recording.trial_file import TrialFile

_SHORTFALL = 0.02  # of the expected rows; a device's own clock explains less
_EARLY_S = 1.5  # a stream that ends this long before the others has stopped


class FileReport(msgspec.Struct, frozen=True):
    """One file of the recording; ``checked`` is the share of checksummed chunks.

    ``sha256`` is empty when the disk does not give the whole file.
    """

    name: str
    bytes: int
    sha256: str
    closed: bool
    checked: float


class StreamReport(msgspec.Struct, frozen=True):
    """One data stream, counted from disk.

    ``expected`` rows follow from rate and duration (None for irregular streams);
    ``lost`` sums the recorded gaps of known size; ``beyond`` of these and of
    ``damaged_rows`` lie outside the time from first to last row. ``silent_s`` are the
    pauses in which an unknown number of rows may be missing.
    """

    id: int
    name: str
    type: str
    rate_hz: float
    rows: int
    expected: int | None
    lost: int
    lost_is_exact: bool
    gaps: int
    damaged_rows: int
    t0_s: float
    t1_s: float
    effective_rate_hz: float
    silent_s: float
    beyond: int = 0

    @property
    def short(self) -> int:
        """Rows missing by the rate beyond every counted loss; 0 when hardly any."""
        expected = self.expected or 0
        explained = self.lost + self.damaged_rows - self.beyond
        missing = expected - self.rows - explained
        return missing if missing > self.tolerance else 0

    @property
    def tolerance(self) -> float:
        """Rows that a device's own clock may make of the expected ones."""
        return max(_SHORTFALL * (self.expected or 0), 2)

    @property
    def is_explained(self) -> bool:
        """Whether the pauses are long enough for the rows in :attr:`short`."""
        return self.short <= self.silent_s * self.rate_hz + self.tolerance


class VerifyReport(msgspec.Struct, frozen=True):
    """What a trial holds and lacks.

    ``ok``: nothing is missing, nothing damaged, and no other file belongs to the
    recording, since rows are missing in between. ``is_explained``: what is missing lies
    in recorded gaps, and nothing else is wrong.
    """

    file: str
    sha256: str
    duration_s: float
    closed: bool
    files: list[FileReport]
    streams: list[StreamReport]
    gaps: list[Gap]
    damage: list[Damage]
    findings: list[str]
    ok: bool
    is_explained: bool


def verify(path: Path, parts: list[Path] | None = None) -> VerifyReport:
    """Count a trial again from disk, with its parts (as for :class:`Trial`).

    Raises
    ------
    RecordingError
        When the file is no recording at all.
    """
    trial = Trial(path, parts)
    try:
        return _verify(trial)
    finally:
        trial.close()


def _verify(trial: Trial) -> VerifyReport:
    for file in trial.files:
        file.check_all()
    gaps, _ = trial.losses, trial.markers
    files = [_file(file) for file in trial.files]
    streams = stream_reports(trial)
    faults = [*_unread(files), *_damage(trial), *_missing(trial, streams)]
    losses = _losses(trial, streams)
    note = trial.continuation.note
    part = [note] if note else []
    closed = files[-1].closed
    if not closed:
        faults.append(
            "The recording was not closed: what came in the last 0.1 s may be missing."
        )
    return VerifyReport(
        file=str(trial.path),
        sha256=files[0].sha256,
        duration_s=trial.duration_s,
        closed=closed,
        files=files,
        streams=streams,
        gaps=gaps,
        damage=trial.damage,
        findings=[*part, *faults, *losses, *_notes(trial, files, gaps)],
        ok=not (faults or losses or part),
        is_explained=not faults,
    )


def _file(file: TrialFile) -> FileReport:
    has_crc = file.records.flags & index.HAS_CRC != 0
    try:
        with file.path.open("rb") as opened:
            digest = hashlib.file_digest(opened, "sha256").hexdigest()
    except OSError:  # a dying disk, a stick pulled out: the rest is told all the same
        digest = ""
    return FileReport(
        file.path.name, file.pages.size, digest, file.is_closed(), float(has_crc.mean())
    )


def _unread(files: list[FileReport]) -> list[str]:
    return [
        f"{file.name}: the disk does not give all of it, so there is no SHA-256."
        " Copy the file to another disk and verify the copy."
        for file in files
        if not file.sha256
    ]


def stream_reports(trial: Trial) -> list[StreamReport]:
    """Count every stream; damage only as far as the trial was read."""
    return [_stream(trial, info) for info in trial.streams]


def _stream(trial: Trial, info: StreamInfo) -> StreamReport:
    rows, (t0_s, t1_s) = trial.rows(info.id), trial.span(info.id)
    duration_s = t1_s - t0_s
    gaps = [gap for gap in trial.losses if gap.stream == info.id]
    counted = [gap for gap in gaps if gap.kind != "stall"]
    expected = round(duration_s * info.rate_hz) + 1 if rows and info.rate_hz else None
    within = range(1, trial.end_row(info.id))
    stalls = [gap for gap in gaps if gap.kind == "stall" and gap.after_row in within]
    damage = [d for d in trial.damage if d.stream == info.id]
    behind = [d for d in damage if d.what == CUT_OFF and (d.t0_s or 0.0) > t1_s]
    outside = [gap for gap in counted if gap.after_row not in within]
    told = StreamReport(
        id=info.id,
        name=info.name,
        type=info.type,
        rate_hz=info.rate_hz,
        rows=rows,
        expected=expected,
        lost=sum(gap.rows_lost or 0 for gap in gaps),
        lost_is_exact=all(gap.rows_lost is not None for gap in counted),
        gaps=len(gaps),
        damaged_rows=sum(d.rows or 0 for d in damage),
        t0_s=t0_s,
        t1_s=t1_s,
        effective_rate_hz=(rows - 1) / duration_s if duration_s > 0 else 0.0,
        silent_s=sum(gap.duration_s for gap in stalls),
        beyond=sum(loss.rows_lost or 0 for loss in outside)
        + sum(d.rows or 0 for d in behind),
    )
    exact = told.lost_is_exact and not told.short
    return msgspec.structs.replace(told, lost_is_exact=exact)


def _damage(trial: Trial) -> list[str]:
    damage = trial.damage
    if not damage:
        return []
    ids = {info.id for info in trial.streams}
    known = sum(d.rows or 0 for d in damage if d.stream in ids)
    unknown = any(d.rows is None for d in damage)
    told = "; ".join(dict.fromkeys(d.what for d in damage))
    size = sum(d.length for d in damage)
    rows = f"{known} rows" + (" or more" if unknown else "")
    places = _several(len(damage), "place")
    return [f"Damaged in {places} ({size} bytes, {rows}): {told}."]


def _missing(trial: Trial, streams: list[StreamReport]) -> list[str]:
    """Return what no recorded gap accounts for."""
    told: list[str] = []
    for stream in streams:
        name = stream.name
        if not stream.rows:
            told.append(f"{name}: no rows.")
        elif stream.t1_s < trial.t1_s - _EARLY_S:
            early_s = trial.t1_s - stream.t1_s
            told.append(f"{name}: stopped {early_s:.1f} s before the others.")
        if stream.short and not stream.is_explained:
            told.append(f"{_short(stream)} and no gap explains them.")
        if not trial.is_increasing(stream.id):
            told.append(f"{name}: time stamps go back.")
    return told


def _losses(trial: Trial, streams: list[StreamReport]) -> list[str]:
    """Return what was lost in recorded gaps: on the way, or with bytes of the file."""
    told: list[str] = []
    for stream in streams:
        gaps = [gap for gap in trial.losses if gap.stream == stream.id]
        unreadable = [gap for gap in gaps if gap.why == UNREADABLE]
        cut = [gap for gap in gaps if gap.why == CUT_OFF]
        on_the_way = [g for g in gaps if g.why not in (UNREADABLE, CUT_OFF)]
        unknown = any(g.rows_lost is None and g.kind != "stall" for g in on_the_way)
        if unknown or _rows(on_the_way):
            more = " or more" if unknown or stream.short else ""
            told.append(
                f"{stream.name}: {_rows(on_the_way)} rows{more} lost on the way,"
                f" in {_several(len(on_the_way), 'gap')}."
            )
        if unreadable:
            more = " or more" if any(g.rows_lost is None for g in unreadable) else ""
            told.append(
                f"{stream.name}: {_rows(unreadable)} rows{more} lost with unreadable"
                f" parts of the file, in {_several(len(unreadable), 'gap')}."
            )
        if cut:
            told.append(
                f"{stream.name}: {_rows(cut)} rows behind the last one were cut off"
                " with the end of the file."
            )
        if stream.short and stream.is_explained:
            told.append(f"{_short(stream)}; it was silent for {stream.silent_s:.1f} s.")
    return told


def _rows(gaps: list[Gap]) -> int:
    return sum(gap.rows_lost or 0 for gap in gaps)


def _short(stream: StreamReport) -> str:
    return (
        f"{stream.name}: {stream.short} of {stream.expected} rows are missing by its"
        f" rate of {stream.rate_hz:g} Hz"
    )


def _notes(trial: Trial, files: list[FileReport], gaps: list[Gap]) -> list[str]:
    """Return what is worth knowing but no loss."""
    told: list[str] = []
    for file, report in zip(trial.files, files, strict=True):
        if report.checked < 1.0:
            why = file.index_note or "the index ends early"
            share = f"{100 * (1 - report.checked):.1f} %"
            told.append(
                f"{report.name}: {share} of the chunks have no checksum ({why}): a"
                " changed value there would not be seen."
            )
    if len(files) > 1:
        names = ", ".join(report.name for report in files)
        told.append(f"Recorded in {len(files)} parts: {names}.")
    stalls = [gap for gap in gaps if gap.kind == "stall"]
    if stalls:
        longest_s = max(gap.duration_s for gap in stalls)
        told.append(f"{_several(len(stalls), 'stall')}, the longest {longest_s:.1f} s.")
    told += [m.text for m in trial.markers if m.kind == "fault"]
    return told


def _several(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
