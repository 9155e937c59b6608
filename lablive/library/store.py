"""The library: one object for one window, used from one thread.

``<library>/library.sqlite3`` holds people, and the sessions and trials as they lie in
``<library>/sessions``. Every change is one transaction: stored whole, or one message
and nothing changed.
"""

from __future__ import annotations

import contextlib
from contextlib import closing, contextmanager
from datetime import datetime
from typing import IO, TYPE_CHECKING, Final, NamedTuple, cast

import msgspec
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from lablive.clock import now_s
from lablive.errors import LabLiveError, LibraryError
from lablive.library import backup, database, people, progress, sessions
from lablive.library.clock_check import WallClock
from lablive.library.found import describe, read_session, session_folders
from lablive.library.session_plan import NAME, keep_configs, load_plan, save_plan
from lablive.library.summary import read_summary

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Generator, Iterable
    from pathlib import Path

    from sqlalchemy import Engine

    from lablive.library.progress import History
    from lablive.library.records import Person, PersonLine, SessionEntry
    from lablive.library.session_plan import SessionPlan
    from lablive.metrics.metric import StatKey

FILE: Final = "library.sqlite3"
BACKUPS: Final = "backups"
MOST_PEOPLE: Final = 200  # more than anybody reads; typing on finds the rest


class Synced(NamedTuple):
    """What looking through the session folders has brought."""

    sessions: int
    trials: int
    strangers: tuple[str, ...]  # codes without a name
    missing: int
    problems: tuple[str, ...]


