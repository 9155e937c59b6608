"""People from tables: columns guessed, everything tried first, doubles told."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st
from library_cases import ANNA, BEN, made

from lablive.errors import LibraryError
from lablive.library.people_csv import dry_run, guess, read_table

GERMAN = (
    "Patientennummer;Nachname;Vorname;Geburtsdatum;Gewicht (kg);Größe [cm];"
    "Beinlänge;Seite;Bemerkung\n"
    'K-01;Weiß;Jürgen;03.05.1969;81,5;183;0,97;rechts;"läuft; auch nachts"\n'
    ";Groß;Eva;1990;;1,71;;beidseits;\n"
)


@pytest.fixture
def table(tmp_path):
    def read(text, encoding="utf-8"):
        path = tmp_path / "people.csv"
        path.write_bytes(text if isinstance(text, bytes) else text.encode(encoding))
        return read_table(path)

    return read


def tried(table, taken=()):
    return dry_run(table, guess(table.head), taken)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
def test_a_german_table_is_read_whatever_its_encoding(table, encoding):
    read = table(GERMAN, encoding)
    first, second = tried(read, [ANNA, BEN]).people
    assert (first.code, first.name) == ("K-01", "Weiß, Jürgen")
    assert (first.birth_year, first.mass_kg, first.height_m) == (1969, 81.5, 1.83)
    assert (first.leg_length_m, first.involved_side) == (0.97, "right")
    assert first.notes == "läuft; auch nachts"
    assert (second.code, second.mass_kg, second.height_m) == ("LB-0003", None, 1.71)
    assert second.involved_side == "both"
    assert bool(read.notes) == (encoding == "cp1252")


def test_what_was_read_in_a_certain_way_is_told(table):
    told = tried(table(GERMAN)).lines[0].notes
    assert "Only the year of 03.05.1969 is kept." in told
    assert "183 was read as 183 cm." in told
    (line,) = tried(table("name\tmass\nAnna Maria Berg\t60\n")).lines
    assert line.person.name == "Berg, Anna Maria"
    assert line.notes == ("Berg was read as the family name.",)


def test_bad_lines_are_left_out_with_their_reasons_and_the_rest_stays(table):
    text = (
        "code,last name,first name,year of birth,mass,height,side\n"
        "A-1,Hill,Jo,1980,70,1.8,l\n"
        "A-2,Hill,Al,1980,7000,1.8,x\n"
        "\n"
        "A 3,Dale,Bo,soon,heavy,9,\n"
        "a-1,Other,One,1970,70,1.8,\n"
        "A-4,HILL,jo,1980,70,1.8,\n"
        "A-5,Reed,Ann\n"
    )
    run = tried(table(text))
    assert [person.code for person in run.people] == ["A-1", "A-5"]
    reasons = {line.line: " ".join(line.problems) for line in run.left_out}
    assert "7000 kg is not plausible" in reasons[3]
    assert "'x': left, right or both" in reasons[3]
    for words in ("file names", "birth year can be read in 'soon'", "'heavy' is no",
                  "0.09 m is not plausible"):  # fmt: skip
        assert words in reasons[5]
    assert reasons[6] == "The code A-1 is taken."
    assert reasons[7] == "A-1 has the same name and birth year."


def test_people_of_the_library_are_told_as_doubles(table):
    head = "code;family name;given name;birth year\n"
    text = f"{head}LB-0002;X;Y;1960\n;müller-øst;ANNA;1988\n"
    run = tried(table(text), [ANNA, BEN])
    assert run.people == []
    assert [line.problems[0] for line in run.left_out] == [
        "The code LB-0002 is taken.", "LB-0001 has the same name and birth year.",
    ]  # fmt: skip


def test_what_was_tried_is_what_is_stored(table, tmp_path):
    library = made(tmp_path / "lab", ANNA)
    run = dry_run(table(GERMAN), guess(table(GERMAN).head), library.everyone())
    stored = library.add_people(run.people)
    assert [person.code for person in stored] == ["K-01", "LB-0002"]
    assert library.people("jurgen")[0][0].person.mass_kg == 81.5
    # a second time they are all there already: none is stored twice
    again = dry_run(table(GERMAN), guess(table(GERMAN).head), library.everyone())
    assert again.people == []
    with pytest.raises(LibraryError, match="taken"):
        library.add_people(run.people)
    assert library.people()[1] == 3
    library.close()


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "column names"), (b"code,mass\n", "column names"),
        (b"PK\x03\x04\0\0", "no text"), (b'code\n"open\n', "unexpected end"),
    ],
)  # fmt: skip
def test_what_is_no_table_is_one_message(table, data, words):
    with pytest.raises(LibraryError, match=words):
        table(data)


def test_a_file_that_is_not_there_is_one_message(tmp_path):
    with pytest.raises(LibraryError, match="No such file"):
        read_table(tmp_path / "none.csv")


def test_heads_nobody_knows_are_left_for_the_operator():
    assert guess(["", "colour", "Name", "Vorname"]) == {"given_name": 3}


@given(st.binary(max_size=200))
def test_any_bytes_are_a_table_or_one_message(tmp_path_factory, data):
    path = tmp_path_factory.getbasetemp() / "any.csv"
    path.write_bytes(b"code;name;birth year;mass;height;side\n" + data)
    with suppress(LibraryError):
        read = read_table(path)
        run = tried(read, [ANNA])
        assert len(run.lines) == len(read.rows)
        assert len({person.code.casefold() for person in run.people}) == len(run.people)
