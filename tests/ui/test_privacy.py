"""Names locked, the window locked, a person deleted: in the window."""

from __future__ import annotations

import os

import keyring
import pytest
from keyring.backends.fail import Keyring as NoKeyring
from on_page import texts
from people_scenes import PEOPLE, SESSIONS, names
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMainWindow, QWidget

from lablive import journal
from lablive.library import cipher, operators, passphrase
from lablive.library.opening import open_library
from ui import operator_lock
from ui.actions import actions_in
from ui.operator_lock import OperatorLock
from ui.person_form import PersonForm
from ui.privacy_dialog import PrivacyDialog
from ui.session_model import State

WORDS = "four words of ours"


@pytest.fixture(autouse=True)
def _alone(monkeypatch):
    monkeypatch.setattr(cipher, "_ROUNDS", 10)
    monkeypatch.setenv(journal.OPERATOR, "")  # put back after each test
    before = keyring.get_keyring()
    keyring.set_keyring(NoKeyring())
    yield
    keyring.set_keyring(before)
    cipher.forget()


def locked_names(home):
    passphrase.set_passphrase(home, WORDS)
    cipher.forget()


def with_operators(home):
    operators.add(home, "Ann", "admin", "135790")
    operators.add(home, "Bo", "operator", "2468")


@pytest.fixture
def locked(people_of):
    """Return a window on a library whose names a passphrase locks."""
    return people_of(break_it=locked_names)


@pytest.fixture
def guarded(people_of):
    """Return a window where Ann and Bo work, locked."""
    scene = people_of()
    with_operators(scene.model.library)
    scene.lock = scene.window.privacy.lock
    scene.lock.lock()
    return scene


def type_pin(scene, pin):
    scene.lock.pin.setText(pin)
    QTest.keyClick(scene.lock.pin, Qt.Key.Key_Return)


def shown(scene):
    return " ".join([texts(scene.window.places), texts(scene.people)])


def test_locked_names_are_asked_for_and_opened(locked):
    trouble = locked.people.trouble
    assert trouble.isVisible()
    assert "names are locked" in texts(trouble)
    assert not locked.people.list.isVisible()
    trouble.passphrase.setText("wrong words")
    trouble.unlock_button.click()
    locked.settle()
    assert "does not fit" in texts(trouble)
    trouble.passphrase.setText(WORDS)
    QTest.keyClick(trouble.passphrase, Qt.Key.Key_Return)
    locked.settle()
    assert not trouble.isVisible()
    assert trouble.passphrase.text() == ""
    assert len(names(locked)) == len(PEOPLE)


def test_a_library_whose_first_page_is_lost_comes_back_from_its_backup(people_of):
    def lost(home):
        library = open_library(home)
        library.backup()
        library.close()
        locked_names(home)
        path = home / "library.sqlite3"
        path.write_bytes(os.urandom(4096) + path.read_bytes()[4096:])

    scene = people_of(break_it=lost)
    trouble = scene.people.trouble
    trouble.passphrase.setText(WORDS)
    trouble.unlock_button.click()
    scene.settle()
    assert "bring back the backup" in texts(trouble)
    trouble.restore_button.click()
    scene.settle()
    assert len(names(scene)) == len(PEOPLE)


def test_recording_works_while_names_are_locked(locked):
    locked.lab.connect()
    locked.tick()
    locked.model.record()
    locked.tick()
    assert locked.model.state is State.RECORDING


def test_a_forgotten_passphrase_leaves_codes_and_the_locked_file(locked):
    locked.people.trouble.anew_button.click()
    locked.settle()
    assert sorted(names(locked)) == sorted({code for _, code, _ in SESSIONS})
    (aside,) = locked.model.library.glob("library-aside-*.sqlite3")
    assert cipher.is_locked(aside)


def test_a_locked_window_shows_nobody_and_does_nothing(guarded):
    assert guarded.lock.isVisible()
    assert not guarded.window.places.isVisible()
    assert texts(guarded.people).strip() == ""
    possible = [it.id for it in actions_in(guarded.window).values() if it.is_possible]
    assert possible == []
    assert not guarded.lock.may_administrate()


def test_a_pin_opens_it_and_says_who(guarded):
    type_pin(guarded, "0000")
    assert guarded.lock.isVisible()
    type_pin(guarded, "2468")
    assert not guarded.lock.isVisible()
    assert guarded.window.places.isVisible()
    assert guarded.lock.operator.name == "Bo"
    assert not guarded.lock.may_administrate()
    lines = journal.lines(guarded.model.library)
    assert [it.what for it in lines] == ["unlock refused", "unlocked"]
    assert lines[-1].who.startswith("Bo (")
    guarded.lock.lock()
    type_pin(guarded, "135790")
    assert guarded.lock.may_administrate()
    assert "privacy" in actions_in(guarded.window)
    assert actions_in(guarded.window)["privacy"].is_possible


def test_after_wrong_pins_it_waits(guarded, monkeypatch):
    now = [operator_lock.now_s()]
    monkeypatch.setattr(operator_lock, "now_s", lambda: now[0])
    for _ in range(operator_lock.TRIES):
        type_pin(guarded, "0000")
    assert "Too many" in guarded.lock.said.text()
    guarded.lock.pin.setText("2468")
    guarded.lock.try_pin()
    assert guarded.lock.isVisible()
    now[0] += operator_lock.WAIT_S + 1
    guarded.lock.tick()
    type_pin(guarded, "2468")
    assert not guarded.lock.isVisible()


