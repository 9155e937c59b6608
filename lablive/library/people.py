"""People in the database: find, add, change."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Final, cast

from sqlalchemy import func, or_, select

from lablive.errors import LibraryError
from lablive.library.models import PersonRow, SessionRow
from lablive.library.person_check import check, next_code, plain
from lablive.library.records import InvolvedSide, Person, PersonLine

if TYPE_CHECKING:
    import sqlite3

    from sqlalchemy.orm import Session

_FIELDS: Final = (
    "given_name", "family_name", "birth_year", "mass_kg", "mass_on", "height_m",
    "leg_length_m", "notes",
)  # fmt: skip
_OF: Final = "SELECT id FROM person WHERE code_key = ?"
# results and trials first: what hangs on something goes before it
_DELETING: Final = (
    "DELETE FROM result WHERE trial_id IN (SELECT t.id FROM trial t JOIN session s "
    f"ON s.id = t.session_id WHERE s.person_id IN ({_OF}))",
    "DELETE FROM trial WHERE session_id IN "
    f"(SELECT id FROM session WHERE person_id IN ({_OF}))",
    f"DELETE FROM session WHERE person_id IN ({_OF})",
    "DELETE FROM person WHERE code_key = ?",
)


def find(db: Session, text: str, most: int) -> tuple[list[PersonLine], int]:
    """Return the people whose code, name or birth year hold every word, and how many.

    Those of the latest sessions come first; the count is of all, beyond ``most``, too.
    """
    wanted = select(PersonRow)
    for word in plain(text).split():
        match = PersonRow.search_key.contains(word, autoescape=True)
        wanted = wanted.where(match)
    total = db.scalar(select(func.count()).select_from(wanted.subquery())) or 0
    last = func.max(SessionRow.date)
    lines = db.execute(
        wanted.outerjoin(SessionRow)
        .add_columns(func.count(SessionRow.id), last)
        .group_by(PersonRow.id)
        .order_by(last.desc().nulls_last(), PersonRow.code_key)
        .limit(most)
    )
    found = [PersonLine(told(row), count, date or "") for row, count, date in lines]
    return found, total


def everyone(db: Session) -> list[Person]:
    """Return all people by code."""
    return [told(row) for row in db.scalars(select(PersonRow).order_by(PersonRow.code))]


def by_code(db: Session, code: str) -> PersonRow | None:
    """Return the row of a code, whatever its case; None when it is not known."""
    wanted = select(PersonRow).where(PersonRow.code_key == code.casefold())
    return db.scalars(wanted).one_or_none()


def free_code(db: Session) -> str:
    """Return the next code of the clinic's own series."""
    return next_code(db.scalars(select(PersonRow.code)))


def add(db: Session, person: Person, *, twin_ok: bool = False) -> PersonRow:
    """Add a person; call ``told`` once the row is stored.

    Raises
    ------
    LibraryError
        ``wrong``: implausible; ``duplicate``: code taken, or (unless ``twin_ok``)
        there is somebody of this name and birth year.
    """
    check(person)
    other = by_code(db, person.code)
    if other is not None:
        raise _taken(other.code, free_code(db))
    _refuse_twin(db, person, twin_ok=twin_ok)
    return new_row(db, person)


def add_all(db: Session, wanted: list[Person]) -> list[PersonRow]:
    """Add people of an import, whatever their names; see :func:`add`."""
    taken = {code.casefold(): code for code in db.scalars(select(PersonRow.code))}
    for person in wanted:
        check(person)
        if person.code.casefold() in taken:
            raise _taken(taken[person.code.casefold()], next_code(taken.values()))
        taken[person.code.casefold()] = person.code
    return [new_row(db, person) for person in wanted]


def _taken(code: str, free: str) -> LibraryError:
    return LibraryError(
        "duplicate",
        f"The code {code} is taken.",
        still="Nothing was stored.",
        todo=f"Use another, {free} is free.",
    )


