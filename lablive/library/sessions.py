"""Sessions, trials and results in the database: filled from what the folders hold."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, cast

import msgspec
from sqlalchemy import delete, insert, select
from sqlalchemy.orm import selectinload

from lablive.library import people
from lablive.library.found import KnownSession
from lablive.library.models import ResultRow, SessionRow, TrialRow
from lablive.library.records import (
    Person,
    SessionEntry,
    TrialEntry,
    TrialKind,
    TrialState,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sqlalchemy.orm import Session

    from lablive.library.found import FoundSession, FoundTrial
    from lablive.library.records import Result
    from lablive.library.session_plan import SessionPlan


def of_person(db: Session, code: str) -> list[SessionEntry]:
    """Return the sessions of a person, newest first."""
    row = people.by_code(db, code)
    if row is None:
        return []
    wanted = (
        select(SessionRow)
        .where(SessionRow.person_id == row.id)
        .order_by(SessionRow.date.desc(), SessionRow.id.desc())
        .options(selectinload(SessionRow.trials))
    )
    return [told(held, row.code) for held in db.scalars(wanted)]


def told(row: SessionRow, code: str) -> SessionEntry:
    """Return a session as the rest of the program sees it."""
    return SessionEntry(
        code=code,
        date=row.date,
        folder=row.folder,
        protocol=row.protocol,
        speeds_mps=tuple(row.speeds_mps),
        shoes=row.shoes,
        pain_nrs=row.pain_nrs,
        mass_kg=row.mass_kg,
        notes=row.notes,
        trials=tuple(
            TrialEntry(
                file=trial.file,
                kind=cast("TrialKind", trial.kind),
                state=cast("TrialState", trial.state),
                started=trial.started,
                duration_s=trial.duration_s,
                bytes=trial.bytes,
                sha256=trial.sha256,
                findings=tuple(trial.findings),
            )
            for trial in row.trials
        ),
    )


def known_sessions(db: Session) -> dict[str, KnownSession]:
    """Return what is known of every session folder."""
    folders = select(SessionRow.folder, SessionRow.plan_mtime_ns)
    found = {
        folder: KnownSession(mtime_ns, {}) for folder, mtime_ns in db.execute(folders)
    }
    trials = select(
        SessionRow.folder,
        TrialRow.file,
        TrialRow.bytes,
        TrialRow.mtime_ns,
        TrialRow.state,
    ).join(TrialRow)
    for folder, file, size, mtime_ns, state in db.execute(trials):
        if state != "missing":
            known = (size, mtime_ns, state != "not counted")
            found[folder].trials[file] = known
    return found


def file_session(db: Session, found: FoundSession, folder: str) -> tuple[int, bool]:
    """Write what a folder holds; nothing that only the database knows is lost.

    Parameters
    ----------
    db
        Open transaction.
    found
        What was read; its trials are new or changed.
    folder
        Its name in the library.

    Returns
    -------
    tuple
        How many trials are new or changed; whether the person was not known.
    """
    row, stranger = session_row(db, found.code, found.date, folder, found.plan)
    row.plan_mtime_ns = found.plan_mtime_ns
    held = {trial.file: trial for trial in row.trials}
    for trial in found.trials:
        file_trial(db, row, trial, held.pop(trial.path.name, None))
    for name, trial in held.items():
        elsewhere = Path(name).is_absolute() and Path(name).exists()
        if name not in found.unchanged and not elsewhere:
            trial.state = "missing"  # its results stay
    return len(found.trials), stranger


def lose_sessions(db: Session, folders: Iterable[str]) -> int:
    """Mark the trials of folders that are no longer there; return how many trials."""
    gone = 0
    for folder in folders:
        wanted = select(TrialRow).join(SessionRow).where(SessionRow.folder == folder)
        for trial in db.scalars(wanted):
            gone += trial.state != "missing"
            trial.state = "missing"
    return gone


def session_row(
    db: Session, code: str, date: str, folder: str, plan: SessionPlan | None
) -> tuple[SessionRow, bool]:
    """Return the row of a session, made with its person if need be.

    The second value tells whether the person was made: known by the code only.
    """
    person = people.by_code(db, code)
    stranger = person is None
    if person is None:
        person = people.new_row(db, _by_code_only(code, plan))
    wanted = select(SessionRow).where(SessionRow.folder == folder)
    row = db.scalars(wanted).one_or_none()
    if row is None:
        row = SessionRow(
            folder=folder, date=date, started="", protocol="", speeds_mps=[],
            shoes="", pain_nrs=None, mass_kg=None, notes="", plan_mtime_ns=0,
        )  # fmt: skip
        person.sessions.append(row)
    if plan is not None:
        row.started, row.protocol, row.shoes = plan.started, plan.protocol, plan.shoes
        row.speeds_mps, row.pain_nrs = list(plan.speeds_mps), plan.pain_nrs
        row.mass_kg, row.notes = plan.subject.mass_kg, plan.notes
    return row, stranger


def file_trial(
    db: Session, row: SessionRow, found: FoundTrial, held: TrialRow | None
) -> None:
    """Write a trial and, when it was counted, its results."""
    trial = held or TrialRow(file=found.path.name)
    if held is None:
        if str(found.path.parent.name) != Path(row.folder).name:
            trial.file = str(found.path)  # the disk failed, it lies elsewhere
        row.trials.append(trial)
    trial.kind, trial.started = found.kind, found.started
    trial.bytes, trial.mtime_ns = found.bytes, found.mtime_ns
    summary = found.summary
    if summary is None:
        trial.state, trial.sha256, trial.software = "not counted", "", ""
        trial.duration_s, trial.findings = 0.0, list(found.findings)
        _write_results(db, trial, ())
        return
    trial.state, trial.sha256 = summary.state, summary.sha256
    trial.duration_s, trial.software = summary.duration_s, summary.software
    trial.findings = [*found.findings, *summary.findings]
    _write_results(db, trial, summary.results)


def _write_results(db: Session, trial: TrialRow, results: Sequence[Result]) -> None:
    """Replace the results of a trial; in bulk, there are hundreds."""
    db.flush()  # a new trial gets its number
    db.execute(delete(ResultRow).where(ResultRow.trial_id == trial.id))
    if results:
        rows = [{**msgspec.structs.asdict(it), "trial_id": trial.id} for it in results]
        db.execute(insert(ResultRow), rows)


def newest_date(db: Session) -> str:
    """Return the day of the newest session; "" when there is none."""
    wanted = select(SessionRow.date).order_by(SessionRow.date.desc()).limit(1)
    return db.scalar(wanted) or ""


def _by_code_only(code: str, plan: SessionPlan | None) -> Person:
    """Return a person of whom only what a session folder tells is known."""
    if plan is None:
        return Person(code)
    return Person(
        code,
        mass_kg=plan.subject.mass_kg,
        mass_on=plan.date if plan.subject.mass_kg else "",
        height_m=plan.subject.height_m,
        leg_length_m=plan.subject.leg_length_m,
        involved_side=plan.involved_side,
        affected_sensors=plan.affected_sensors,
    )
