"""People from a table of another program: read, laid out, tried before it is stored."""

from __future__ import annotations

import csv
import re
from typing import TYPE_CHECKING, Final, NamedTuple

import msgspec

from lablive.errors import LibraryError
from lablive.library.person_check import next_code, plain, problems
from lablive.library.records import InvolvedSide, Person

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

MOST_ROWS: Final = 20_000
_MOST_BYTES: Final = 32 << 20
_DELIMITERS: Final = (";", "\t", ",", "|")
_CM: Final = 3.0  # nobody is 3 m tall, nobody 3 cm
_YEAR: Final = re.compile(r"(?<!\d)(1[89]\d\d|20\d\d)(?!\d)")
_NUMBER: Final = re.compile(r"-?\d+(?:[.,]\d+)?")

# field -> words of column heads, in English and German, as `plain` writes them
HEADS: Final[dict[str, tuple[str, ...]]] = {
    "code": (
        "code", "id", "person code", "patient id", "patient code", "pseudonym",
        "patientennummer", "nummer", "nr", "subject", "participant", "proband",
    ),
    "family_name": (
        "family name", "last name", "surname", "lastname", "nachname", "familienname",
    ),
    "given_name": ("given name", "first name", "firstname", "vorname"),
    "name": ("name", "full name", "patient", "patient name"),
    "birth_year": (
        "birth year", "year of birth", "date of birth", "birth date", "birthdate",
        "dob", "geburtsjahr", "geburtsdatum", "born", "yob",
    ),
    "mass_kg": (
        "mass", "body mass", "weight", "body weight", "gewicht", "korpergewicht",
        "masse",
    ),
    "height_m": (
        "height", "body height", "stature", "grosse", "korpergrosse", "korperhohe",
    ),
    "leg_length_m": ("leg length", "beinlange", "leg"),
    "involved_side": ("involved side", "side", "affected side", "seite",
                      "betroffene seite"),
    "notes": ("notes", "note", "comment", "comments", "notizen", "bemerkung",
              "kommentar"),
}  # fmt: skip
_SIDES: Final[dict[str, InvolvedSide]] = {
    "": "", "none": "", "no": "", "-": "", "keine": "", "nein": "",
    "left": "left", "l": "left", "links": "left", "li": "left",
    "right": "right", "r": "right", "rechts": "right", "re": "right",
    "both": "both", "b": "both", "beide": "both", "beidseits": "both",
    "bilateral": "both", "bds": "both",
}  # fmt: skip


class Table(NamedTuple):
    """A file as cells: its first line, and every other with its line number."""

    head: tuple[str, ...]
    rows: tuple[tuple[int, tuple[str, ...]], ...]
    notes: tuple[str, ...]


class ImportLine(msgspec.Struct, frozen=True):
    """What becomes of one line.

    Attributes
    ----------
    person
        As it would be stored; None when it cannot be.
    problems
        Why it is left out.
    notes
        What was read in a certain way.
    """

    line: int
    person: Person | None
    problems: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


class DryRun(NamedTuple):
    """What an import would do; nothing was stored yet."""

    lines: tuple[ImportLine, ...]

    @property
    def people(self) -> list[Person]:
        """Those who would be added."""
        return [line.person for line in self.lines if line.person is not None]

    @property
    def left_out(self) -> list[ImportLine]:
        """Lines that would not be taken, with the reason."""
        return [line for line in self.lines if line.person is None]


def read_table(path: Path) -> Table:
    """Read a CSV file, whatever its delimiter and encoding.

    Raises
    ------
    LibraryError
        Kind ``wrong``: it cannot be read, or is no table with a head.
    """
    try:
        if path.stat().st_size > _MOST_BYTES:
            raise _no_table(path, "it is larger than 32 MB")
        data = path.read_bytes()
    except OSError as error:
        raise _no_table(path, error.strerror or str(error)) from error
    if b"\0" in data and not data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise _no_table(path, "it is no text; save it as CSV first")
    text, notes = _text(data)
    lines = text.splitlines()
    head_line = next((line for line in lines if line.strip()), "")
    delimiter = max(_DELIMITERS, key=head_line.count)
    try:
        reader = csv.reader(lines, delimiter=delimiter, strict=True)
        cells = [
            (reader.line_num, tuple(cell.strip() for cell in row)) for row in reader
        ]
    except csv.Error as error:
        raise _no_table(path, str(error)) from error
    filled = [(line, row) for line, row in cells if any(row)]
    if len(filled) < 2:
        raise _no_table(path, "a line of column names and one of values are needed")
    if len(filled) > MOST_ROWS:
        raise _no_table(path, f"it has more than {MOST_ROWS} lines")
    (_, head), rows = filled[0], filled[1:]
    return Table(head, tuple(rows), notes)


