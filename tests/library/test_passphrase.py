"""A library under a passphrase: set, wrong, changed, removed; backups and damage."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from contextlib import closing

import keyring
import msgspec
import pytest
from keyring.backend import KeyringBackend
from library_cases import ANNA, BEN, made, same
from sqlcipher3 import dbapi2 as sqlcipher

from lablive.errors import LibraryError
from lablive.library import backup, cipher, passphrase, remembered
from lablive.library.opening import (
    backups_of,
    begin_anew,
    open_library,
    restore_backup,
)

FIRST, SECOND = "four words of ours", "ein Satz für später"
NAME = ANNA.family_name.encode()


ROUNDS = cipher._ROUNDS


@pytest.fixture(autouse=True)
def _nothing_held(monkeypatch):
    monkeypatch.setattr(cipher, "_ROUNDS", 10)  # quick; the real number once below
    cipher.forget()
    yield
    cipher.forget()


@pytest.fixture
def home(tmp_path):
    """Return a library with two people and a backup."""
    library = made(tmp_path / "lab", ANNA, BEN)
    library.backup()
    library.close()
    return tmp_path / "lab"


def holding(folder, text):
    """Return the files under a folder that hold a text."""
    paths = [path for path in folder.rglob("*") if path.is_file()]
    return [path.name for path in paths if text in path.read_bytes()]


def anna(home):
    library = open_library(home)
    try:
        return library.person("LB-0001")
    finally:
        library.close()


def refused(call, kind):
    with pytest.raises(LibraryError) as told:
        call()
    assert told.value.kind == kind
    return str(told.value)


class InMemory(KeyringBackend):
    """A keyring of this test."""

    priority = 1

    def __init__(self):
        super().__init__()
        self.kept = {}

    def get_password(self, service, username):
        return self.kept.get((service, username))

    def set_password(self, service, username, password):
        self.kept[service, username] = password

    def delete_password(self, service, username):
        del self.kept[service, username]


@pytest.fixture
def ring():
    before = keyring.get_keyring()
    keyring.set_keyring(InMemory())
    yield keyring.get_keyring()
    keyring.set_keyring(before)


def test_no_file_holds_a_name_and_nothing_is_lost(home):
    assert holding(home, NAME)  # the test sees names where they are
    done = passphrase.set_passphrase(home, FIRST)
    assert done == (2, ())  # library and backup
    library = open_library(home)
    assert same(library.person("LB-0001"), ANNA)
    library.save(msgspec.structs.replace(library.person("LB-0002"), mass_kg=82.0))
    assert holding(home, NAME) == []  # with the WAL of now, too
    library.backup()
    library.close()
    assert len(backups_of(home)) == 2
    assert holding(home, NAME) == []
    assert holding(home, ANNA.given_name.encode()) == []
    for path in home.rglob("*.sqlite3"):
        assert path.stat().st_mode & 0o077 == 0


def test_without_the_passphrase_one_message_and_no_change(home):
    passphrase.set_passphrase(home, FIRST)
    cipher.forget()
    before = (home / "library.sqlite3").read_bytes()
    assert "locked by a passphrase" in refused(lambda: open_library(home), "locked")
    told = refused(lambda: passphrase.unlock(home, SECOND), "passphrase")
    assert "does not fit" in told
    refused(lambda: open_library(home), "locked")
    assert (home / "library.sqlite3").read_bytes() == before
    passphrase.unlock(home, FIRST)
    assert same(anna(home), ANNA)


def test_any_program_with_sqlcipher_opens_it_with_the_passphrase(home, monkeypatch):
    monkeypatch.setattr(cipher, "_ROUNDS", ROUNDS)
    passphrase.set_passphrase(home, FIRST)
    with closing(sqlcipher.connect(home / "library.sqlite3")) as held:
        held.execute(f"PRAGMA key = '{FIRST}'")
        assert held.execute("SELECT count(*) FROM person").fetchone() == (2,)
    with (
        closing(sqlite3.connect(home / "library.sqlite3")) as held,
        pytest.raises(sqlite3.DatabaseError, match="not a database"),
    ):
        held.execute("SELECT * FROM person")


def test_a_change_holds_for_library_and_backups(home):
    passphrase.set_passphrase(home, FIRST)
    passphrase.set_passphrase(home, SECOND)
    cipher.forget()
    refused(lambda: passphrase.unlock(home, FIRST), "passphrase")
    (copy,) = backups_of(home)
    refused(lambda: cipher.unlock(copy.path, FIRST), "passphrase")
    passphrase.unlock(home, SECOND)
    assert same(anna(home), ANNA)
    restore_backup(home, copy.path)
    assert same(anna(home), ANNA)


def test_removed_it_opens_without(home):
    passphrase.set_passphrase(home, FIRST)
    assert passphrase.remove_passphrase(home).files == 2
    cipher.forget()
    assert same(anna(home), ANNA)
    assert holding(home / "backups", NAME)


def test_it_must_be_open_to_be_changed(home):
    passphrase.set_passphrase(home, FIRST)
    cipher.forget()
    refused(lambda: passphrase.set_passphrase(home, SECOND), "locked")
    refused(lambda: passphrase.remove_passphrase(home), "locked")
    passphrase.unlock(home, FIRST)


def test_a_short_one_is_refused(home):
    assert "8 characters" in refused(
        lambda: passphrase.set_passphrase(home, "short"), "wrong"
    )
    assert not cipher.is_locked(home / "library.sqlite3")


def test_not_while_a_window_has_it_open(home):
    library = open_library(home)
    refused(lambda: passphrase.set_passphrase(home, FIRST), "busy")
    library.close()
    library = open_library(home)
    library._lock.close()  # the second of two windows has no lock
    library.people()
    refused(lambda: passphrase.set_passphrase(home, FIRST), "busy")
    library.close()
    passphrase.set_passphrase(home, FIRST)


def test_no_window_opens_it_meanwhile(home, monkeypatch):
    told = []
    replace = passphrase._replace

    def look(old, new, *, wipe):
        told.append(refused(lambda: open_library(home), "busy"))
        replace(old, new, wipe=wipe)

    monkeypatch.setattr(passphrase, "_replace", look)
    passphrase.set_passphrase(home, FIRST)
    assert "being changed" in told[0]


@pytest.mark.parametrize("at", [0, 1])
def test_a_disk_that_fails_half_way_loses_nothing(home, monkeypatch, at):
    replace, done = passphrase._replace, []

    def fail(old, new, *, wipe):
        if len(done) == at:
            raise OSError(28, "No space left on device")
        done.append(old)
        replace(old, new, wipe=wipe)

    monkeypatch.setattr(passphrase, "_replace", fail)
    refused(lambda: passphrase.set_passphrase(home, FIRST), "folder")
    if at:
        passphrase.unlock(home, FIRST)
    assert same(anna(home), ANNA)
    assert not list(home.rglob("*.new"))
    restore_backup(home, backups_of(home)[0].path)
    assert same(anna(home), ANNA)


def test_a_backup_that_cannot_be_locked_is_named(home):
    bad = home / "backups" / "library-000009-2026-01-01T1000.sqlite3"
    bad.write_bytes(b"SQLite format 3\0" + b"\x00" * 5000)
    done = passphrase.set_passphrase(home, FIRST)
    assert done.files == 2
    assert len(done.left) == 1
    assert bad.name in done.left[0]


def test_damage_under_a_passphrase_is_told_as_damage(home):
    passphrase.set_passphrase(home, FIRST)
    cipher.forget()
    path = home / "library.sqlite3"
    data = bytearray(path.read_bytes())
    data[100:200] = os.urandom(100)  # page 1; the others still tell the passphrase
    path.write_bytes(data)
    passphrase.unlock(home, FIRST)
    assert "damaged" in refused(lambda: open_library(home), "damaged")
    restore_backup(home, backups_of(home)[0].path)
    assert same(anna(home), ANNA)


def test_a_first_page_that_is_lost_leads_to_the_backup(home):
    passphrase.set_passphrase(home, FIRST)
    cipher.forget()
    path = home / "library.sqlite3"
    path.write_bytes(os.urandom(4096) + path.read_bytes()[4096:])
    refused(lambda: passphrase.unlock(home, SECOND), "passphrase")
    told = refused(lambda: passphrase.unlock(home, FIRST), "damaged")
    assert "bring back the backup" in told
    restore_backup(home, backups_of(home)[0].path)
    assert same(anna(home), ANNA)


def test_a_lost_library_comes_back_from_a_locked_backup(home):
    passphrase.set_passphrase(home, FIRST)
    cipher.forget()
    (home / "library.sqlite3").unlink()
    refused(lambda: open_library(home), "missing")
    copy = backups_of(home)[0].path
    refused(lambda: restore_backup(home, copy), "locked")
    passphrase.unlock(home, FIRST)
    restore_backup(home, copy)
    assert same(anna(home), ANNA)
    assert holding(home, NAME) == []


def test_a_forgotten_passphrase_leaves_the_codes(home):
    passphrase.set_passphrase(home, FIRST)
    cipher.forget()
    aside = begin_anew(home)
    assert aside is not None
    assert anna(home) is None
    assert cipher.is_locked(aside)


def test_a_backup_from_before_the_passphrase_is_not_left_open(home):
    library = open_library(home)
    plain = library.backup()
    library.close()
    passphrase.set_passphrase(home, FIRST)
    library = open_library(home)
    assert library.backup() is None  # the copies were locked with it
    library.close()
    assert plain is None or cipher.is_locked(plain.path)


def test_the_keyring_opens_it_and_forgets(home, ring):
    passphrase.set_passphrase(home, FIRST)
    cipher.forget()
    assert not passphrase.unlock_remembered(home)
    assert passphrase.unlock(home, FIRST, remember=True) == ""
    assert FIRST not in str(ring.kept)
    cipher.forget()
    assert passphrase.unlock_remembered(home)
    assert same(anna(home), ANNA)
    passphrase.set_passphrase(home, SECOND)  # the keyring follows
    cipher.forget()
    assert passphrase.unlock_remembered(home)
    remembered.keep(home, None)
    cipher.forget()
    assert not passphrase.unlock_remembered(home)
    assert ring.kept == {}


def test_without_a_keyring_it_is_said(home, monkeypatch):
    monkeypatch.setattr(remembered, "_keyring", lambda: None)
    passphrase.set_passphrase(home, FIRST)
    assert "asked for at each start" in passphrase.unlock(home, FIRST, remember=True)


def test_a_worker_opens_what_is_open_here_and_hands_it_to_nobody(home):
    passphrase.set_passphrase(home, FIRST)
    code = (
        "import os, sys; from pathlib import Path;"
        "from lablive.library.opening import open_library;"
        "print(open_library(Path(sys.argv[1])).people()[1],"
        " 'LABLIVE_LIBRARY_KEY' in os.environ)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(home)],
        env={**os.environ, **cipher.handed_on()},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.split() == ["2", "False"]


def test_a_backup_equals_the_library(home):
    passphrase.set_passphrase(home, FIRST)
    copy = backup.make(home / "library.sqlite3", home / "backups")

    def dumped(path):
        with closing(sqlcipher.connect(path)) as held:
            cipher.apply(held, cipher.key_of(path))
            tables = held.execute(
                "SELECT name, sql FROM sqlite_schema ORDER BY name"
            ).fetchall()
            names = [name for name, sql in tables if sql and "CREATE TABLE" in sql]
            return tables, [
                held.execute(f"SELECT * FROM {it}").fetchall() for it in names
            ]

    assert dumped(copy.path) == dumped(home / "library.sqlite3")
