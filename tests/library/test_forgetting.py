"""Delete a person: nothing of theirs is anywhere, everybody else is as before."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing

import pytest
from library_cases import ANNA, BEN, made, session

from lablive import journal
from lablive.errors import LibraryError
from lablive.library import cipher, forgetting, passphrase
from lablive.library.forgetting import belongings, forget
from lablive.library.opening import backups_of, open_library, restore_backup
from lablive.recording.recorder import Recorder

WORDS = (
    ANNA.family_name.encode(), ANNA.given_name.encode(), b"LB-0001", b"lb-0001",
    b"Wettk\xc3\xa4mpfen",
)  # fmt: skip


@pytest.fixture
def spill(tmp_path, monkeypatch):
    folder = tmp_path / "spill"
    folder.mkdir()
    monkeypatch.setattr(forgetting, "spill_folder", lambda: folder)
    return folder


@pytest.fixture
def library(tmp_path, spill, monkeypatch):
    """Return a library where Anna and Ben are in every corner."""
    home = tmp_path / "lab"
    monkeypatch.setenv("LABLIVE_HOME", str(home))
    found = made(home, ANNA, BEN)
    for person in (ANNA, BEN):
        folder = session(home, "2026-11-20", person.code, notes="Knie")
        (folder / "trial-01.edits.jsonl").write_text(person.code)
        kept = home / "people" / person.code / "calibrations"
        kept.mkdir(parents=True)
        (kept / "2026-11-20T1000.json").write_text(person.code)
        out = tmp_path / f"{person.family_name}.pdf"
        out.write_text(person.code)
        journal.handed_on(home, person.code, "report", out)
    found.sync()
    for person in (ANNA, BEN):
        stem = f"trial-{person.code[-1]}"
        Recorder(spill / f"{stem}.xdf", [], {"code": person.code}, None).close()
        (spill / f"{stem}.bytes").write_text(person.code)
    copy = found.backup()
    shutil.copy(copy.path, home / "library-aside-1.sqlite3")
    yield found
    found.close()


def holding(folder, words, but=()):
    paths = [path for path in folder.rglob("*") if path.is_file()]
    found = {}
    for path in paths:
        data = path.read_bytes() + str(path).encode()
        held = [word for word in words if word in data]
        if held and path.name not in but:
            found[str(path)] = held
    return found


def test_nothing_is_left_of_one_and_everything_of_the_other(library, tmp_path):
    assert len(holding(tmp_path, WORDS)) >= 8  # the test sees them where they are
    ben = holding(tmp_path, (b"LB-0002",))
    done = forget(library, "lb-0001")
    assert (done.sessions, done.trials, done.copies) == (1, 2, 2)
    assert (done.handed_on, done.left) == (1, ())
    left = holding(tmp_path, WORDS, but=(journal.FILE,))
    assert left == {}
    library.close()
    assert holding(tmp_path, WORDS, but=(journal.FILE,)) == {}
    assert {it for it in ben if not it.endswith(("-wal", "-shm"))} <= set(
        holding(tmp_path, (b"LB-0002",))
    )


def test_the_journal_says_that_and_no_more(library):
    forget(library, "LB-0001")
    last = journal.lines(library.home)[-1]
    assert last.what == "person deleted"
    assert last.about == {"code": "LB-0001", "sessions": 1, "trials": 2, "left": 0}
    assert journal.verify(library.home).problems == ()
    text = (library.home / journal.FILE).read_bytes()
    assert not any(word in text for word in WORDS[:2])


def test_the_others_can_be_brought_back_from_a_backup(library):
    forget(library, "LB-0001")
    home = library.home
    library.close()
    restore_backup(home, backups_of(home)[-1].path)
    again = open_library(home)
    assert again.person("LB-0001") is None
    assert again.person("LB-0002").family_name == BEN.family_name
    assert len(again.sessions("LB-0002")) == 1
    again.close()


def test_before_it_is_done_it_can_be_seen(library, tmp_path):
    found = belongings(library, "lb-0001")
    assert found.code == "LB-0001"
    assert found.known
    assert {it.name for it in found.folders} == {"2026-11-20_LB-0001", "LB-0001"}
    assert {it.name for it in found.files} == {
        "trial-1.xdf", "trial-1.xdf.idx", "trial-1.bytes",
    }  # fmt: skip
    assert len(found.copies) == 2
    assert [it.code for it in found.handed_on] == ["LB-0001"]
    assert library.person("LB-0001") is not None


def test_a_file_that_was_changed_or_is_away_is_named_and_stays(library, tmp_path):
    out = tmp_path / f"{ANNA.family_name}.pdf"
    out.write_text("signed by hand")
    away = tmp_path / "stick" / "a.c3d"
    journal.handed_on(library.home, "LB-0001", "export", away)
    done = forget(library, "LB-0001")
    assert out.exists()
    assert done.handed_on == 0
    assert [str(out) in done.left[0], str(away) in done.left[1]] == [True, True]
    assert journal.lines(library.home)[-1].about["left"] == 2


def test_what_lies_in_a_session_folder_goes_with_it(library):
    (folder,) = [it for it in belongings(library, "LB-0001").folders if "_" in it.name]
    made = folder / "trial-01.pdf"
    made.write_text("LB-0001")
    journal.handed_on(library.home, "LB-0001", "report", made)
    done = forget(library, "LB-0001")
    assert (done.handed_on, done.left) == (2, ())


def test_a_backup_that_cannot_be_opened_is_named(library):
    bad = library.home / "backups" / "library-000009-2026-01-01T1000.sqlite3"
    bad.write_bytes(b"SQLite format 3\0" + b"\x00" * 5000)
    done = forget(library, "LB-0001")
    assert len(done.left) == 1
    assert bad.name in done.left[0]


def test_it_can_be_done_again_after_a_disk_failed(library, monkeypatch):
    monkeypatch.setattr(shutil, "rmtree", lambda path, onerror: None)
    forget(library, "LB-0001")
    library.sync()  # the folder brings the code back
    monkeypatch.undo()
    assert forget(library, "LB-0001").sessions == 1
    with pytest.raises(LibraryError, match="nobody"):
        forget(library, "LB-0001")


def test_nobody_is_one_message(library):
    with pytest.raises(LibraryError, match="nobody with the code LB-9999"):
        forget(library, "LB-9999")


def test_under_a_passphrase_too(library, tmp_path, monkeypatch):
    monkeypatch.setattr(cipher, "_ROUNDS", 10)
    home = library.home
    library.close()
    assert passphrase.set_passphrase(home, "four words of ours").left == ()
    again = open_library(home)
    assert forget(again, "LB-0001").left == ()
    assert again.person("LB-0001") is None
    assert again.person("LB-0002") is not None
    again.close()
    for copy in (backups_of(home)[-1].path, home / "library-aside-1.sqlite3"):
        assert cipher.is_locked(copy)
    passphrase.remove_passphrase(home)
    cipher.forget()
    for copy in (backups_of(home)[-1].path, home / "library-aside-1.sqlite3"):
        with closing(sqlite3.connect(copy)) as held:
            codes = held.execute("SELECT code FROM person").fetchall()
        assert codes == [("LB-0002",)]