class Library:
    """People, sessions, trials and results; see :func:`.opening.open_library`.

    Attributes
    ----------
    home
        Its folder.
    read_only
        It can be looked at but not changed.
    notes
        What is to be told now that it is open.
    """

    def __init__(
        self, home: Path, engine: Engine, lock: IO[bytes] | None, *, read_only: bool
    ) -> None:
        self.home, self.read_only = home, read_only
        self.notes: list[str] = []
        self._engine, self._lock = engine, lock
        self._looking = engine.execution_options(lablive_begin="BEGIN")
        self._clock = WallClock.now()

    @property
    def path(self) -> Path:
        """The database file."""
        return self.home / FILE

    # -- people -------------------------------------------------------------------

    def people(
        self, text: str = "", most: int = MOST_PEOPLE
    ) -> tuple[list[PersonLine], int]:
        """Return the people that a search finds (at most ``most``), and how many."""
        with self._look() as db:
            return people.find(db, text, most)

    def everyone(self) -> list[Person]:
        """Return all people; for an import, not for a list."""
        with self._look() as db:
            return people.everyone(db)

    def person(self, code: str) -> Person | None:
        """Return the person of a code; None when it is not known."""
        with self._look() as db:
            row = people.by_code(db, code)
            return None if row is None else people.told(row)

    def free_code(self) -> str:
        """Return the next code of the clinic's own series."""
        with self._look() as db:
            return people.free_code(db)

    def save(self, person: Person, *, twin_ok: bool = False) -> Person:
        """Add a person (``id`` 0) or change one; return it as stored.

        Raises
        ------
        LibraryError
            See :func:`.people.add` and :func:`.people.change`; nothing was stored.
        """
        with self._change() as db:
            write = people.change if person.id else people.add
            row = write(db, person, twin_ok=twin_ok)
            db.flush()
            return people.told(row)

    def set_mass(self, code: str, mass_kg: float, day: str) -> Person | None:
        """Take a body mass that was typed in a session; None: the code is not known."""
        with self._change() as db:
            row = people.by_code(db, code)
            if row is None:
                return None
            held = people.told(row)
            changed = msgspec.structs.replace(held, mass_kg=mass_kg, mass_on=day)
            people.change(db, changed, twin_ok=True)
            db.flush()
            return people.told(row)

    def add_people(self, wanted: Iterable[Person]) -> list[Person]:
        """Add people of an import, all of them or none; see :func:`.people.add`."""
        with self._change() as db:
            rows = people.add_all(db, list(wanted))
            db.flush()
            return [people.told(row) for row in rows]

    def delete_person(self, code: str) -> None:
        """Delete a person with sessions, trials and results; see :mod:`.forgetting`."""
        with self._change() as db:
            held = cast(
                "sqlite3.Connection", db.connection().connection.driver_connection
            )
            people.delete_rows(held, code)
            db.expire_all()

    def empty_log(self) -> None:
        """Take what was deleted out of the file beside the database, too."""
        with (
            contextlib.suppress(*database.SQLITE_ERRORS),  # else at a later change
            closing(database.connect(self.path)) as held,
        ):
            held.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()

    # -- sessions -----------------------------------------------------------------

    def sessions(self, code: str) -> list[SessionEntry]:
        """Return the sessions of a person, newest first."""
        with self._look() as db:
            return sessions.of_person(db, code)

    def begin_trial(
        self, trial: Path, plan: SessionPlan, configs: dict[str, str]
    ) -> str:
        """Write down the session of a trial that is being recorded.

        Parameters
        ----------
        trial
            Its file, in the session's folder.
        plan
            What the session is; what its folder says already is kept where this
            says nothing.
        configs
            As :func:`.session_plan.used_configs` returns them.

        Returns
        -------
        str
            What is to be told of the computer's clock; mostly "".
        """
        folder = trial.parent
        names = keep_configs(folder, configs)
        with self._look() as db:
            newest = sessions.newest_date(db)
        with self._change() as db:
            db.connection()  # from here on no other window reads or writes a plan
            with contextlib.suppress(LabLiveError):
                plan = _joined(load_plan(folder), plan)
            kept = {**plan.configs, trial.name: names}
            plan = msgspec.structs.replace(plan, configs=kept)
            save_plan(folder, plan)
            place = self._place(folder)
            sessions.session_row(db, plan.code, plan.date, place, plan)
        return self._clock.note(datetime.now().astimezone(), now_s(), newest)

    def change_session(self, folder: str, plan: SessionPlan) -> None:
        """Change what a session's folder and row say of it."""
        with self._change() as db:
            sessions.session_row(db, plan.code, plan.date, folder, plan)
            save_plan(self.home / folder, plan)  # fails: the row is as it was, too

    def has_plan(self, folder: str) -> bool:
        """Tell whether the folder of a session says what it is."""
        return (self.home / folder / NAME).exists()

    def plan(self, folder: str) -> SessionPlan:
        """Return the plan of a session; ConfigError when its folder has none."""
        return load_plan(self.home / folder)

    def file_trial(self, trial: Path, folder: Path, code: str) -> None:
        """Take a trial that was recorded, or its summary, into its session.

        Parameters
        ----------
        trial
            The file; in another place than ``folder`` when the disk failed.
        folder
            Of the session.
        code
            Of the person.
        """
        try:
            found = describe(trial, code, read_summary(trial))
        except OSError as error:
            raise LibraryError(
                "folder",
                f"{trial} cannot be read ({error.strerror}).",
                still="The library is as it was.",
                todo="Look for the file; the next start looks again.",
            ) from error
        with self._change() as db:
            date = folder.name[:10]
            place = self._place(folder)
            row, _ = sessions.session_row(db, code, date, place, None)
            held = {held.file: held for held in row.trials}
            name = trial.name if trial.parent == folder else str(trial)
            sessions.file_trial(db, row, found, held.get(name))

    def sync(self) -> Synced:
        """Fill sessions and trials from the folders; the files are the truth."""
        with self._look() as db:
            known = sessions.known_sessions(db)
        folders = list(session_folders(self.home))
        read = (read_session(it, known.get(self._place(it))) for it in folders)
        found = [session for session in read if session is not None]
        there = {self._place(session.folder) for session in found}
        gone = [place for place, held in known.items() if held.trials]
        gone = [place for place in gone if place not in there]
        news = [session for session in found if session.is_news]
        trials, missing, strangers = 0, 0, list[str]()
        if news or gone:
            with self._change() as db:
                for session in news:
                    place = self._place(session.folder)
                    new, stranger = sessions.file_session(db, session, place)
                    trials += new
                    if stranger:
                        strangers.append(session.code)
                missing = sessions.lose_sessions(db, gone)
        problems = [text for session in found for text in session.problems]
        return Synced(len(found), trials, tuple(strangers), missing, tuple(problems))

    def uncounted(self) -> list[Path]:
        """Return the trials on disk that nobody has counted yet, oldest first."""
        with self._look() as db:
            known = sessions.known_sessions(db)
        paths = (
            self.home / folder / file
            for folder, held in known.items()
            for file, (_, _, counted) in held.trials.items()
            if not counted
        )
        return sorted(path for path in paths if path.exists())

    def history(self, code: str, metric: str, side: StatKey = "both") -> History:
        """Return a metric of a person over the sessions; see :mod:`.progress`."""
        with self._look() as db:
            return progress.history(db, code, metric, side)

    # -- keeping ------------------------------------------------------------------

    def backup(self) -> backup.Backup | None:
        """Make a copy unless the newest one holds the same; see :mod:`.backup`."""
        if self.read_only:
            return None
        return backup.make_if_changed(self.path, self.home / BACKUPS)

    def close(self) -> None:
        """Let go of the file. Callable twice."""
        self._engine.dispose()
        if self._lock is not None and not self._lock.closed:
            self._lock.close()

    # -- inside -------------------------------------------------------------------

    def _place(self, folder: Path) -> str:
        """Return a folder's name in the library, the same on every system."""
        return folder.relative_to(self.home).as_posix()

    @contextmanager
    def _look(self) -> Generator[Session]:
        try:
            with Session(self._looking) as db, db.begin():
                yield db
        except DBAPIError as error:
            raise database.in_words(error.orig or error, self.path) from error

    @contextmanager
    def _change(self) -> Generator[Session]:
        if self.read_only:
            raise database.read_only(self.path)
        try:
            with Session(self._engine) as db, db.begin():
                yield db
        except StaleDataError as error:
            raise LibraryError(
                "changed",
                "This was changed in another window meanwhile.",
                still="What that window stored is kept.",
                todo="Look again, then change it.",
            ) from error
        except IntegrityError as error:
            raise LibraryError(
                "duplicate",
                f"This is in the library already ({error.orig}).",
                still="Nothing was stored.",
            ) from error
        except DBAPIError as error:
            raise database.in_words(error.orig or error, self.path) from error


def _joined(before: SessionPlan, now: SessionPlan) -> SessionPlan:
    """Return the plan of a folder with what is told now."""
    told = {
        field: value
        for field in now.__struct_fields__
        if (value := getattr(now, field)) not in ("", (), None, {})
    }
    told["started"] = before.started or now.started
    told.pop("configs", None)
    return msgspec.structs.replace(before, **told)
