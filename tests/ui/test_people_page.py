"""The People page as a clinician meets it, in a real window on a real library."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest
from on_page import texts
from people_scenes import PEOPLE, STATES, form, names, type_in
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QDialog, QPushButton
from test_page_layout import cut, cut_sideways, outside, overlaps

from lablive.library.opening import open_library
from lablive.library.people_csv import HEADS
from ui import theme
from ui.people_import import FIELDS, PeopleImport
from ui.person_form import PersonForm

ARTIFACTS = Path(__file__).resolve().parents[2] / "artifacts"
DIALOGS = {"form_new", "form_wrong", "form_twin", "import", "details"}


@pytest.mark.parametrize("name", sorted(STATES.keys() - DIALOGS))
def test_every_state_fits(people_of, themed, name):
    scene = people_of(name)
    ARTIFACTS.mkdir(exist_ok=True)
    for colours in ("light", "dark"):
        theme.apply_theme(themed, colours)
        QApplication.processEvents()
        picture = scene.window.grab()
        picture.save(str(ARTIFACTS / f"people-{name}-{colours}.png"))
        for found in (overlaps, cut, outside, cut_sideways):
            assert found(scene.window) == [], found.__name__


@pytest.mark.parametrize("size", [(1180, 680), (3840, 2160)], ids=str)
def test_long_names_fit_in_small_and_large_windows(people_of, themed, size):
    scene = people_of("long", size=size)
    theme.apply_theme(themed, "light", "larger")
    QApplication.processEvents()
    assert scene.window.size().toTuple() == size
    for found in (overlaps, cut, outside, cut_sideways):
        assert found(scene.window) == [], found.__name__


@pytest.mark.parametrize("name", sorted(DIALOGS))
def test_every_dialog_fits_in_all_text_sizes(people_of, themed, name):
    scene = people_of(name)
    (dialog,) = scene.window.findChildren(QDialog)
    for size in ("normal", "larger"):
        theme.apply_theme(themed, "light", size)
        QApplication.processEvents()
        dialog.grab().save(str(ARTIFACTS / f"people-{name}-{size}.png"))
        assert overlaps(dialog) == []
        assert cut(dialog) == []
        assert cut_sideways(dialog) == []
    theme.apply_theme(themed, "light")


def test_every_control_has_a_name_and_a_key_that_is_its_own(people_of):
    scene = people_of("chosen")
    buttons = scene.people.findChildren(QPushButton)
    assert all(button.accessibleName() for button in buttons)
    keys = [button.key for button in buttons if button.key]
    assert len(keys) == len(set(keys))
    assert {"Ctrl+N", "Ctrl+E", "Ctrl+I", "Ctrl+O"} <= set(keys)


def test_typing_finds_and_arrows_choose(people_of, qtbot):
    scene = people_of()
    page = scene.people
    assert names(scene)[:2] == ["LB-0042", "LB-0041"]  # seen last come first
    assert page.panel.name.full_text() == "Müller-Øst, Anna"
    for letter in "lb-000":
        qtbot.keyClick(page.search, letter)
    scene.settle()
    assert len(names(scene)) == 9
    first = page.panel.name.full_text()
    qtbot.keyClick(page.search, Qt.Key.Key_Down)
    scene.settle()
    assert page.panel.name.full_text() != first
    qtbot.keyClick(page.search, Qt.Key.Key_Escape)
    scene.settle()
    assert len(names(scene)) == len(PEOPLE)


@pytest.mark.parametrize(
    ("typed", "started"),
    [("neil", "LB-0041"), ("runner", "guest"), ("nobody", "guest")],
)
def test_enter_before_the_answer_never_takes_who_was_listed_before(
    people_of, qtbot, typed, started
):
    scene = people_of()
    assert scene.people.panel.code.text() == "LB-0042"
    scene.people.search.setText(typed)
    qtbot.keyClick(scene.people.search, Qt.Key.Key_Return)
    assert scene.model.code == "guest"
    scene.settle()
    assert scene.model.code == started


def test_typing_selects_the_first_found_and_looking_again_keeps_the_chosen(people_of):
    scene = people_of()
    type_in(scene, "example")
    scene.people.list.step(3)
    chosen = scene.people.panel.code.text()
    scene.people.look()
    scene.settle()
    assert scene.people.panel.code.text() == chosen
    type_in(scene, "runner")
    assert scene.people.panel.code.text() == names(scene)[0]


def test_an_older_answer_never_replaces_a_newer_one(people_of):
    scene = people_of()
    for text in ("o", "on", "oneil", "o'neil"):
        scene.people.search.setText(text)
    scene.settle()
    assert names(scene) == ["LB-0041"]


def test_nobody_found_and_an_empty_library_say_what_to_do(people_of):
    scene = people_of("not_found")
    assert "Nobody of this name" in texts(scene.people)
    scene = people_of("empty")
    assert "Nobody is in the library yet." in texts(scene.people)
    assert scene.people.new_button.property("kind") == "primary"


def test_the_history_lists_sessions_and_what_counting_found(people_of):
    scene = people_of("chosen")
    lines = scene.people.panel.sessions.lines
    told = [
        (lines.line(row).head, lines.line(row).state) for row in range(lines.rowCount())
    ]
    assert told[:3] == [
        ("20 Nov 2026", "with losses"), ("trial-01.xdf", "complete"),
        ("trial-02.xdf", "with losses"),
    ]  # fmt: skip
    assert ("1 Sep 2026", "no trial") in told
    said = lines.data(lines.index(2, 0), Qt.ItemDataRole.AccessibleTextRole)
    assert said.startswith("trial-02.xdf: with losses")
    assert "24 of 12200 rows lost" in said


def test_names_are_on_no_other_page_and_in_no_file(people_of):
    scene = people_of("in_session")
    person = PEOPLE[1]
    scene.window.places.go("Session")
    shown = texts(scene.window, hidden=False) + scene.window.windowTitle()
    assert person.code == scene.model.code
    assert person.family_name not in shown
    home = scene.model.library
    files = [path for path in (home / "sessions").rglob("*") if path.is_file()]
    assert files
    for path in files:
        assert person.family_name.encode() not in path.read_bytes()


def test_a_new_person_gets_a_free_code_and_is_chosen(people_of, qtbot):
    scene = people_of()
    with qtbot.waitActive(scene.window):
        scene.window.activateWindow()
    qtbot.keyClick(scene.window, Qt.Key.Key_N, Qt.KeyboardModifier.ControlModifier)
    there = lambda: bool(scene.window.findChildren(PersonForm))  # noqa: E731
    qtbot.waitUntil(there, timeout=10_000)
    typed = form(scene)
    assert typed.code.text() == "LB-0043"
    for field, text in (
        (typed.family_name, "Berg"), (typed.given_name, "Ida"), (typed.mass, "58,5"),
        (typed.height_, "165"), (typed.leg, "0.86"), (typed.birth_year, "1991"),
    ):  # fmt: skip
        qtbot.keyClicks(field, text)
    typed.side.setCurrentText("right")
    typed.places.choose("imu_shank_right")
    qtbot.keyClick(typed.code, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: not there(), timeout=10_000)
    scene.settle()
    assert scene.people.panel.name.full_text() == "Berg, Ida"
    stored = open_library(scene.model.library)
    person = stored.person("LB-0043")
    stored.close()
    assert (person.mass_kg, person.height_m, person.leg_length_m) == (58.5, 1.65, 0.86)
    assert (person.birth_year, person.involved_side) == (1991, "right")
    assert person.affected_sensors == ("imu_shank_right",)
    assert len(person.mass_on) == 10


def test_what_is_wrong_stands_at_its_field_and_nothing_is_stored(people_of):
    scene = people_of("form_wrong")
    said = texts(form(scene))
    for words in (
        "holds the name Berg",
        "620 kg is not plausible",
        "no number",
        "1788",
    ):
        assert words in said
    assert scene.window.findChildren(PersonForm)
    stored = open_library(scene.model.library)
    assert stored.people()[1] == len(PEOPLE)
    stored.close()


def test_the_same_name_is_asked_about_once(people_of):
    scene = people_of("form_twin")
    typed = form(scene)
    assert "LB-0042 has the same name" in texts(typed)
    typed.twin_button.click()
    scene.settle()
    assert scene.window.findChildren(PersonForm) == []
    assert scene.people.panel.code.text() == "LB-0043"


def test_a_change_made_elsewhere_meanwhile_is_told_in_the_form(people_of):
    scene = people_of("chosen")
    scene.people.edit()
    other = open_library(scene.model.library)
    theirs = other.person("LB-0042")
    other.save(msgspec.structs.replace(theirs, notes="theirs"))
    form(scene).notes.setPlainText("mine")
    form(scene).save_button.click()
    scene.settle()
    assert "changed in another window" in texts(form(scene))
    assert form(scene).notes.toPlainText() == "mine"
    assert other.person("LB-0042").notes == "theirs"
    other.close()


def test_a_table_is_tried_before_it_is_stored(people_of):
    scene = people_of("import")
    (dialog,) = scene.window.findChildren(PeopleImport)
    assert "2 people would be added, 2 lines left out" in dialog.summary.text()
    said = texts(dialog)
    assert "line 3: A body mass of 620 kg" in said
    assert "line 4: The code LB-0042 is taken." in said
    mass = next(it for it in dialog.columns if it.currentText() == "body mass")
    mass.setCurrentIndex(0)  # leave out
    scene.settle()
    assert "3 people would be added, 1 line left out" in dialog.summary.text()
    dialog.import_button.click()
    scene.settle()
    assert scene.people.card._subtitle.full_text() == str(len(PEOPLE) + 3)
    assert "3 people added" in texts(scene.people.notice)


def test_every_field_of_a_table_has_its_words():
    assert set(FIELDS) == set(HEADS)


def test_a_table_that_is_none_is_told_in_its_dialog(people_of, tmp_path):
    scene = people_of()
    (tmp_path / "photo.csv").write_bytes(b"\x89PNG\0\0")
    scene.people.import_people(tmp_path / "photo.csv")
    scene.settle()
    (dialog,) = scene.window.findChildren(PeopleImport)
    assert "cannot be read as a table" in dialog.summary.text()
    assert not dialog.import_button.isEnabled()
