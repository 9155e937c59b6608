"""A drill while it is written: the file it becomes, and what is wrong with it."""

from __future__ import annotations

import pytest

from lablive.drills.catalogue import load_catalogue, load_drill
from lablive.drills.draft import Draft
from lablive.errors import ConfigError


@pytest.mark.parametrize("drill_id", sorted(load_catalogue()[0]))
def test_every_shipped_drill_comes_through_unchanged(drill_id):
    drill = load_drill(drill_id)
    assert Draft(drill).drill(drill_id) == drill


def test_every_mistake_is_named_and_nothing_is_written(tmp_path):
    draft = Draft(load_drill("hop_two"))
    draft.set(300, "reps")
    draft.set("", "text", "en", "title")
    draft.add_score("pelvic_drop_deg")
    draft.set_span(len(draft.scores) - 1, "pass", 10.0, 3.0)
    with pytest.raises(ConfigError) as told:
        draft.save("hop_mine", tmp_path)
    for wrong in ("reps = 300", "title", "pass = [10, 3]"):
        assert wrong in str(told.value)
    assert "pelvic drop: pass = [10, 3]" in draft.in_words(str(told.value))
    assert list(tmp_path.iterdir()) == []


def test_a_copy_is_a_drill_of_the_lab(tmp_path):
    draft = Draft(load_drill("hop_two"))
    draft.set("Soft hops", "text", "en", "title")
    draft.set_span(0, "good", None, None)
    draft.set_span(0, "caution", None, None)
    draft.set_span(0, "pass", None, 2.5)
    draft.save("hop_soft", tmp_path)
    made = load_drill("hop_soft", tmp_path)
    assert made.words().title == "Soft hops"
    assert made.scores[0].passes == (float("-inf"), 2.5)
    with pytest.raises(ConfigError, match="already"):
        draft.save("hop_soft", tmp_path)
    draft.save("hop_soft", tmp_path, replace=True)


@pytest.mark.parametrize("drill_id", ["", "Hop", "../hop", "hop soft"])
def test_an_id_is_the_name_of_a_file(drill_id):
    with pytest.raises(ConfigError, match="id"):
        Draft(load_drill("hop_two")).drill(drill_id)
