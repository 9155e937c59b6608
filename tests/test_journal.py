"""The journal: every change of a line is found; who, what and which limits it holds."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lablive import journal
from lablive.errors import RecordingError

DONE = ("export", "report", "edit", "person changed", "backup restored")


@pytest.fixture
def home(tmp_path):
    """Return a library with five lines in its journal."""
    for number, what in enumerate(DONE):
        journal.note(tmp_path, what, code=f"LB-000{number}", strides=number)
    return tmp_path


def text_of(home):
    return (home / journal.FILE).read_bytes().splitlines(keepends=True)


def write(home, texts):
    (home / journal.FILE).write_bytes(b"".join(texts))


def test_lines_say_who_what_when_and_with_which_limits(home, monkeypatch):
    monkeypatch.setenv(journal.OPERATOR, "Dr. Lind")
    last = journal.note(home, "export", code="LB-0042", to="c3d")
    assert journal.lines(home)[-1] == last
    assert last.who.startswith("Dr. Lind (")
    assert last.number == 6
    assert last.about == {"code": "LB-0042", "to": "c3d"}
    assert len(last.thresholds) == 16
    assert last.software.startswith("LabLive ")
    assert journal.verify(home) == (6, last.hash, ())
    assert (home / journal.FILE).stat().st_mode & 0o077 == 0


def test_every_changed_field_is_found(home):
    texts = text_of(home)
    for place, text in enumerate(texts):
        for key, value in json.loads(text).items():
            other = value + 1 if isinstance(value, int) else "other"
            other = {} if isinstance(value, dict) else other
            changed = {**json.loads(text), key: other}
            line = json.dumps(changed).encode() + b"\n"
            write(home, [*texts[:place], line, *texts[place + 1 :]])
            assert journal.verify(home).problems, (place, key)
    write(home, texts)
    assert not journal.verify(home).problems


def test_a_line_that_is_missing_is_found_wherever_it_was(home):
    texts = text_of(home)
    for place in range(len(texts)):
        write(home, texts[:place] + texts[place + 1 :])
        assert journal.verify(home).problems, place


@settings(max_examples=25)
@given(st.permutations(range(len(DONE))))
def test_any_other_order_is_found(order):
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        for what in DONE:
            journal.note(home, what)
        texts = text_of(home)
        write(home, [texts[it] for it in order])
        found = journal.verify(home).problems
        assert bool(found) == (list(order) != list(range(len(DONE))))


def test_a_changed_line_with_its_own_hash_made_anew_breaks_the_chain(home):
    texts = text_of(home)
    line = journal.lines(home)[2]
    forged = msgspec.structs.replace(line, about={})
    forged = msgspec.structs.replace(forged, hash=journal._hash(forged))
    texts[2] = msgspec.json.encode(forged) + b"\n"
    write(home, texts)
    assert journal.verify(home).problems == (
        "before line 4 a line is missing or was moved",
    )


def test_a_cut_end_is_found_also_after_it_went_on(home):
    write(home, text_of(home)[:3])
    assert "number 5, is missing" in journal.verify(home).problems[0]
    journal.note(home, "export")
    assert journal.verify(home).problems


def test_a_head_that_was_deleted_is_found_also_after_it_went_on(home):
    (home / journal.HEAD).unlink()
    assert "is gone" in journal.verify(home).problems[0]
    write(home, text_of(home)[:3])
    journal.note(home, "export")
    assert "was gone when line 4" in journal.verify(home).problems[0]


def test_a_deleted_journal_is_found(home):
    (home / journal.FILE).unlink()
    assert journal.verify(home).problems
    journal.note(home, "export")
    assert journal.verify(home).problems


def test_a_program_killed_between_line_and_head_is_no_fraud(home):
    head = (home / journal.HEAD).read_bytes()
    journal.note(home, "export")
    (home / journal.HEAD).write_bytes(head)
    assert journal.verify(home).problems == ()
    assert journal.note(home, "report").number == 7
    assert journal.verify(home).problems == ()


def test_half_a_line_of_a_lost_program_is_taken_away(home):
    with (home / journal.FILE).open("ab") as file:
        file.write(b'{"number":6,"at":"2026')
    assert journal.note(home, "report").number == 6
    assert journal.verify(home).problems == ()


def test_several_programs_write_one_chain(tmp_path):
    code = (
        "import sys; from pathlib import Path; from lablive import journal\n"
        "for n in range(10): journal.note(Path(sys.argv[1]), 'edit', n=n)"
    )
    running = [
        subprocess.Popen([sys.executable, "-c", code, str(tmp_path)]) for _ in range(3)
    ]
    assert [it.wait() for it in running] == [0, 0, 0]
    assert journal.verify(tmp_path)[::2] == (30, ())


def test_a_folder_that_cannot_be_written_is_one_message(tmp_path):
    (tmp_path / "home").write_text("a file")
    with pytest.raises(RecordingError, match="journal"):
        journal.note(tmp_path / "home", "export")


def test_what_was_handed_on_is_known_and_forgotten(home):
    made = home / "out.pdf"
    made.write_bytes(b"%PDF")
    journal.handed_on(home, "LB-0001", "report", made)
    journal.handed_on(home, "LB-0002", "export", home / "folder")
    (entry,) = journal.handed_on_of(home, "lb-0001")
    assert (entry.path, len(entry.sha256)) == (str(made), 64)
    assert b"out.pdf" not in b"".join(text_of(home))  # a file's name may be a person's
    journal.forget_handed_on(home, "LB-0001")
    assert journal.handed_on_of(home, "LB-0001") == []
    assert len(journal.handed_on_of(home, "LB-0002")) == 1
    assert journal.verify(home).problems == ()
