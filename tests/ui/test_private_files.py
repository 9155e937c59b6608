"""Nobody else reads what LabLive writes; no name lies outside the library's file."""

from __future__ import annotations

import json
import os
import stat
import sys

import pytest
from command_line import Cli
from people_scenes import PEOPLE, SESSIONS, fill

from lablive.library.opening import open_library
from lablive.private import open_to_others

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="POSIX rights")
WHO = next(it for it in PEOPLE if it.code == SESSIONS[0][1])
NAMED = {"library.sqlite3", "library.sqlite3-wal", "library.sqlite3-shm"}


@pytest.fixture
def cli(tmp_path):
    made = Cli(tmp_path)
    fill(tmp_path / "library", PEOPLE, SESSIONS)
    return made


def test_files_are_for_their_owner_and_names_in_the_library_only(cli, tmp_path):
    home, out = tmp_path / "library", tmp_path / "out"
    before = os.umask(0o022)  # what a shell usually has
    try:
        out.mkdir()
        trial = out / "trial-01.xdf"
        cli("sample", "--out", trial)
        cli("library", "backup")
        cli("export", trial, "--to", "csv", "--out", out / "csv", "--quiet")
        cli("report", trial, "--pdf", out / "trial-01.pdf", "--quiet")
        cli("edit", "exclude", trial, "--from", "5", "--until", "6", "--reason", "a")
    finally:
        os.umask(before)
    made = [path for path in out.rglob("*") if path.is_file()]
    made += [home / "journal.jsonl", home / "journal.head", home / "handed-on.jsonl"]
    for path in made:
        assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0, path
    names = (WHO.family_name.encode(), WHO.given_name.encode())
    for path in tmp_path.rglob("*"):
        if path.is_file() and path.name not in NAMED and path.parent.name != "backups":
            assert not any(name in path.read_bytes() for name in names), path
    lines = [json.loads(it) for it in (home / "journal.jsonl").read_text().splitlines()]
    assert [it["what"] for it in lines] == ["export", "report", "edit"]
    cli("journal", "--verify")


def test_the_doctor_tells_when_others_can_look_in(cli, tmp_path):
    home = tmp_path / "library"
    assert not open_to_others(home)
    home.chmod(0o755)
    assert open_to_others(home)
    told = json.loads(cli("doctor", "--json", code=None).stdout)
    assert "other users" in next(it["found"] for it in told if it["name"] == "Privacy")


def test_the_library_itself_is_closed(cli, tmp_path):
    library = open_library(tmp_path / "library")
    library.backup()
    library.close()
    for path in (tmp_path / "library").rglob("*.sqlite3"):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
