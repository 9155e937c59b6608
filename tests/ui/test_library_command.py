"""``lablive library`` as somebody without a window uses it."""

from __future__ import annotations

import pytest
from people_scenes import PEOPLE, SESSIONS, damaged, fill
from typer.testing import CliRunner

from lablive.errors import LibraryError
from lablive.library.opening import open_library
from ui.cli import app


@pytest.fixture
def home(tmp_path, monkeypatch):
    fill(tmp_path, PEOPLE, SESSIONS)
    monkeypatch.setenv("LABLIVE_HOME", str(tmp_path))
    return tmp_path


@pytest.fixture
def run():
    def call(*words):
        done = CliRunner().invoke(app, ["library", *words])
        if isinstance(done.exception, LibraryError):
            return done.exception
        assert done.exception is None or isinstance(done.exception, SystemExit)
        return done

    return call


def people(home):
    library = open_library(home)
    found = library.people()[1]
    library.close()
    return found


def test_check_counts_without_a_name(home, run):
    done = run()
    assert done.exit_code == 1  # a trial is damaged
    for words in ("people    29, 1 unnamed", "sessions  6", "1 damaged", "backups   0"):
        assert words in done.output
    assert not any(it.family_name in done.output for it in PEOPLE if it.family_name)


def test_a_backup_can_be_made_and_restored(home, run):
    assert run("backup").exit_code == 0
    damaged(home)
    assert run("check").kind == "damaged"
    done = run("restore")
    assert done.exit_code == 0
    assert "library-aside-1.sqlite3" in done.output
    assert people(home) == len(PEOPLE)


def test_a_damaged_library_can_be_made_anew(home, run):
    damaged(home)
    done = run("rebuild")
    assert done.exit_code == 0
    assert "codes only" in done.output
    assert people(home) == 2
    assert "sessions looked through" in run("rebuild").output


def test_restore_without_a_backup_or_with_an_open_window_changes_nothing(home, run):
    told = run("restore")
    assert (told.kind, "no backup" in str(told)) == ("missing", True)
    run("backup")
    window = open_library(home)
    assert run("restore").kind == "busy"
    window.close()
    assert people(home) == len(PEOPLE)
