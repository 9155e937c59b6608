"""Passphrase, lock, operators, deleting, journal: as somebody without a window does."""

from __future__ import annotations

import keyring
import pytest
from keyring.backends.fail import Keyring as NoKeyring
from people_scenes import PEOPLE, SESSIONS, fill
from typer.testing import CliRunner

from lablive import journal
from lablive.errors import LabLiveError
from lablive.library import cipher
from lablive.library.opening import open_library
from ui.cli import app

WORDS = "four words of ours"


@pytest.fixture
def home(tmp_path, monkeypatch):
    monkeypatch.setattr(cipher, "_ROUNDS", 10)
    monkeypatch.setenv("LABLIVE_HOME", str(tmp_path))
    monkeypatch.setenv("LABLIVE_RUN", str(tmp_path / "run"))
    monkeypatch.setenv(journal.OPERATOR, "")  # put back after each test
    before = keyring.get_keyring()
    keyring.set_keyring(NoKeyring())
    fill(tmp_path, PEOPLE, SESSIONS)
    yield tmp_path
    keyring.set_keyring(before)
    cipher.forget()


@pytest.fixture
def run():
    def call(*words, typed=""):
        done = CliRunner().invoke(app, [*words], input=typed)
        if isinstance(done.exception, LabLiveError):
            return done.exception
        assert done.exception is None or isinstance(done.exception, SystemExit)
        return done

    return call


def test_a_passphrase_is_set_asked_for_and_removed(home, run):
    done = run("library", "passphrase", typed=f"{WORDS}\n{WORDS}\n")
    assert done.exit_code == 0
    assert "Nobody can open the names without the passphrase" in done.output
    cipher.forget()
    assert run("library", typed="wrong words\n").kind == "passphrase"
    assert "people    29" in run("library", typed=f"{WORDS}\n").output
    cipher.forget()
    done = run("library", "passphrase", "--remove", typed=f"{WORDS}\n")
    assert "without a passphrase now" in done.output
    cipher.forget()
    assert "people    29" in run("library").output
    whats = [it.what for it in journal.lines(home)]
    assert whats == ["passphrase set", "passphrase removed"]


def test_a_locked_backup_is_brought_back(home, run):
    run("library", "backup")
    run("library", "passphrase", typed=f"{WORDS}\n{WORDS}\n")
    (home / "library.sqlite3").write_bytes(b"\x00" * 20_000)
    cipher.forget()
    assert run("library", "restore", typed="wrong words\n").kind == "passphrase"
    done = run("library", "restore", typed=f"{WORDS}\n")
    assert done.exit_code == 0
    assert "people    29" in run("library").output


def test_check_tells_whether_names_and_backups_are_locked(home, run):
    assert "readable without a passphrase" in run("library").output
    run("library", "backup")
    (copy,) = (home / "backups").iterdir()
    plain = copy.read_bytes()
    run("library", "passphrase", typed=f"{WORDS}\n{WORDS}\n")
    told = run("library").output
    assert "locked by a passphrase" in told
    assert "can be read" not in told
    copy.write_bytes(plain)  # brought from somewhere else
    assert "1 of the backups can be read" in run("library").output
    run("library", "passphrase", typed=f"{WORDS}\n{WORDS}\n")
    assert "can be read" not in run("library").output


def test_two_that_differ_change_nothing(home, run):
    told = run("library", "passphrase", typed=f"{WORDS}\n{WORDS}!\n")
    assert "not the same" in str(told)
    assert not cipher.is_locked(home / "library.sqlite3")


def test_without_a_keyring_lock_says_how_it_is(home, run):
    assert "no passphrase" in run("library", "lock").output
    run("library", "passphrase", "--remember", typed=f"{WORDS}\n{WORDS}\n")
    assert run("library", "lock").exit_code == 0


def test_a_person_is_deleted_after_their_code_was_typed(home, run):
    code = SESSIONS[0][1]
    assert "needs --code" in str(run("library", "delete-person"))
    done = run("library", "delete-person", "--code", code, typed="no\n")
    assert done.exit_code == 1
    assert "Nothing was deleted" in done.output
    done = run("library", "delete-person", "--code", code, typed=f"{code}\n")
    assert done.exit_code == 0, done.output
    assert f"{code} is deleted" in done.output
    library = open_library(home)
    assert library.person(code) is None
    library.close()
    assert [it.what for it in journal.lines(home)] == ["person deleted"]


def test_only_an_admin_deletes_where_there_are_operators(home, run):
    add = ("library", "operator", "--name")
    assert run(*add, "Ann", "--role", "admin", typed="135790\n").exit_code == 0
    assert run(*add, "Bo", typed="135790\n2468\n").exit_code == 0
    assert run("library", "operator").output.split()[:4] == [
        "admin", "Ann", "operator", "Bo",
    ]  # fmt: skip
    delete = ("library", "delete-person", "--code", SESSIONS[0][1], "--yes")
    assert "not the PIN of an admin" in str(run(*delete, typed="2468\n"))
    assert run(*delete, typed="135790\n").exit_code == 0
    last = journal.lines(home)[-1]
    assert last.who.startswith("Ann (")
    assert run("library", "operator", "--idle", "3", typed="135790\n").exit_code == 0
    assert "3 idle minutes" in run("library", "operator").output


def test_the_journal_is_shown_and_checked(home, run):
    assert "no lines" in run("journal").output
    journal.note(home, "export", code="LB-0042", to="c3d")
    journal.note(home, "report", code="LB-0001")
    shown = run("journal", "--code", "LB-0042").output
    assert "export" in shown
    assert "report" not in shown
    assert run("journal", "--verify").exit_code == 0
    path = home / journal.FILE
    path.write_bytes(path.read_bytes().replace(b"c3d", b"csv"))
    done = run("journal", "--verify")
    assert done.exit_code == 1
    assert "line 1 was changed" in done.output