def test_it_locks_after_idle_minutes_and_not_before(guarded, monkeypatch):
    type_pin(guarded, "2468")
    begin = operator_lock.now_s()
    monkeypatch.setattr(operator_lock, "now_s", lambda: begin + 9 * 60)
    guarded.lock.tick()
    assert not guarded.lock.locked
    QTest.keyClick(guarded.window.windowHandle(), Qt.Key.Key_Shift)
    monkeypatch.setattr(operator_lock, "now_s", lambda: begin + 18 * 60)
    guarded.lock.tick()
    assert not guarded.lock.locked
    monkeypatch.setattr(operator_lock, "now_s", lambda: begin + 20 * 60)
    guarded.lock.tick()
    assert guarded.lock.locked


def test_recording_goes_on_and_is_told(guarded):
    type_pin(guarded, "2468")
    guarded.lab.connect()
    guarded.tick()
    guarded.model.record()
    guarded.tick()
    guarded.lock.lock()
    guarded.tick()
    guarded.lock.tick()
    assert guarded.model.state is State.RECORDING
    assert "Recording goes on" in guarded.lock.running.text()
    assert guarded.model.code not in guarded.lock.running.text()


def test_what_was_being_typed_is_there_again(guarded):
    type_pin(guarded, "2468")
    guarded.people.add()
    guarded.settle()
    (form,) = guarded.people.findChildren(PersonForm)
    assert form.isVisible()
    guarded.lock.lock()
    assert not form.isVisible()
    type_pin(guarded, "2468")
    assert form.isVisible()
    form.reject()


def test_a_new_window_is_locked_and_a_broken_list_lets_nobody_in(qtbot, tmp_path):
    with_operators(tmp_path)
    window, content = QMainWindow(), QWidget()
    window.setCentralWidget(content)
    qtbot.addWidget(window)
    lock = OperatorLock(window, content, tmp_path, lambda: "")
    window.show()
    assert lock.locked
    assert not content.isVisible()
    (tmp_path / operators.FILE).write_text("{")
    lock.pin.setText("135790")
    lock.try_pin()
    assert lock.locked
    assert not lock.may_administrate()


def test_without_operators_nothing_locks_and_it_is_said(people_of):
    scene = people_of()
    actions_in(scene.window)["lock"].act()
    assert not scene.window.privacy.lock.locked
    assert "no operators" in texts(scene.people.notice, hidden=True)


def dialog_of(scene, *, admin=True, **more):
    dialog = PrivacyDialog(scene.register, scene.window, admin=admin, **more)
    dialog.open()
    scene.settle()
    return dialog


def test_a_passphrase_is_set_and_removed_in_the_window(people_of):
    scene = people_of()
    dialog = dialog_of(scene)
    assert "can read the names" in dialog.state.text()
    dialog.new.setText(WORDS)
    dialog.again.setText("other words")
    dialog.set_button.click()
    assert "not the same" in dialog.passphrase_told.text()
    dialog.again.setText(WORDS)
    dialog.set_button.click()
    scene.settle()
    assert "are locked now" in dialog.passphrase_told.text()
    assert dialog.new.text() == ""
    assert cipher.is_locked(scene.model.library / "library.sqlite3")
    assert len(names(scene)) == len(PEOPLE)
    dialog.remove_button.click()
    assert "Press again" in dialog.remove_button.text()
    dialog.remove_button.click()
    scene.settle()
    assert not cipher.is_locked(scene.model.library / "library.sqlite3")
    assert "2 lines" in dialog.journal_told.text()
    dialog.reject()


def test_a_person_is_deleted_after_the_code_was_typed(people_of):
    scene = people_of()
    code, gone = SESSIONS[0][1], []
    dialog = dialog_of(scene, deleted=gone.append)
    dialog.code.setText(code)
    dialog.look_button.click()
    scene.settle()
    assert f"_{code}" in dialog.listed.toPlainText()
    assert not dialog.delete_button.isEnabled()
    dialog.typed.setText(code)
    dialog.delete_button.click()
    scene.settle()
    assert f"{code} is deleted" in dialog.delete_told.text()
    assert gone == [code]
    dialog.reject()
    scene.register.close()
    library = open_library(scene.model.library)
    assert library.person(code) is None
    library.close()


def test_nobody_is_deleted_while_recorded_or_by_another_code(people_of):
    scene = people_of()
    code = SESSIONS[0][1]
    dialog = dialog_of(scene, recorded=lambda: code.lower())
    dialog.code.setText("LB-9999")
    dialog.look_button.click()
    scene.settle()
    assert "nobody with the code" in dialog.delete_told.text()
    dialog.code.setText(code)
    dialog.look_button.click()
    scene.settle()
    dialog.typed.setText(code)
    dialog.delete_button.click()
    assert "stop it first" in dialog.delete_told.text()
    assert (scene.model.library / "sessions").is_dir()
    dialog.reject()


def test_only_an_admin_changes_anything(people_of):
    dialog = dialog_of(people_of(), admin=False)
    assert "Only an admin" in texts(dialog)
    for it in (dialog.set_button, dialog.look_button, dialog.delete_button):
        assert not it.isEnabled()
    dialog.reject()
