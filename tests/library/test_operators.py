"""Who may unlock: PINs as hashes, one admin always, a broken file lets nobody in."""

from __future__ import annotations

import pytest

from lablive.errors import ConfigError, LibraryError
from lablive.library import operators


def test_without_anybody_nothing_is_locked(tmp_path):
    assert not operators.load(tmp_path).wanted


def test_a_pin_says_who_it_is_and_is_not_in_the_file(tmp_path):
    operators.add(tmp_path, "  Ann   Lind ", "admin", "135790")
    operators.add(tmp_path, "Bo", "operator", "2468")
    held = operators.load(tmp_path)
    assert held.wanted
    assert held.with_pin("135790").name == "Ann Lind"
    assert held.with_pin("2468").role == "operator"
    assert held.with_pin("0000") is None
    assert held.with_pin("") is None
    path = tmp_path / operators.FILE
    assert b"135790" not in path.read_bytes()
    assert path.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    ("name", "role", "pin", "why"),
    [
        ("Bo", "operator", "123", "PIN of 4"),
        (" ", "operator", "2468", "has a name"),
        ("Bo", "operator", "135790", "somebody else's"),
        ("Ann", "operator", "135790", "an admin"),
    ],
)
def test_what_cannot_be_is_one_message(tmp_path, name, role, pin, why):
    operators.add(tmp_path, "Ann", "admin", "135790")
    before = operators.load(tmp_path)
    with pytest.raises(LibraryError, match=why):
        operators.add(tmp_path, name, role, pin)
    assert operators.load(tmp_path) == before


def test_the_first_is_an_admin_and_the_last_one_goes_last(tmp_path):
    with pytest.raises(LibraryError, match="admin"):
        operators.add(tmp_path, "Bo", "operator", "2468")
    operators.add(tmp_path, "Ann", "admin", "135790")
    operators.add(tmp_path, "Bo", "operator", "2468")
    with pytest.raises(LibraryError, match="last admin"):
        operators.remove(tmp_path, "Ann")
    with pytest.raises(LibraryError, match="no operator Cy"):
        operators.remove(tmp_path, "Cy")
    operators.remove(tmp_path, "Bo")
    assert not operators.remove(tmp_path, "Ann").wanted


def test_idle_minutes_have_a_range(tmp_path):
    assert operators.set_idle(tmp_path, 3).idle_min == 3
    with pytest.raises(LibraryError, match="1 to 240"):
        operators.set_idle(tmp_path, 0)


@pytest.mark.parametrize("text", ["{", '{"people": 3}', '{"people": [{"name": "A"}]}'])
def test_a_broken_file_lets_nobody_in(tmp_path, text):
    (tmp_path / operators.FILE).write_text(text)
    with pytest.raises(ConfigError, match=r"operators\.json"):
        operators.load(tmp_path)
