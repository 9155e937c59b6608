"""The People page as a clinician meets it, in a real window on a real library."""

from __future__ import annotations

import hashlib
from pathlib import Path

import msgspec
import pytest
from on_page import texts
from people_scenes import PEOPLE, STATES, PeopleScene, show
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QDialog, QPushButton
from test_page_layout import cut, cut_sideways, outside, overlaps

from lablive.library.opening import open_library
from lablive.library.people_csv import HEADS
from lablive.library.records import Person
from lablive.library.session_plan import load_plan
from lablive.library.summary import summary_path
from lablive.messages import Chunk
from lablive.recording.recorder import Recorder
from lablive.signals.montage import Subject
from ui import theme
from ui.people_import import FIELDS, PeopleImport
from ui.person_form import PersonForm
from ui.session_form import SessionForm
from ui.session_model import State
from ui.simulated_lab import SimulatedLab

ARTIFACTS = Path(__file__).resolve().parents[2] / "artifacts"
DIALOGS = {"form_new", "form_wrong", "form_twin", "import", "details"}


@pytest.fixture
def people_of(themed, tmp_path, nothing_left):
    """Make windows with the People page in a state; close them after."""
    made = []

    def build(state=None, size=(1366, 768), **how):
        folder = tmp_path / str(len(made))
        folder.mkdir()
        scene = show(state, folder) if state else PeopleScene(folder, **how)
        made.append(scene)
        scene.window.resize(*size)
        scene.window.show()
        themed.processEvents()
        scene.settle()
        return scene

    yield build
    for scene in made:
        for dialog in scene.window.findChildren(QDialog):
            dialog.reject()
        scene.close()


def names(scene):
    lines = scene.people.list.lines
    return [lines.line(row).person.code for row in range(lines.rowCount())]


def form(scene):
    (found,) = scene.window.findChildren(PersonForm)
    return found


def type_in(scene, text):
    scene.people.search.setText(text)
    scene.settle()


# -- how it looks -----------------------------------------------------------------


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
    keys = [button.shortcut().toString() for button in buttons]
    keys = [key for key in keys if key]
    assert len(keys) == len(set(keys))
    assert {"Ctrl+N", "Ctrl+E", "Ctrl+I", "Ctrl+O"} <= set(keys)


# -- finding ----------------------------------------------------------------------


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


# -- changing ---------------------------------------------------------------------


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


# -- the session ------------------------------------------------------------------


def test_enter_starts_the_session_of_the_chosen_person(people_of, qtbot):
    scene = people_of()
    qtbot.keyClick(scene.people.search, Qt.Key.Key_Return)
    assert scene.window.places.here == "Session"
    assert (scene.model.code, scene.model.mass_kg) == ("LB-0042", 62.5)
    assert scene.model.live.subject == Subject(62.5, 1.68, 0.88)
    assert "62.5 kg, entered 20 Nov 2026" in texts(scene.page.notice)
    scene.window.places.go("People")
    scene.settle()
    assert scene.people.panel.start_button.text() == "Go to session"


def test_the_measures_of_the_person_reach_the_pipeline_and_the_trial(people_of):
    scene = people_of()
    scene.people._start()
    scene.lab.connect()
    scene.tick()
    assert scene.model.live.montage.subject == Subject(62.5, 1.68, 0.88)
    scene.model.record()
    (_, asked) = next(it for it in scene.lab.host.asked if it[0] == "start_recording")
    assert "height_m = 1.68" in asked["header"]["montage"]
    assert asked["header"]["code"] == "LB-0042"


def test_a_code_typed_in_the_top_line_brings_its_person(people_of):
    scene = people_of()
    scene.window.places.go("Session")
    scene.page.top._code.setText("LB-0041")
    scene.page.top._code.editingFinished.emit()
    scene.settle()
    assert scene.model.mass_kg == 81.0
    assert scene.window.filing.person.family_name == "O'Neil"
    scene.page.top._mass.setText("80,5")
    scene.page.top._mass.editingFinished.emit()
    scene.settle()
    stored = open_library(scene.model.library)
    assert stored.person("LB-0041").mass_kg == 80.5
    stored.close()


def test_a_code_typed_in_another_case_is_the_same_person(people_of):
    scene = people_of()
    scene.model.change_person("lb-0041")
    scene.settle()
    assert scene.model.code == "LB-0041"
    assert scene.page.top._code.text() == "LB-0041"
    assert scene.model.mass_kg == 81.0


def test_the_mass_of_the_simulated_runner_is_nobodys(people_of, monkeypatch):
    scene = people_of()
    scene.people._start()
    monkeypatch.setattr(SimulatedLab, "sources", ("a simulated insole",))
    scene.model.set_mass(70.0)
    scene.settle()
    stored = open_library(scene.model.library)
    assert stored.person("LB-0042").mass_kg == 62.5
    stored.close()