def guess(head: Iterable[str]) -> dict[str, int]:
    """Return which column is which field, as far as the heads tell.

    >>> guess(["Patient ID", "Größe [cm]", "shoe"])
    {'code': 0, 'height_m': 1}
    """
    found: dict[str, int] = {}
    for column, text in enumerate(head):
        word = re.sub(r"[\[(].*?[\])]|_|\b(kg|cm|m)$", " ", plain(text))
        word = " ".join(word.split()).strip(" .:")
        for field, heads in HEADS.items():
            if word in heads and field not in found:
                found[field] = column
                break
    if {"family_name", "given_name"} & found.keys():
        found.pop("name", None)
    return found


def dry_run(
    table: Table, columns: Mapping[str, int], taken: Iterable[Person]
) -> DryRun:
    """Try an import; nothing is stored.

    Parameters
    ----------
    table
        The file.
    columns
        Field (of :data:`HEADS`) -> column.
    taken
        The people of the library.
    """
    everyone = list(taken)
    codes = {person.code.casefold(): person.code for person in everyone}
    names = {
        _name_key(person): person.code for person in everyone if person.family_name
    }
    lines: list[ImportLine] = []
    for number, row in table.rows:
        cells = {
            field: row[column] if column < len(row) else ""
            for field, column in columns.items()
        }
        made, wrong, notes = _person(cells)
        if not made.code:
            made = msgspec.structs.replace(made, code=next_code(codes.values()))
        wrong += [text for text in problems(made).values() if text not in wrong]
        wrong += _doubles(made, codes, names)
        if not wrong:
            codes[made.code.casefold()] = made.code
            if made.family_name:
                names[_name_key(made)] = made.code
        kept = None if wrong else made
        lines.append(ImportLine(number, kept, tuple(wrong), tuple(notes)))
    return DryRun(tuple(lines))


def _person(cells: Mapping[str, str]) -> tuple[Person, list[str], list[str]]:
    """Return a person of cells, what cannot be read, and how some were read."""
    wrong: list[str] = []
    notes: list[str] = []
    given, family = cells.get("given_name", ""), cells.get("family_name", "")
    if cells.get("name"):
        given, family = _split_name(cells["name"], notes)
    side = _SIDES.get(plain(cells.get("involved_side", "")))
    if side is None:
        wrong.append(f"Involved side {cells['involved_side']!r}: left, right or both.")
    year_text = cells.get("birth_year", "")
    years = _YEAR.findall(year_text)
    if year_text and len(years) != 1:
        wrong.append(f"No birth year can be read in {year_text!r}.")
    elif years and years[0] != year_text:
        notes.append(f"Only the year of {year_text} is kept.")
    made = Person(
        code=cells.get("code", ""),
        given_name=given,
        family_name=family,
        birth_year=int(years[0]) if len(years) == 1 else None,
        involved_side=side or "",
        notes=cells.get("notes", ""),
        mass_kg=_number("mass_kg", cells, wrong, notes),
        height_m=_number("height_m", cells, wrong, notes),
        leg_length_m=_number("leg_length_m", cells, wrong, notes),
    )
    return made, wrong, notes


def _number(
    field: str, cells: Mapping[str, str], wrong: list[str], notes: list[str]
) -> float | None:
    """Return a quantity in kg or m; lengths over 3 are centimetres."""
    text = cells.get(field, "")
    if not text:
        return None
    bare = re.sub(r"(kg|cm|m)$", "", plain(text)).strip()
    if not _NUMBER.fullmatch(bare):
        wrong.append(f"{text!r} is no number.")
        return None
    value = float(bare.replace(",", "."))
    if field == "mass_kg" or value <= _CM:
        return value
    notes.append(f"{text} was read as {value:g} cm.")
    return round(value / 100, 4)


def _split_name(name: str, notes: list[str]) -> tuple[str, str]:
    family, comma, given = name.partition(",")
    if comma:
        return given.strip(), family.strip()
    given, _, family = name.strip().rpartition(" ")
    if given:
        notes.append(f"{family} was read as the family name.")
    return given, family


def _doubles(
    person: Person,
    codes: Mapping[str, str],
    names: Mapping[tuple[str, int | None], str],
) -> Iterator[str]:
    if person.code.casefold() in codes:
        yield f"The code {codes[person.code.casefold()]} is taken."
    elif person.family_name:
        other = names.get(_name_key(person))
        if other:
            yield f"{other} has the same name and birth year."


def _name_key(person: Person) -> tuple[str, int | None]:
    return plain(f"{person.family_name} {person.given_name}"), person.birth_year


def _text(data: bytes) -> tuple[str, tuple[str, ...]]:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", errors="replace"), ()
    try:
        return data.decode("utf-8-sig"), ()
    except UnicodeDecodeError:
        told = "The file is no UTF-8; it was read as Windows text. Check the umlauts."
        return data.decode("cp1252", errors="replace"), (told,)


def _no_table(path: Path, why: str) -> LibraryError:
    return LibraryError(
        "wrong",
        f"{path.name} cannot be read as a table of people ({why}).",
        still="Nothing was stored.",
        todo="Save it as CSV with one line of column names, one person a line.",
    )