def new_row(db: Session, person: Person) -> PersonRow:
    """Add a person whatever is known: what lies in session folders is not lost."""
    created = datetime.now().astimezone().isoformat(timespec="seconds")
    row = PersonRow(code=person.code, code_key=person.code.casefold(), created=created)
    _write(row, person)
    db.add(row)
    return row


def change(db: Session, person: Person, *, twin_ok: bool = False) -> PersonRow:
    """Change a person; the code can be changed as long as no session has it.

    Raises
    ------
    LibraryError
        As :func:`add`; ``changed``: somebody else has changed it meanwhile;
        ``unknown``: it is not there.
    """
    check(person)
    row = db.get(PersonRow, person.id)
    if row is None:
        raise LibraryError(
            "unknown", f"{person.code} is not in the library.", still="Nothing changed."
        )
    if row.version != person.version:
        raise LibraryError(
            "changed",
            f"{row.code} was changed in another window meanwhile.",
            still="What that window stored is kept; yours is still in the form.",
            todo="Close the form, look at the person again, and change it then.",
        )
    _refuse_twin(db, person, twin_ok=twin_ok)
    if person.code != row.code:
        _change_code(db, row, person.code)
    _write(row, person)
    return row


def has_row(held: sqlite3.Connection, code: str) -> bool:
    """Tell whether a database file, of whatever version, has a code."""
    return held.execute(_OF, (code.casefold(),)).fetchone() is not None


def delete_rows(held: sqlite3.Connection, code: str) -> None:
    """Delete a person and all that hangs on them, in the transaction that is open."""
    for step in _DELETING:
        held.execute(step, (code.casefold(),))


def told(row: PersonRow) -> Person:
    """Return a person as the rest of the program sees it."""
    values = {field: getattr(row, field) for field in _FIELDS}
    return Person(
        code=row.code,
        id=row.id,
        version=row.version,
        involved_side=cast("InvolvedSide", row.involved_side),
        affected_sensors=tuple(row.affected_sensors),
        **values,
    )


def twin_of(db: Session, person: Person) -> PersonRow | None:
    """Return somebody else of the same name and a birth year that may be the same."""
    if not person.family_name.strip():
        return None
    same = PersonRow.search_key.contains(_name_key(person), autoescape=True)
    wanted = select(PersonRow).where(same, PersonRow.id != person.id)
    if person.birth_year is not None:
        year = PersonRow.birth_year
        wanted = wanted.where(or_(year == person.birth_year, year.is_(None)))
    return next(
        (
            row
            for row in db.scalars(wanted)
            if _name_key(told(row)) == _name_key(person)
        ),
        None,
    )


def _refuse_twin(db: Session, person: Person, *, twin_ok: bool) -> None:
    twin = None if twin_ok else twin_of(db, person)
    if twin is not None:
        year = f", born {twin.birth_year}" if twin.birth_year else ""
        raise LibraryError(
            "twin",
            f"{twin.code} has the same name{year}.",
            still="Nothing was stored.",
            todo=f"Use {twin.code} if it is the same person, or save all the same.",
        )


def _change_code(db: Session, row: PersonRow, code: str) -> None:
    if row.sessions:
        raise LibraryError(
            "wrong",
            f"The code {row.code} stands in the names of "
            f"{len(row.sessions)} session folders and stays.",
            still="Nothing was stored.",
        )
    other = by_code(db, code)
    if other is not None and other is not row:
        raise LibraryError(
            "duplicate", f"The code {other.code} is taken.", still="Nothing was stored."
        )
    row.code, row.code_key = code, code.casefold()


def _write(row: PersonRow, person: Person) -> None:
    for field in _FIELDS:
        value = getattr(person, field)
        setattr(row, field, value.strip() if isinstance(value, str) else value)
    row.involved_side = person.involved_side
    row.affected_sensors = list(person.affected_sensors)
    year = str(person.birth_year or "")
    row.search_key = plain(f"{_name_key(person)} | {person.code} {year}")


def _name_key(person: Person) -> str:
    return plain(f"{person.family_name} {person.given_name}")
