"""``trial-01.json``: what a trial holds and what was measured in it.

It can be deleted and made again at any time. ``python -m lablive.library.summary
TRIAL`` makes it in a process of its own and prints ``{"progress": 0.4, "step": ...}``.
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import json
import math
import os
import sys
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

import msgspec

from lablive import __version__
from lablive.drills.record import SetRecord
from lablive.editing.edit_file import edits_digest
from lablive.errors import LabLiveError, RecordingError
from lablive.library.records import Result, TrialKind, TrialState
from lablive.metrics.belt import one_speed
from lablive.names import SIDES, HeaderKey
from lablive.protocol.focus import FocusRecord
from lablive.recording.continued import CONTINUED, header_texts
from lablive.recording.header import REPAIRED_FROM
from lablive.recording.verify import verify
from lablive.recording.watched import WatchedTrial
from lablive.structs import from_json
from lablive.whole_file import replace_file

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from lablive.analysis import Analysis
    from lablive.metrics.metric import StatKey
    from lablive.protocol.session import MetricSession
    from lablive.recording.verify import VerifyReport

Progress = Callable[[float, str], None]
SCHEMA: Final = 1
_KEYS: Final[tuple[StatKey, ...]] = (*SIDES, "both")


class TrialSummary(msgspec.Struct, frozen=True):
    """What is kept of a trial beside its file.

    Attributes
    ----------
    bytes, mtime_ns
        Of the file when it was counted: another value means it has changed since.
    made_at, software
        When and by which version of the program.
    findings
        Of counting and of the sensors.
    edits
        What tells the edits that were applied; another one means they have changed.
    drills, focus
        Sets of drills and focus runs, for the ladder and the next run.
    """

    schema: int
    file: str
    kind: TrialKind
    state: TrialState
    started: str
    duration_s: float
    bytes: int
    mtime_ns: int
    sha256: str
    made_at: str
    software: str
    findings: tuple[str, ...] = ()
    results: tuple[Result, ...] = ()
    edits: str = ""
    drills: tuple[SetRecord, ...] = ()
    focus: tuple[FocusRecord, ...] = ()


def summary_path(trial: Path) -> Path:
    """Return where the summary of a trial lies."""
    return trial.with_suffix(".json")


def read_summary(trial: Path) -> TrialSummary | None:
    """Return the summary of a trial; None when there is none of this very file."""
    try:
        found = from_json(summary_path(trial).read_bytes(), TrialSummary)
        held = trial.stat()
    except (OSError, msgspec.MsgspecError):
        return None
    same = (found.bytes, found.mtime_ns) == (held.st_size, held.st_mtime_ns)
    same = same and found.edits == edits_digest(trial)
    return found if found.schema == SCHEMA and same else None


def summarise(trial: Path, progress: Progress | None = None) -> TrialSummary:
    """Count a trial again and analyse it.

    What is no recording at all is damaged, and says why. OSError: it cannot be read.
    """
    told = progress or _silent
    held, edits = trial.stat(), edits_digest(trial)
    told(0.0, "counting")
    report, analysis, faults = None, None, list[str]()
    try:
        report = verify(trial)
        told(0.2, "analysing")
        analysis = _analyse(trial, told)
    except LabLiveError as error:
        faults.append(str(error))
    header = header_texts(trial) or {}
    return TrialSummary(
        schema=SCHEMA,
        file=trial.name,
        kind=kind_of(trial, header),
        state=state_of(report) if report else "damaged",
        started=header.get(HeaderKey.STARTED, ""),
        duration_s=report.duration_s if report else 0.0,
        bytes=held.st_size,
        mtime_ns=held.st_mtime_ns,
        sha256=report.sha256 if report else _digest(trial),
        made_at=datetime.now().astimezone().isoformat(timespec="seconds"),
        software=f"LabLive {__version__}",
        findings=(*(report.findings if report else ()), *faults),
        results=tuple(results_of(analysis)) if analysis else (),
        drills=_sets(analysis) if analysis else (),
        focus=analysis.focus if analysis else (),
        edits=edits,
    )


def save_summary(trial: Path, summary: TrialSummary) -> None:
    """Write the summary beside its trial, whole or not at all; OSError when not."""
    text = msgspec.json.format(msgspec.json.encode(summary), indent=1)
    replace_file(summary_path(trial), text)


def state_of(report: VerifyReport) -> TrialState:
    """Return the one word for what counting a trial has found."""
    if report.damage:
        return "damaged"
    if report.ok:
        return "complete"
    return "with losses" if report.is_explained else "not complete"


def kind_of(trial: Path, header: Mapping[str, str]) -> TrialKind:
    """Return where a trial comes from, by its name and header."""
    if header.get(REPAIRED_FROM):
        return "repaired"
    if HeaderKey.SOURCE in header:
        return "imported"
    is_later = HeaderKey.PART_OF in header or CONTINUED.fullmatch(trial.stem)
    return "continued" if is_later else "recorded"


def results_of(analysis: Analysis) -> Iterator[Result]:
    """Yield the numbers worth keeping: each with its sensor, speed and strides."""
    speeds = [stride.speed_mps for stride in analysis.strides if stride.valid]
    one = bool(speeds) and one_speed(*speeds)
    for name, held in analysis.metrics.items():
        of_strides = analysis.session.metrics.get(name)
        if of_strides is not None:
            yield from _at_speeds(name, held.grade, of_strides)
            continue
        for key in _KEYS:
            stat = held.stat(key)
            if stat.n and math.isfinite(stat.median):
                yield Result(
                    metric=name,
                    side=key,
                    unit=held.unit,
                    value=stat.median,
                    n=stat.n,
                    low_mps=min(speeds) if one else None,
                    high_mps=max(speeds) if one else None,
                    grade=held.grade,
                )


def _at_speeds(name: str, grade: str, held: MetricSession) -> Iterator[Result]:
    for key in _KEYS:
        for found in held.at_speeds(key):
            known = math.isfinite(found.low_mps) and math.isfinite(found.high_mps)
            yield Result(
                metric=name,
                side=key,
                unit=held.unit,
                value=found.median,
                n=found.n,
                source=found.source,
                low_mps=found.low_mps if known else None,
                high_mps=found.high_mps if known else None,
                grade=grade,
            )


def _sets(analysis: Analysis) -> tuple[SetRecord, ...]:
    from lablive.drills.ladder import records_of  # not for those who only read

    return records_of(analysis.drills)


def _analyse(trial: Path, told: Progress) -> Analysis:
    """Analyse a trial; what its report says is kept beside it on the way."""
    # the pipeline and figures: not for those who only read
    from lablive.analysis import analyze_trial
    from lablive.report.build import report_data
    from lablive.report.curves import PelvisWatch
    from lablive.report.stored import keep

    opened = WatchedTrial(trial, lambda share: told(0.2 + 0.78 * share, "analysing"))
    pelvis = PelvisWatch()
    try:
        analysed = analyze_trial(opened, watch=pelvis.look)
        with contextlib.suppress(OSError):  # then the report analyses once more
            keep(trial, report_data(opened, analysed, pelvis))
        told(1.0, "analysing")
    finally:
        opened.close()
    return analysed.analysis


def _digest(trial: Path) -> str:
    with trial.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


def _silent(share: float, step: str) -> None:
    del share, step


def main() -> int:
    """Make the summary of a trial; 1 and one message when there is none."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("trial", type=Path)
    trial = parser.parse_args().trial
    with contextlib.suppress(AttributeError, OSError):
        os.nice(10)  # a session may be running

    def tell(share: float, step: str) -> None:
        sys.stdout.write(json.dumps({"progress": round(share, 3), "step": step}) + "\n")
        sys.stdout.flush()

    try:
        save_summary(trial, summarise(trial, tell))
    except OSError as error:
        told = RecordingError(
            f"The summary of {trial} cannot be made ({error.strerror}).",
            still="The trial itself is as it was.",
            todo="Free some space, or mend the folder.",
        )
        sys.stderr.write(f"{told}\n")
        return 1
    _keep_overview(trial)
    return 0


def _keep_overview(path: Path) -> None:
    """Keep the curves of the time line beside a trial that can be read."""
    from lablive.live.overview import keep, make_overview
    from lablive.preparation import prepare
    from lablive.recording.replay import Trial

    with contextlib.suppress(LabLiveError, OSError):  # made again when it is opened
        trial = Trial(path)
        try:
            keep(path, make_overview(trial, prepare(trial, None)))
        finally:
            trial.close()


if __name__ == "__main__":
    sys.exit(main())
