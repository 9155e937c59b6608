"""People: stored as typed, found as typed, refused with one message."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from library_cases import ANNA, BEN, made, same, session
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from lablive.errors import LibraryError
from lablive.library.opening import open_library
from lablive.library.person_check import name_in_code, next_code, plain, problems
from lablive.library.records import Person

replace = msgspec.structs.replace


@pytest.fixture
def library(tmp_path):
    found = made(tmp_path, ANNA, BEN)
    yield found
    found.close()


def codes(library, text):
    return [line.person.code for line in library.people(text)[0]]


def test_a_person_comes_back_as_typed_also_after_closing(tmp_path):
    made(tmp_path, ANNA).close()
    library = open_library(tmp_path)
    assert same(library.person("lb-0001"), ANNA)
    library.close()


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("", ["LB-0001", "LB-0002"]), ("mul", ["LB-0001"]), ("MÜLLER an", ["LB-0001"]),
        ("muller-ost", ["LB-0001"]), ("øst", ["LB-0001"]), ("0002", ["LB-0002"]),
        ("1975", ["LB-0002"]), ("o'n", ["LB-0002"]), ("%", []), ("_", []),
        ("anna ben", []), ("  ", ["LB-0001", "LB-0002"]),
    ],
)  # fmt: skip
def test_search_looks_at_every_word_without_case_or_accents(library, typed, found):
    assert codes(library, typed) == found


def test_those_seen_last_come_first_and_all_are_counted(tmp_path):
    library = made(tmp_path, *(Person(f"P-{n:03d}") for n in range(30)))
    session(tmp_path, "2026-11-02", "P-007")
    session(tmp_path, "2026-11-20", "P-011")
    library.sync()
    lines, total = library.people("p-", most=3)
    assert [line.person.code for line in lines] == ["P-011", "P-007", "P-000"]
    assert (lines[0].sessions, lines[0].last_date) == (1, "2026-11-20")
    assert total == 30
    library.close()


def test_a_change_is_stored_and_what_was_not_changed_stays(library):
    before = library.person("LB-0001")
    after = library.save(replace(before, mass_kg=61.0, mass_on="2026-11-21"))
    assert same(after, replace(ANNA, mass_kg=61.0, mass_on="2026-11-21"))
    assert same(library.person("LB-0002"), BEN)


@pytest.mark.parametrize(
    ("change", "field", "words"),
    [
        ({"mass_kg": 620.0}, "mass_kg", "A body mass of 620 kg is not plausible."),
        ({"mass_kg": -1.0}, "mass_kg", "20 to 250 kg"),
        ({"height_m": 168.0}, "height_m", "168 m is not plausible"),
        ({"leg_length_m": 1.4}, "leg_length_m", "does not go with a height of 1.68"),
        ({"birth_year": 1788}, "birth_year", "1788"),
        ({"birth_year": 2999}, "birth_year", "2999"),
        ({"code": "../etc"}, "code", "cannot be used in file names"),
        ({"code": "CON"}, "code", "cannot be used in file names"),
        ({"code": "A."}, "code", "cannot be used in file names"),
        ({"code": "anna88"}, "code", "holds the name Anna"),
        ({"given_name": "x" * 81}, "given_name", "80 characters"),
        ({"affected_sensors": ("elbow",)}, "affected_sensors", "elbow"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused_and_nothing_changes(library, change, field, words):
    wrong = replace(library.person("LB-0001"), **change)
    assert words in problems(wrong)[field]
    with pytest.raises(LibraryError, match="Nothing changed") as told:
        library.save(wrong)
    assert told.value.kind == "wrong"
    assert same(library.person("LB-0001"), ANNA)


def test_every_problem_is_told_at_once(library):
    wrong = Person("..", mass_kg=1.0, birth_year=3)
    with pytest.raises(LibraryError) as told:
        library.save(wrong)
    for word in ("file names", "1 kg", "birth year 3"):
        assert word in str(told.value)


def test_a_code_is_taken_whatever_its_case(library):
    with pytest.raises(
        LibraryError, match=r"LB-0001 is taken.*LB-0003 is free"
    ) as told:
        library.save(Person("lb-0001"))
    assert told.value.kind == "duplicate"
    assert library.people()[1] == 2


@pytest.mark.parametrize("year", [1988, None])
def test_the_same_name_is_told_and_can_be_meant(library, year):
    twin = Person("LB-0009", "anna", "MULLER-ØST", year)
    with pytest.raises(LibraryError, match="LB-0001 has the same name") as told:
        library.save(twin)
    assert told.value.kind == "twin"
    assert library.person("LB-0009") is None
    library.save(twin, twin_ok=True)
    assert library.person("LB-0009").given_name == "anna"


def test_another_birth_year_is_another_person(library):
    library.save(Person("LB-0009", "Anna", "Müller-Øst", 1990))
    assert library.people("anna")[1] == 2


def test_a_code_with_sessions_stays_and_one_without_can_change(library):
    session(library.home, "2026-11-20", "LB-0001")
    library.sync()
    with pytest.raises(LibraryError, match="1 session folders and stays"):
        library.save(replace(library.person("LB-0001"), code="LB-0100"))
    library.save(replace(library.person("LB-0002"), code="LB-0200"))
    assert codes(library, "ben") == ["LB-0200"]
    with pytest.raises(LibraryError, match="taken"):
        library.save(replace(library.person("LB-0200"), code="lb-0001"))


def test_two_windows_that_change_one_person_lose_nothing(library):
    other = open_library(library.home)
    mine, theirs = library.person("LB-0001"), other.person("LB-0001")
    other.save(replace(theirs, notes="theirs"))
    with pytest.raises(LibraryError, match="changed in another window") as told:
        library.save(replace(mine, notes="mine"))
    assert told.value.kind == "changed"
    assert library.person("LB-0001").notes == "theirs"
    other.close()


@pytest.mark.parametrize(
    ("taken", "free"),
    [
        ([], "LB-0001"), (["guest"], "LB-0001"), (["LB-0009"], "LB-0010"),
        (["K7", "K9", "LB-0003"], "K10"), (["99"], "100"),
    ],
)  # fmt: skip
def test_the_next_code_follows_the_clinics_own(taken, free):
    assert next_code(taken) == free


def test_an_error_of_the_database_holds_no_name(library):
    with pytest.raises(SQLAlchemyError) as told, library._engine.begin() as held:
        held.execute(
            text("UPDATE person SET given_name = :n, nowhere = 1"), {"n": "Eve"}
        )
    assert "Eve" not in str(told.value)


def test_short_names_are_in_codes_by_chance():
    assert not name_in_code(Person("LB-0001", "Bo", "Lb"))


@given(st.text(max_size=30), st.text(max_size=30))
def test_search_finds_what_it_was_stored_with(one, other):
    whole = plain(f"{one} {other}")
    assert all(word in whole for word in plain(one).split())
    assert plain(whole) == whole
