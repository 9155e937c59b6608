"""A library that is read-only, damaged, newer or shared, as the window tells it."""

from __future__ import annotations

from pathlib import Path

from on_page import texts
from people_scenes import PEOPLE, PeopleScene, names, type_in

from lablive.library.opening import open_library
from lablive.library.records import Person
from ui.session_model import State

ARTIFACTS = Path(__file__).resolve().parents[2] / "artifacts"
DIALOGS = {"form_new", "form_wrong", "form_twin", "import", "details"}


def test_a_library_that_can_only_be_read_offers_no_change(people_of, monkeypatch):
    monkeypatch.setattr("lablive.library.opening._lock", lambda _: (None, True))
    scene = people_of()
    assert len(names(scene)) == len(PEOPLE)
    page = scene.people
    for button in (
        page.new_button, page.import_button, page.panel.edit_button,
        page.panel.details_button,
    ):  # fmt: skip
        assert not button.isEnabled()
    assert "can be read but not changed" in texts(page.notice, hidden=True)


def test_a_damaged_library_is_brought_back_by_one_press(people_of):
    scene = people_of("damaged")
    trouble = scene.people.trouble
    assert trouble.isVisible()
    assert "database damaged" in trouble._chip.word()
    assert not scene.people.list.isVisible()
    assert texts(scene.people).count("is damaged") == 1
    trouble.restore_button.click()
    scene.settle()
    assert not trouble.isVisible()
    assert len(names(scene)) == len(PEOPLE)
    assert list(scene.model.library.glob("library-aside-1.sqlite3"))


def test_a_damaged_library_can_be_made_anew_from_the_folders(people_of):
    scene = people_of("damaged")
    scene.people.trouble.anew_button.click()
    scene.settle()
    assert names(scene) == ["LB-0042", "LB-0041"]
    assert scene.people.panel.name.full_text() == "no name"


def test_a_newer_library_is_told_and_recording_goes_on(people_of):
    scene = people_of("newer")
    assert "Install the newer LabLive" in texts(scene.people.trouble)
    assert not scene.people.trouble.restore_button.isVisible()
    scene.lab.connect()
    scene.tick()
    scene.model.record()
    scene.tick()
    assert scene.model.state is State.RECORDING


def test_two_windows_on_one_library_are_told(people_of):
    scene = people_of()
    held = PeopleScene.beside(scene)
    told = texts(held.people.notice, hidden=True)
    assert "Another LabLive window uses this library" in told
    assert len(names(held)) == len(PEOPLE)
    held.close()


def test_the_window_never_loads_the_database_libraries_before_it_is_asked():
    import subprocess
    import sys

    code = (
        "import os, sys, tempfile; os.environ['QT_QPA_PLATFORM'] = 'offscreen'\n"
        "import ui.app, ui.filing, ui.register\n"
        "assert 'sqlalchemy' not in sys.modules and 'alembic' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_a_question_that_fails_unexpectedly_is_one_message(people_of):
    scene = people_of()
    scene.register.ask(lambda _: 1 / 0)
    scene.settle()
    told = texts(scene.people.notice, hidden=True)
    assert "The library failed (ZeroDivisionError" in told
    type_in(scene, "anna")
    assert names(scene) == ["LB-0042"]


def test_closing_finishes_what_was_asked_and_makes_a_backup(people_of):
    scene = people_of()
    home = scene.model.library
    scene.register.ask(lambda library: library.save(Person("LB-0099")))
    scene.register.close()
    stored = open_library(home)
    assert stored.person("LB-0099") is not None
    stored.close()
    assert list((home / "backups").iterdir())
