"""Files cut, flipped, zeroed, overwritten, torn apart: never wrong, never silent."""

from __future__ import annotations

import random
import shutil
from typing import TYPE_CHECKING, NamedTuple

from lablive.errors import RecordingError
from lablive.messages import Chunk
from lablive.recording import index
from lablive.recording.replay import Trial
from lablive.recording.verify import verify
from tests.recording.trial_cases import (
    STREAMS,
    Truth,
    missing_rows,
    play,
    write_trial,
)
from tests.torture.outcome import Job, Seen

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Harm = Callable[[bytes, random.Random], bytes]

SIZES = (2, 8, 24, 60)  # trials of 40 ms to 1.2 s
START = 4  # "XDF:" itself is harmed by every harm but the cut


class Whole(NamedTuple):
    """A trial without harm, what was recorded, and how far its index reaches.

    After a dead host the chunks of the last 0.5 s have no checksum yet.
    """

    data: bytes
    sidecar: bytes
    known: Truth
    checked_bytes: int


def cut(data: bytes, chance: random.Random) -> bytes:
    return data[: chance.randrange(START, len(data))]


def flip(data: bytes, chance: random.Random) -> bytes:
    changed = bytearray(data)
    for _ in range(chance.choice((1, 1, 2, 8, 64))):
        changed[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
    return bytes(changed)


def over(data: bytes, chance: random.Random, filling: Callable[[int], bytes]) -> bytes:
    length = min(len(data), chance.choice((1, 16, 64, 512, 4096)))
    at = chance.randrange(len(data) - length + 1)
    return data[:at] + filling(length) + data[at + length :]


def zero(data: bytes, chance: random.Random) -> bytes:
    return over(data, chance, bytes)


def noise(data: bytes, chance: random.Random) -> bytes:
    return over(data, chance, chance.randbytes)


def pulled_out(data: bytes, chance: random.Random) -> bytes:
    """A piece is gone, and the rest has moved."""
    start, end = sorted(chance.randrange(START, len(data)) for _ in range(2))
    return data[:start] + data[min(end, start + 4096) :]


def put_in(data: bytes, chance: random.Random) -> bytes:
    """A piece of the file stands in it twice, as after a confused disk."""
    start, end = sorted(chance.randrange(START, len(data)) for _ in range(2))
    piece = data[start : min(end, start + 4096)]
    at = chance.randrange(START, len(data))
    return data[:at] + piece + data[at:]


HARMS: tuple[Harm, ...] = (cut, flip, zero, noise, pulled_out, put_in)


def wholes(folder: Path) -> list[Whole]:
    """Write the trials to be harmed: closed ones, and ones that a dead host left."""
    made: list[Whole] = []
    folder.mkdir()
    for ticks in SIZES:
        for close in (True, False):
            path = folder / f"{ticks}-{close}.xdf"
            known = write_trial(path, ticks, close=close)
            file = Trial(path).files[0]
            has_crc = file.records.flags & index.HAS_CRC != 0
            ends = file.records.offset + file.records.length
            reach = int(ends[has_crc].max(initial=0))
            sidecar = index.sidecar(path).read_bytes()
            made.append(Whole(path.read_bytes(), sidecar, known, reach))
    return made


def run(job: Job) -> Seen:
    """Harm one trial per case: the file, its index, both, or the file without one."""
    seen = Seen()
    whole = wholes(job.folder / "whole")
    place = job.folder / "harmed"
    for number in job.cases:
        chance = random.Random(f"{job.seed}:{number}")
        trial = chance.choice(whole)
        harm = HARMS[number % len(HARMS)]
        what = chance.choice(("file",) * 7 + ("index", "both", "file without index"))
        case = Case(number, harm.__name__, what)
        data = trial.data if what == "index" else harm(trial.data, chance)
        place.mkdir()
        path = place / "trial-01.xdf"
        path.write_bytes(data)
        if what != "file without index":
            is_harmed = what in ("index", "both")
            sidecar = harm(trial.sidecar, chance) if is_harmed else trial.sidecar
            index.sidecar(path).write_bytes(sidecar)
        seen.counts[f"{what}: {case.harm}"] += 1
        try:
            _look(path, trial, data, seen, case)
        except RecordingError:  # one message: nothing of the headers is left
            seen.counts["refused with one message"] += 1
            hopeless = what in ("both", "file without index") or case.harm == "cut"
            seen.expect(hopeless, case, "a readable file was refused")
        except AssertionError as error:
            seen.break_(case, f"a wrong value: {str(error).split()[:12]}")
        except Exception as error:  # noqa: BLE001  the subject of this torture
            seen.break_(case, f"raised {error!r}")
        seen.done += 1
        shutil.rmtree(place)
    return seen


class Case(NamedTuple):
    """What is harmed, and how; the number and the seed repeat it."""

    number: int
    harm: str
    what: str


def _look(path: Path, whole: Whole, data: bytes, seen: Seen, case: Case) -> None:
    report = verify(path)
    trial = Trial(path)
    try:
        rows = sum(len(i) for i in trial.chunks() if isinstance(i, Chunk))
        told = sum(trial.rows(info.id) for info in trial.streams)
        if not _is_strict(whole, data, case):
            # bytes without a checksum: XDF has none of its own, so a flipped value
            # looks like another value; but nothing raises, nothing is invented
            most = sum(len(t) for t in whole.known.t_s.values())
            seen.expect(rows <= max(told, most), case, f"{rows} rows read of {most}")
            seen.counts["without checksums: opened, verified, read"] += 1
            return
        missing = missing_rows(play(trial, whole.known), whole.known)
        seen.expect(rows == told, case, f"{told} rows told, {rows} read")
        if data == whole.data:
            seen.expect(missing == 0, case, f"a damaged index cost {missing} rows")
            return
        ids = {info.id for info in STREAMS}
        damaged = sum(d.rows or 0 for d in report.damage if d.stream in ids)
        unknown = any(d.rows is None for d in report.damage)
        seen.expect(not report.ok, case, "damage not noticed")
        seen.expect(
            damaged >= missing or unknown or not report.closed,
            case, f"{missing} rows missing, {damaged} told",
        )  # fmt: skip
        seen.counts["rows missing, every one told"] += missing
        seen.counts["every value and every loss proven"] += 1
    finally:
        trial.close()


def _is_strict(whole: Whole, data: bytes, case: Case) -> bool:
    """Whether every harmed byte has a checksum that is still there."""
    if case.what == "index":
        return True
    if case.what != "file":
        return False
    if case.harm == "cut":
        return True
    reach = whole.checked_bytes
    return data[reach:] == whole.data[reach:] or reach == len(whole.data)
