"""The database: made, brought to this version, shared, damaged, lost, brought back."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from contextlib import closing
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from library_cases import ANNA, BEN, made, same, session
from sqlalchemy import event, text

from lablive.errors import LibraryError
from lablive.library import backup, database
from lablive.library.models import Base
from lablive.library.opening import (
    SHARED,
    backups_of,
    begin_anew,
    open_library,
    restore_backup,
)
from lablive.library.person_check import FIRST_CODE
from lablive.library.records import Person

REPO = Path(__file__).resolve().parents[2]
NEXT_STEP = '''
"""A later version."""
import sqlalchemy as sa
from alembic import op
revision, down_revision, branch_labels, depends_on = "0002", "0001", None, None
def upgrade():
    with op.batch_alter_table("person") as table:
        table.add_column(sa.Column("handed", sa.String()))
    {more}
'''


@pytest.fixture
def library(tmp_path):
    found = made(tmp_path / "lab", ANNA, BEN)
    yield found
    found.close()


@pytest.fixture
def open_folder():
    """Make a folder that every user may enter; those of pytest are closed."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


@pytest.fixture
def later(tmp_path, monkeypatch):
    """Make a program with one more step to its library."""

    def program(more="pass"):
        steps = tmp_path / "later" / "versions"
        shutil.rmtree(steps.parent, ignore_errors=True)
        shutil.copytree(database.MIGRATIONS, steps.parent)
        file = steps / "0002_handed.py"
        file.write_text(NEXT_STEP.format(more=more))
        monkeypatch.setattr(database, "MIGRATIONS", steps.parent)

    return program


def content(path):
    with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)) as held:
        return list(held.iterdump())


def refused(home, kind):
    with pytest.raises(LibraryError) as told:
        open_library(home)
    assert told.value.kind == kind
    return str(told.value)


def test_the_steps_make_the_tables_of_the_program(library):
    engine = database.engine(library.path)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection)
        assert compare_metadata(context, Base.metadata) == []
    engine.dispose()


def test_nobody_else_can_read_names(library):
    assert library.path.stat().st_mode & 0o077 == 0
    assert library.backup().path.stat().st_mode & 0o077 == 0
    assert library.home.stat().st_mode & 0o077 == 0


def test_a_step_makes_a_backup_first_and_keeps_everyone(library, later):
    library.close()
    later()
    newer = open_library(library.home)
    assert same(newer.person("LB-0001"), ANNA)
    (copy,) = backups_of(library.home)
    assert copy.before == "0001"
    assert "handed" not in "".join(content(copy.path))
    assert "handed" in "".join(content(newer.path))
    newer.close()


def test_a_step_that_fails_leaves_the_database_as_it_was(library, later):
    library.close()
    before = content(library.path)
    later(more='op.execute("INSERT INTO nowhere VALUES (1)")')
    text = refused(library.home, "folder")
    assert "nowhere" in text
    assert content(library.path) == before
    assert content(backups_of(library.home)[0].path) == before


def test_a_newer_database_is_not_touched(library, later, monkeypatch):
    library.close()
    later()
    open_library(library.home).close()
    before = content(library.path)
    monkeypatch.undo()
    text = refused(library.home, "newer")
    assert "Install the newer LabLive" in text
    assert content(library.path) == before


def test_a_database_of_another_program_is_not_touched(tmp_path):
    path = tmp_path / "library.sqlite3"
    with closing(sqlite3.connect(path)) as held:
        held.execute("CREATE TABLE person (mine TEXT)")
    before = path.read_bytes()
    assert "another program" in refused(tmp_path, "foreign")
    assert path.read_bytes() == before


