"""Keys: none twice in one place, and a lab's own in a file that is checked."""

from __future__ import annotations

import pytest

from lablive.errors import ConfigError
from ui import keymap
from ui.action_table import ACTIONS, SPECS
from ui.key_list import key_lines


@pytest.fixture(autouse=True)
def shipped():
    """Leave the shipped keys behind."""
    yield
    keymap.use({})


def write(folder, text):
    (folder / keymap.FILE).write_text(f"schema = 1\n[keys]\n{text}", encoding="utf-8")
    return folder


def test_every_action_has_a_key_and_words_of_its_own():
    assert len(ACTIONS) == len(SPECS)
    for spec in SPECS:
        assert spec.keys, spec.id
        assert spec.where, spec.id
        assert spec.about[-1] != ".", spec.id
        assert all(keymap._normal(key) == key for key in spec.keys), spec.keys


def test_no_two_actions_share_a_key_where_both_can_be():
    assert list(keymap.clashes({})) == []


def test_without_a_file_the_shipped_keys_count(tmp_path):
    assert keymap.own_keys(tmp_path) == ""
    assert keymap.keys_of("marker") == ("M", "Space")


def test_a_lab_changes_keys(tmp_path, qapp):
    told = keymap.own_keys(write(tmp_path, 'marker = ["f8", "m"]\nskip = ""\n'))
    assert told == ""
    assert keymap.keys_of("marker") == ("F8", "M")
    assert keymap.key_text("marker") == "F8"
    assert keymap.keys_of("skip") == ()
    assert ("F8 or M" in [keys for _, keys, *_ in key_lines()]) is True
    assert "Skip" not in [title for _, _, title, _ in key_lines()]


def test_every_mistake_is_told_at_once_and_the_shipped_keys_stay(tmp_path):
    folder = write(tmp_path, 'markr = "M"\nskip = "N"\nrecord = "Qwerty"\nstop = "7"\n')
    told = keymap.own_keys(folder)
    assert "line 3" in told
    assert "there is no action 'markr'; did you mean marker?" in told
    assert "line 4" in told
    assert 'next and skip would share the key "N" (Session, at a gate)' in told
    assert "line 5" in told
    assert "'Qwerty' is no key" in told
    assert keymap.keys_of("stop") == ACTIONS["stop"].keys


def test_keys_that_change_places_do_not_clash(tmp_path):
    assert keymap.own_keys(write(tmp_path, 'next = "X"\nskip = "N"\n')) == ""


def test_one_key_for_two_places_that_are_never_together_is_fine(tmp_path):
    assert keymap.own_keys(write(tmp_path, 'simulate = "N"\n')) == ""


@pytest.mark.parametrize("text", ["no toml [", "schema = 2\n[keys]\n", "[keys]\n"])
def test_a_file_that_is_none_is_told(tmp_path, text):
    (tmp_path / keymap.FILE).write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError, match=keymap.FILE):
        keymap.load_keys(tmp_path)
