"""Markers, notes, pain and effort: read back, changed, never written over."""

from __future__ import annotations

import pytest

from lablive.errors import ConfigError
from lablive.messages import Marker
from lablive.protocol.pain import drill_pain_nrs
from lablive.protocol.quick_texts import FILE, load_quick_texts
from lablive.protocol.remarks import edit_of, pain_entries, remarks_of


def test_each_kind_is_read_in_the_order_of_time():
    found, problems = remarks_of(
        [
            Marker(30.0, "4", "pain"),
            Marker(10.0, "marker"),
            Marker(20.0, "left knee", "note"),
            Marker(25.0, "baseline begin", "block"),
            Marker(40.0, "10", "effort"),
        ]
    )
    assert problems == ()
    assert [it.words for it in found] == [
        "marker", "note: left knee", "pain 4", "effort 10",
    ]  # fmt: skip
    assert [it.value for it in found] == [None, None, 4, 10]


def test_a_change_keeps_the_time_and_the_first_text():
    marker = Marker(10.0, "marker")
    (first,), _ = remarks_of([marker])
    once = edit_of(first, "stumbled")
    (named,), _ = remarks_of([marker, once])
    assert (named.t_s, named.words) == (10.0, "marker: stumbled")
    twice = edit_of(named, "stumbled, left")
    (last,), problems = remarks_of([marker, once, twice])
    assert (last.text, last.first_text, last.t_s) == ("stumbled, left", "marker", 10.0)
    assert problems == ()


def test_pain_is_what_the_drills_read():
    found, _ = remarks_of(
        [Marker(60.0, "1", "pain"), Marker(70.0, "6", "effort"),
         Marker(120.0, "5", "pain"), Marker(120.0, "3", "edit")]
    )  # fmt: skip
    told = drill_pain_nrs(pain_entries(found))
    assert (told.value, told.rising, told.n) == (3.0, True, 2)
    assert told.verdict == "caution"


@pytest.mark.parametrize("text", ["11", "-1", "3.5", "", "much", "¾", "²"])
def test_what_is_no_number_of_the_scale_is_told_and_left_out(text):
    found, problems = remarks_of([Marker(1.0, text, "pain")])
    assert found == ()
    assert problems == (f'pain "{text}" is left out: it goes from 0 to 10.',)
    kept, problems = remarks_of([Marker(1.0, "2", "pain"), Marker(1.0, text, "edit")])
    assert [it.value for it in kept] == [2]
    assert len(problems) == 1


def test_a_change_of_nothing_is_told():
    found, problems = remarks_of([Marker(1.0, "lost", "edit")])
    assert found == ()
    assert problems == ('"lost" changes a remark that is not there.',)


def test_two_remarks_of_one_moment_are_both_kept():
    found, _ = remarks_of(
        [Marker(1.0, "marker"), Marker(1.0, "3", "pain"), Marker(1.0, "4", "edit")]
    )
    assert [it.words for it in found] == ["marker", "pain 4"]


def test_quick_texts_are_shipped_and_a_labs_own_win(tmp_path):
    assert "stumbled" in load_quick_texts(tmp_path)
    (tmp_path / FILE).write_text('schema = 1\ntexts = ["water"]\n', encoding="utf-8")
    assert load_quick_texts(tmp_path) == ("water",)


def test_wrong_quick_texts_are_told_at_once(tmp_path):
    text = f"schema = 2\ntexts = {[''] * 12}\n"
    (tmp_path / FILE).write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError) as told:
        load_quick_texts(tmp_path)
    for part in ("schema 2", "12 are too many", "one of them is empty"):
        assert part in str(told.value)