def damage(library, how):
    library.backup()
    library.close()
    data = bytearray(library.path.read_bytes())
    if how == "pages":
        for page in range(1, len(data) // 4096):
            data[page * 4096 : page * 4096 + 400] = b"\xa5" * 400
    elif how == "cut":
        del data[len(data) // 2 :]
    else:
        data[:100] = b"not a database".ljust(100)
    library.path.write_bytes(data)
    return bytes(data)


@pytest.mark.parametrize("how", ["pages", "cut", "head"])
def test_a_damaged_database_is_told_and_a_backup_brings_it_back(library, how):
    broken = damage(library, how)
    session(library.home, "2026-11-21", "LB-0001")
    assert "Go back to a backup" in refused(library.home, "damaged")
    assert library.path.read_bytes() == broken
    (copy,) = backups_of(library.home)
    aside = restore_backup(library.home, copy.path)
    assert aside.read_bytes() == broken
    again = open_library(library.home)
    assert again.sync().trials == 1
    assert same(again.person("LB-0001"), ANNA)
    assert same(again.person("LB-0002"), BEN)
    assert [held.date for held in again.sessions("LB-0001")] == ["2026-11-21"]
    again.close()


def test_a_damaged_backup_is_not_brought_back(library):
    copy = library.backup()
    library.close()
    before = content(library.path)
    copy.path.write_bytes(copy.path.read_bytes()[:5000])
    with pytest.raises(LibraryError) as told:
        restore_backup(library.home, copy.path)
    assert told.value.kind == "damaged"
    assert content(library.path) == before


def test_a_lost_database_offers_the_backup_and_can_be_made_from_folders(library):
    session(library.home, "2026-11-20", "LB-0001", shoes="red")
    library.backup()
    library.close()
    library.path.unlink()
    assert "Bring back the backup of" in refused(library.home, "missing")
    begin_anew(library.home)
    again = open_library(library.home)
    assert again.person("LB-0001").name == ""
    assert again.sessions("LB-0001")[0].shoes == "red"
    assert again.person("LB-0002") is None
    again.close()


def test_a_lost_database_without_backup_is_made_from_folders_and_told(tmp_path):
    session(tmp_path, "2026-11-20", "LB-0004")
    library = open_library(tmp_path)
    assert "Names are not in them" in library.notes[0]
    assert library.sync().strangers == ("LB-0004",)
    library.close()


def test_a_backup_while_another_window_writes_is_of_one_moment(library):
    other = open_library(library.home)
    with library._change() as db:
        db.execute(text("UPDATE person SET notes = 'half done', version = 9"))
        copy = other.backup()
    assert "half done" not in "".join(content(copy.path))
    assert "half done" in "".join(content(other.backup().path))
    other.close()


def test_backups_are_made_when_something_changed_and_rotated_by_number(library):
    copies = library.home / "backups"
    first = library.backup()
    assert library.backup() is None
    for day in range(1, 4):
        for number in range(4):
            name = f"library-{100 * day + number:06d}-2026-11-0{day}T1000.sqlite3"
            shutil.copy(first.path, copies / name)
    library.save(Person("LB-0003"))
    newest = library.backup()
    kept = [held.number for held in backups_of(library.home)]
    # five newest, then the last of each day
    assert kept == [304, 303, 302, 301, 300, 203, 103, 1]
    assert newest.number == 304


def test_backups_before_a_new_version_stay(library):
    copies = library.home / "backups"
    kept = backup.make(library.path, copies, before="0001")
    for number in range(8):
        library.save(Person(f"X-{number}"))
        library.backup()
    assert kept.path.exists()
    # five newest, the last of this day's older ones, and that one
    assert len(backups_of(library.home)) == 7


def fill(library, notes):
    """Store people until it fails; return the error."""
    for number in range(10):
        try:
            library.save(Person(f"F-{number}", notes=notes))
        except LibraryError as error:
            return error
    return pytest.fail("the disk was never full")


def test_a_full_disk_is_told_and_nothing_is_half_stored(library):
    with closing(sqlite3.connect(library.path)) as held:
        pages = held.execute("PRAGMA page_count").fetchone()[0]

    def small(connection, record, proxy):
        connection.execute(f"PRAGMA max_page_count = {pages}")

    event.listen(library._engine, "checkout", small)
    long = Person("LB-0003", notes="x" * 19_000)
    full = fill(library, long.notes)
    assert full.kind == "full"
    assert "is full" in str(full)
    stored = library.people()[1]
    event.remove(library._engine, "checkout", small)
    library._engine.dispose()
    library.save(long)
    assert library.people()[1] == stored + 1
    assert same(library.person("LB-0001"), ANNA)


def test_a_window_that_holds_on_too_long_is_told(library, monkeypatch):
    library._engine.dispose()
    monkeypatch.setattr(database, "BUSY_S", 0.05)
    with closing(database.connect(library.path)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(LibraryError, match="Another program has held") as told:
            library.save(Person("LB-0003"))
        assert library.people()[1] == 2  # looking never waits
        other.execute("ROLLBACK")
    assert told.value.kind == "busy"
    library.save(Person("LB-0003"))


def test_two_windows_share_a_library_and_are_told(library):
    assert library.notes == []
    other = open_library(library.home)
    assert other.notes == [SHARED]
    other.save(Person("LB-0003"))
    library.save(Person("LB-0004"))
    assert other.people()[1] == library.people()[1] == 4
    other.close()
    library.close()
    alone = open_library(library.home)
    assert alone.notes == []
    alone.close()


@pytest.mark.parametrize("where", ["folder is a file", "below a file"])
def test_a_place_that_is_no_folder_is_told(tmp_path, where):
    (tmp_path / "lab").write_text("a file")
    home = tmp_path / "lab" / "below" if where == "below a file" else tmp_path / "lab"
    assert "cannot be used" in refused(home, "folder")


READ_ONLY = """
import os
import sys
from pathlib import Path
from lablive.errors import LibraryError
from lablive.library.opening import open_library
from lablive.library.records import Person
warm = open_library(Path(sys.argv[2]))
warm.save(Person("LB-0001"))
warm.people(), warm.notes, warm.close()
if os.getuid() == 0:  # who may do everything is somebody else from here on
    os.setgroups([])
    os.setgid(65534)
    os.setuid(65534)
library = open_library(Path(sys.argv[1]))
print(library.read_only, library.person("LB-0001").given_name, library.notes)
try:
    library.save(Person("LB-0009"))
except LibraryError as error:
    print(error.kind)
library.close()
"""


@pytest.mark.skipif(os.name != "posix", reason="rights of POSIX systems")
@pytest.mark.parametrize("crashed", [False, True])
def test_a_library_that_may_only_be_read_can_be_looked_at(open_folder, crashed):
    home = open_folder / "lab"
    library = made(home, ANNA)
    if not crashed:
        library.close()
    before = sorted(path.name for path in home.iterdir())
    for path in (home, *home.rglob("*")):
        path.chmod(0o555 if path.is_dir() else 0o444)
    done = subprocess.run(
        [sys.executable, "-c", READ_ONLY, str(home), str(open_folder / "warm")],
        capture_output=True, text=True, cwd=REPO, check=False,
    )  # fmt: skip
    home.chmod(0o700)
    after = sorted(path.name for path in home.iterdir())
    library.close()
    assert done.stdout.startswith("True Anna ['The library folder"), done.stderr
    assert done.stdout.endswith("read_only\n")
    assert after == before


def test_a_folder_that_may_not_be_entered_is_told(tmp_path, monkeypatch):
    def refuse(self, **kwargs):
        raise PermissionError(13, "Permission denied", str(self))

    monkeypatch.setattr(Path, "stat", refuse)
    assert "cannot be used" in refused(tmp_path, "folder")


def test_an_empty_library_has_a_first_code(tmp_path):
    library = open_library(tmp_path)
    assert library.free_code() == FIRST_CODE
    assert library.people() == ([], 0)
    library.close()