def test_a_recording_is_filed_under_its_person_with_configs(people_of):
    scene = people_of()
    scene.people._start()
    scene.lab.connect()
    scene.tick()
    scene.model.record()
    scene.tick()
    assert scene.model.state is State.RECORDING
    scene.settle()
    folder = scene.model.live.recording.path.parent
    plan = load_plan(folder)
    assert (plan.code, plan.subject) == ("LB-0042", Subject(62.5, 1.68, 0.88))
    assert plan.involved_side == "left"
    (configs,) = plan.configs.values()
    assert [name.split("-")[0] for name in configs][:2] == ["metrics", "montage"]
    assert all((folder / "configs" / name).is_file() for name in configs)
    assert plan.protocol == scene.model.gates.template_name
    assert any(name.startswith(f"protocol-{plan.protocol}-") for name in configs)
    scene.window.places.go("People")
    scene.settle()
    line = scene.people.panel.sessions.lines.line(0)
    assert (line.session.folder, line.state) == (f"sessions/{folder.name}", "no trial")


def test_while_recording_keys_stay_with_the_recording(people_of, qtbot):
    scene = people_of("recording")
    scene.window.places.go("Session")
    scene.window.places.go("People")
    assert not scene.people.search.hasFocus()
    assert not scene.people.panel.start_button.isEnabled()
    code = scene.model.code
    scene.people._start()
    assert scene.model.code == code
    assert "the person stays" in texts(scene.people.notice)


def test_a_window_opened_during_a_recording_goes_on_with_its_person(people_of):
    scene = people_of()
    scene.lab.connect()
    scene.tick()
    folder = scene.model.library / "sessions" / "2026-11-21_LB-0041"
    folder.mkdir(parents=True)
    scene.model.record(folder / "trial-01.xdf")
    scene.tick()
    scene.settle()
    assert scene.model.code == "LB-0041"
    assert scene.window.filing.person.family_name == "O'Neil"


def test_nobody_chosen_is_filed_as_guest(people_of):
    scene = people_of()
    scene.lab.connect()
    scene.tick()
    scene.model.record()
    scene.tick()
    scene.settle()
    assert scene.model.live.recording.path.parent.name.endswith("_guest")
    stored = open_library(scene.model.library)
    assert [entry.code for entry in stored.sessions("guest")] == ["guest"]
    stored.close()


def recorded(scene):
    """Let a recording of the chosen person begin and end; its file is a real one."""
    scene.people._start()
    scene.lab.connect()
    scene.tick()
    scene.model.record()
    scene.tick()
    path = scene.model.live.recording.path
    recorder = Recorder(path, scene.lab.infos[:2], {"code": scene.model.code}, None)
    for info in scene.lab.infos[:2]:
        t_s, x = scene.lab.window(info.name, 0.0, 2.0)
        recorder.append(Chunk(info.id, 0, t_s, x.astype("float32")))
    recorder.close()
    return path


def test_a_recording_that_ended_is_listed_counted_and_measured(people_of, qtbot):
    scene = people_of()
    path = recorded(scene)
    scene.model.stop()
    scene.tick(6)
    scene.window.places.go("People")
    qtbot.waitUntil(lambda: summary_path(path).exists(), timeout=60_000)
    panel = scene.people.panel

    def states():
        scene.tick(1)
        scene.settle()
        return [trial.state for trial in panel.sessions.lines.line(0).session.trials]

    qtbot.waitUntil(lambda: states() == ["complete"], timeout=20_000)
    stored = open_library(scene.model.library)
    (entry, *_) = stored.sessions("LB-0042")
    stored.close()
    assert entry.trials[0].sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    assert entry.trials[0].duration_s > 1.9


def test_trials_nobody_counted_are_counted_when_the_window_opens_again(
    people_of, qtbot
):
    scene = people_of("chosen")
    scene.window.filing.count_rest()

    def left():
        scene.settle()
        lines = scene.people.panel.sessions.lines
        listed = (lines.line(row) for row in range(lines.rowCount()))
        return [line.head for line in listed if line.state == "not counted"]

    assert left() == ["9 Oct 2026", "trial-01.xdf"]
    qtbot.waitUntil(lambda: left() == [], timeout=60_000)


def test_shoes_pain_and_notes_of_a_session_are_kept_in_its_folder(people_of, qtbot):
    scene = people_of("chosen")
    scene.people.panel.details_button.click()
    (details,) = scene.window.findChildren(SessionForm)
    assert details.shoes.text() == "Cloudrun 3"
    details.shoes.setText("barefoot")
    details.pain.setCurrentText("5")
    details.notes.setPlainText("warm, tired")
    details.save_button.click()
    scene.settle()
    assert scene.window.findChildren(SessionForm) == []
    plan = load_plan(scene.model.library / "sessions" / "2026-11-20_LB-0042")
    assert (plan.shoes, plan.pain_nrs, plan.notes) == ("barefoot", 5, "warm, tired")
    assert plan.subject == Subject(62.5)  # what was not asked stays
    assert "shoes: barefoot" in scene.people.panel.sessions.lines.line(0).detail


def test_a_trial_of_the_history_is_opened_by_key(people_of, qtbot):
    scene = people_of("chosen")
    path = recorded(scene)
    scene.model.live.recording = None
    scene.register.ask(lambda library: library.sync())
    scene.window.places.go("People")
    scene.settle()
    sessions = scene.people.panel.sessions
    sessions.setCurrentIndex(sessions.lines.index(1, 0))
    assert scene.people.panel.open_button.isEnabled()
    scene.people.panel.open_button.click()
    assert scene.model.replay.path == path
    assert scene.window.places.here == "Session"


# -- trouble ----------------------------------------------------------------------


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
