"""Where blocks are: moved, hidden, stored and damaged, without any window."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lablive.errors import ConfigError
from ui.live.layout import (
    Column,
    Layout,
    Slot,
    chosen,
    completed,
    layout_path,
    load_layout,
    moved,
    place,
    resized,
    save_layout,
)

USUAL = Layout(
    (
        Column(27, (Slot("feet", 5), Slot("skills", 5))),
        Column(51, (Slot("force", 4), Slot("sound", 3))),
        Column(22, (Slot("tiles", 6),)),
    )
)


def names(layout):
    return [[slot.block for slot in column.slots] for column in layout.columns]


@pytest.mark.parametrize(
    ("block", "column", "row", "wanted"),
    [
        ("feet", 1, 0, [["skills"], ["feet", "force", "sound"], ["tiles"]]),
        ("feet", 0, 2, [["skills", "feet"], ["force", "sound"], ["tiles"]]),
        ("skills", 0, 0, [["skills", "feet"], ["force", "sound"], ["tiles"]]),
        ("tiles", 1, 9, [["feet", "skills"], ["force", "sound", "tiles"]]),
        ("sound", 3, 0, [["feet", "skills"], ["force"], ["tiles"], ["sound"]]),
        ("sound", -1, 0, [["sound"], ["feet", "skills"], ["force"], ["tiles"]]),
        ("tiles", 3, 0, names(USUAL)),  # a column of its own it has already
    ],
)
def test_a_block_moves_to_its_place(block, column, row, wanted):
    assert names(moved(USUAL, block, column, row)) == wanted


@given(
    st.lists(
        st.tuples(
            st.sampled_from(USUAL.blocks), st.integers(-2, 5), st.integers(-1, 6)
        ),
        max_size=12,
    )
)
def test_no_move_loses_or_doubles_a_block(moves):
    layout = USUAL
    for move in moves:
        layout = moved(layout, *move)
        assert sorted(layout.blocks) == sorted(USUAL.blocks)
        assert 1 <= len(layout.columns) <= 4
        assert all(column.slots and column.share > 0 for column in layout.columns)


def test_sizes_of_what_is_not_on_the_screen_stay():
    layout = resized(USUAL, {0: 300, 1: 300}, {"force": 100, "sound": 300})
    assert [column.share for column in layout.columns] == [39, 39, 22]
    assert [slot.share for slot in layout.columns[1].slots] == [1.75, 5.25]
    assert layout.columns[0].slots == USUAL.columns[0].slots


def test_a_layout_comes_back_as_it_was_stored(tmp_path):
    layout = chosen(moved(USUAL, "feet", 1, 1), "sound", shown=False)
    path = layout_path(tmp_path, "whole_lab")
    save_layout(path, layout)
    assert load_layout(path, USUAL) == layout
    assert [it.name for it in path.parent.iterdir()] == ["whole_lab.json"]
    assert load_layout(layout_path(tmp_path, "demo"), USUAL) == USUAL


def test_a_layout_of_another_version_keeps_what_is_known():
    old = Layout(
        (
            Column(1, (Slot("gone"), Slot("sound", float("nan")), Slot("sound"))),
            Column(2, (Slot("gone"),)),
        ),
        {"gone": True, "feet": False},
        ("cadence_spm",),
    )
    found = completed(old, USUAL)
    assert sorted(found.blocks) == sorted(USUAL.blocks)
    assert place(found, "sound") == (0, 0)
    assert (found.chosen, found.curves) == ({"feet": False}, ("cadence_spm",))


@pytest.mark.parametrize(
    "text",
    [b"", b"{", b"[]", b'{"columns": 3}', b'{"columns": [], "schema": 9}', b"\xff"],
)
def test_a_damaged_file_is_one_message(tmp_path, text):
    path = layout_path(tmp_path, "demo")
    path.parent.mkdir()
    path.write_bytes(text)
    with pytest.raises(ConfigError) as told:
        load_layout(path, USUAL)
    assert str(path) in str(told.value)
    assert "usual arrangement" in str(told.value)


def test_a_file_in_the_place_of_the_folder_is_told(tmp_path):
    (tmp_path / "screens").write_text("")
    with pytest.raises(ConfigError, match="not stored"):
        save_layout(layout_path(tmp_path, "demo"), USUAL)
