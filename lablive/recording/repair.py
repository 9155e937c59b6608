"""A new, valid file from everything that is intact in a damaged trial."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
import numpy as np

from lablive.errors import RecordingError
from lablive.messages import Gap, to_json
from lablive.recording import companions, header, xdf
from lablive.recording.damage import CUT_OFF, Damage
from lablive.recording.part import Block, Part
from lablive.recording.replay import Trial

if TYPE_CHECKING:
    from pathlib import Path

    from lablive.recording.trial_file import TrialFile


class RepairReport(msgspec.Struct, frozen=True):
    """What a repair kept (``rows`` of data streams) and what it left out."""

    file: str
    out: str
    rows: int
    chunks: int
    left_out: list[Damage]
    findings: list[str]


def repair(path: Path, out: Path, parts: list[Path] | None = None) -> RepairReport:
    """Copy every intact chunk of a trial, with its parts, into a new file.

    The new file has fresh footers and a fresh index; rows that cannot be read are
    recorded in it as gaps. The original is never touched.

    Raises
    ------
    RecordingError
        When ``path`` is no recording, ``out`` exists or cannot be written.
    """
    trial = Trial(path, parts)
    try:
        part = Part(out)
    except FileExistsError as error:
        trial.close()
        raise RecordingError(
            f"{out}: exists already.",
            still="Nothing was changed.",
            todo="Choose another name.",
        ) from error
    except OSError as error:
        trial.close()
        raise _unwritable(out, error) from error
    try:
        chunks = _copy(trial, part)
        part.flush_index()
        part.sync()
    except OSError as error:
        part.discard()
        raise _unwritable(out, error) from error
    finally:
        part.close()
        trial.close()
    return _report(trial, out, chunks)


def _unwritable(out: Path, error: OSError) -> RecordingError:
    return RecordingError(
        f"{out}: cannot be written: {error.strerror or error}.",
        still="The original was not changed.",
        todo="Choose another folder or free space.",
    )


def _copy(trial: Trial, part: Part) -> int:
    """Write the new file; return the number of sample chunks in it."""
    first = trial.files[0].file_header
    texts = {**trial.header, header.REPAIRED_FROM: trial.path.name}
    part.put(Block(xdf.FILE_HEADER, header.file_header(texts, first.recording)))
    streams = {k: s for file in trial.files for k, s in file.streams.items()}
    for stream in streams.values():
        part.put(Block(xdf.STREAM_HEADER, stream.chunk, stream.info.id))
    chunks = sum(_copy_chunks(file, part) for file in trial.files)
    gaps = _new_gaps(trial)
    if gaps and companions.GAPS in streams:
        rows = [(gap.t_s, to_json(gap)) for gap in gaps]
        part.put(companions.text_block(companions.GAPS, rows, len(trial.gaps)))
    part.put(Block(xdf.BOUNDARY, xdf.boundary()))
    part.put_footers(list(streams))
    return chunks


def _copy_chunks(file: TrialFile, part: Part) -> int:
    """Copy samples, clock offsets and boundaries; headers and footers are new."""
    kinds = (xdf.SAMPLES, xdf.CLOCK_OFFSET, xdf.BOUNDARY)
    records = file.records
    places = np.flatnonzero(file.keep & np.isin(records.tag, kinds))
    copied = 0
    for place, data in zip(places.tolist(), file.chunks(places), strict=True):
        stream = int(records.stream[place])
        offset = xdf.decode_offset(data) if data is not None else None
        if data is None:
            continue
        if offset is not None:
            part.put_offset(stream, *offset)
            continue
        part.put(
            Block(
                int(records.tag[place]), bytes(data), stream,
                int(records.rows[place]), int(records.first_row[place]),
                float(records.t0_s[place]), float(records.t1_s[place]),
            )
        )  # fmt: skip
        copied += records.tag[place] == xdf.SAMPLES
        if copied % 1000 == 0:
            part.flush_index()
    return int(copied)


def _new_gaps(trial: Trial) -> list[Gap]:
    """Return the losses that only the damage made."""
    known = set(trial.gaps)
    played = [item for item in trial.chunks() if isinstance(item, Gap)]
    found = [gap for gap in played if gap not in known]
    ids = {info.id for info in trial.streams}
    for damage in trial.damage:
        if damage.what == CUT_OFF and damage.stream in ids and damage.rows:
            stream = damage.stream
            t_s = trial.span(stream)[1]
            found.append(
                Gap(
                    stream, trial.end_row(stream), t_s,
                    (damage.t1_s or t_s) - t_s, damage.rows, "lost", CUT_OFF,
                )
            )  # fmt: skip
    return found


def _report(trial: Trial, out: Path, chunks: int) -> RepairReport:
    rows = 0
    findings: list[str] = []
    for info in trial.streams:
        kept = trial.rows(info.id)
        damaged = sum(d.rows or 0 for d in trial.damage if d.stream == info.id)
        rows += kept
        if damaged:
            findings.append(f"{info.name}: {damaged} rows cannot be recovered.")
    unknown = [d for d in trial.damage if d.rows is None]
    if unknown:
        size = sum(d.length for d in unknown)
        findings.append(f"{size} bytes were left out; nobody knows their rows.")
    if not trial.damage:
        findings.append("Nothing was damaged.")
    return RepairReport(str(trial.path), str(out), rows, chunks, trial.damage, findings)
