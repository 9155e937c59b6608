"""Drills as files: the catalogue, and every mistake told at once with its line."""

from __future__ import annotations

import pytest

from lablive.drills.catalogue import (
    drill_ids,
    load_catalogue,
    load_drill,
    parse_drill,
)
from lablive.drills.marks import SetPlan, parse_plan, plan_text
from lablive.drills.table import DOCUMENT, document, main
from lablive.drills.told import wanted_drill
from lablive.errors import ConfigError

# metric reference 8.2: every drill of it, and of the traceability table
ASKED = {
    "hop_two", "hop_one", "hop_fwd_two", "hop_fwd_one", "hop_back_two",
    "hop_back_one", "hop_side_two", "hop_side_one", "hop_side_30", "box_up_two",
    "box_up_one", "drop_landing_two", "drop_landing_one", "bridge_two", "bridge_one",
    "squat_one", "step_up", "lunge_fwd", "balance_one", "bounding", "strider",
    "strider_barefoot", "march", "calf_mobility", "band_circuit", "jump_two",
}  # fmt: skip
GOOD = """
schema = 1
movement = "hops"
legs = "two"
reps = 4
[text.en]
title = "Small hops"
instruction = "Hop."
[[score]]
metric = "landing_peak_bw"
unit = "BW"
pass = [0.0, 2.0]
"""


@pytest.fixture(scope="module")
def catalogue():
    found, problems = load_catalogue()
    assert problems == ()
    return found


def told(text):
    """Return what is said of a wrong drill."""
    with pytest.raises(ConfigError) as caught:
        parse_drill(text, "mine.toml", "mine")
    return str(caught.value)


def test_every_drill_of_the_reference_is_there(catalogue):
    assert set(catalogue) == ASKED


def test_the_ladder_goes_from_two_legs_to_one_to_directions_to_the_box(catalogue):
    orders = [drill.order for drill in catalogue.values() if drill.order]
    assert orders == sorted(orders)
    at, way = catalogue["hop_two"], []
    while at.next:
        way.append(at.id)
        assert catalogue[at.next].order >= at.order
        at = catalogue[at.next]
    assert [*way, at.id] == [
        "hop_two", "hop_one", "hop_fwd_two", "hop_fwd_one", "box_up_two", "box_up_one"
    ]  # fmt: skip


def test_every_drill_is_told_in_both_languages(catalogue):
    for drill in catalogue.values():
        assert set(drill.text) == {"en", "de"}, drill.id
        assert drill.words("de").title != drill.words("en").title, drill.id
        assert drill.words("fr") == drill.words("en")
        assert drill.exclusions, drill.id


@pytest.mark.parametrize(
    ("drill_id", "metric", "passes"),
    [
        ("hop_two", "landing_share_pct", (42.0, 58.0)),
        ("hop_two", "landing_sync_ms", (0.0, 25.0)),
        ("hop_two", "landing_rel_db", (float("-inf"), -3.0)),
        ("hop_two", "landing_peak_rel_pct", (float("-inf"), 90.0)),
        ("hop_one", "pelvic_drop_deg", (float("-inf"), 10.0)),
        ("hop_one", "lsi_pct", (90.0, float("inf"))),
        ("hop_one", "landing_rel_db", (float("-inf"), 3.0)),
        ("hop_fwd_one", "tts_s", (0.0, 2.0)),
        ("box_up_two", "landing_peak_bw", (0.0, 2.0)),
        ("box_up_one", "landing_peak_bw", (0.0, 3.0)),
        ("drop_landing_two", "landing_peak_bw", (0.0, 2.5)),
        ("drop_landing_one", "landing_peak_bw", (0.0, 4.0)),
        ("bridge_one", "pelvic_level_deg", (0.0, 5.0)),
        ("squat_one", "pelvic_drop_deg", (float("-inf"), 8.0)),
        ("lunge_fwd", "trunk_lean_deg", (float("-inf"), 15.0)),
        ("balance_one", "gmax_active_pct", (80.0, float("inf"))),
        ("march", "pelvic_drop_deg", (float("-inf"), 5.0)),
    ],
)
def test_limits_are_those_of_the_reference(catalogue, drill_id, metric, passes):
    score = next(it for it in catalogue[drill_id].scores if it.metric == metric)
    assert score.passes == passes
    assert score.evidence in ("B", "C", "D")


def test_counts_are_those_of_the_reference(catalogue):
    def counts(drill_id):
        drill = catalogue[drill_id]
        return drill.reps, drill.wanted, drill.needed, drill.back_below

    assert counts("hop_two") == (12, 10, 10, 6)
    assert counts("hop_one") == (10, 10, 8, 6)
    assert counts("hop_fwd_one")[:3] == (6, 6, 5)
    assert counts("bridge_one")[:3] == (8, 8, 7)  # 80 % of 8
    assert catalogue["hop_two"].counts(2) is False
    assert catalogue["hop_two"].counts(12) is True


def test_a_plan_survives_the_trial(catalogue):
    for drill in catalogue.values():
        plan = SetPlan(drill, {"hop_two": {"landing_sel_db": 71.5}})
        assert parse_plan(plan_text(plan)) == plan, drill.id


def test_a_drill_is_added_by_a_file_alone(tmp_path):
    (tmp_path / "small_hops.toml").write_text(GOOD, encoding="utf-8")
    assert "small_hops" in drill_ids(tmp_path)
    found, problems = load_catalogue(tmp_path)
    assert problems == ()
    assert found["small_hops"].words().title == "Small hops"
    # a lab's own wins over a shipped one of the same name
    (tmp_path / "hop_two.toml").write_text(GOOD, encoding="utf-8")
    assert load_drill("hop_two", tmp_path).words().title == "Small hops"


def test_a_wrong_file_leaves_the_others(tmp_path):
    (tmp_path / "mine.toml").write_text("schema = 1\n", encoding="utf-8")
    found, problems = load_catalogue(tmp_path)
    assert set(found) == ASKED
    assert "mine.toml" in str(problems[0])


def test_every_mistake_is_told_at_once_with_its_line():
    wrong = (
        GOOD.replace('unit = "BW"\n', "")
        + """
[[score]]
metric = "softness"
unit = "BW"
info = true
[[score]]
metric = "landing_share_pct"
unit = "BW"
pass = [58.0, 42.0]
caution = [45.0, 50.0]
[[score]]
metric = "landing_valr_bw_s"
unit = "BW/s"
pass = [0, 60]
caution = [10, 80]
"""
    )
    said = told(wrong)
    assert "score[1].unit is missing" in said
    told_s = 'metric = "tts_s"\nunit = "s"'
    said = told(wrong.replace('metric = "landing_peak_bw"', told_s))
    assert "line 10: tts_s needs window_s = 5 or more" in said
    assert "line 15: there is no metric softness; known: " in said
    assert 'line 20: unit = "BW": landing_share_pct is in %' in said
    assert "line 21: pass = [58, 42]: lower edge first, then upper" in said
    assert "line 27: caution of landing_valr_bw_s must hold pass within it" in said


@pytest.mark.parametrize(
    ("change", "to", "said"),
    [
        ("reps = 4", "reps = 4\nhops = 3", "unknown key hops"),
        ("reps = 4", "", "say how many, or how many seconds"),
        ("reps = 4", "reps = 4\nneeded = 5", "needed = 5: of 4 scored"),
        ("reps = 4", "reps = 4\nneeded = 3\nback_below = 4", "at most needed"),
        ("reps = 4", "reps = 4\nscored = [3, 9]", "first and last of 4 reps"),
        ("reps = 4", "reps = 4\nhold_s = 3.0", 'hold_s means nothing in a drill of'),
        ("reps = 4", 'reps = 4\nid = "x"', "the file name is the id"),
        ("reps = 4", 'reps = 4\nnext = "y"', "not on the ladder"),
        ('"hops"', '"bounds"', 'bounds go from foot to foot, "alternate"'),
        ('"hops"', '"holds"', "hold_s is missing"),
        ('"hops"', '"swings"', ""),
        ("schema = 1", "schema = 2", "schema 2: this LabLive knows 1"),
        ("[text.en]", "[text.fr]", "text.en is missing"),
        ('title = "Small hops"', 'title = " "', "text.en.title: say it in words"),
        ("pass = [0.0, 2.0]", "", "say the span that passes, or info = true"),
        ("pass = [0.0, 2.0]", "info = true\npass = [0.0, 2.0]", "has no limits"),
        ("pass = [0.0, 2.0]", 'pass = [0, 2]\ncompares = "flight_ms"', "compares"),
        ("pass = [0.0, 2.0]", 'pass = [0, 2]\neither = "soft"', "no other score"),
        ("pass = [0.0, 2.0]", "pass = [0, 2]\ngood = [0, 3]", "good of landing"),
        ("landing_peak_bw", "landing_peak_rel_pct", "held against an earlier set"),
        ("landing_peak_bw", "box_apex_cm", "needs box_m"),
        ("landing_peak_bw", "hold_time_s", "needs a hold"),
        ("landing_peak_bw", "lsi_pct", "lsi_pct compares legs"),
    ],
)  # fmt: skip
def test_contradictions_are_refused(change, to, said):
    text = GOOD.replace(change, to)
    if not said:
        assert parse_drill(text, "mine.toml", "mine").movement == "swings"
        return
    assert said in told(text)


def test_a_drill_that_names_another_which_is_not_there(tmp_path):
    text = GOOD.replace("reps = 4", 'reps = 4\norder = 1\nnext = "higher"')
    (tmp_path / "mine.toml").write_text(text, encoding="utf-8")
    _, problems = load_catalogue(tmp_path)
    assert 'next = "higher": there is no such drill' in str(problems[0])


def test_which_leg_is_asked_for(catalogue):
    assert wanted_drill(catalogue["hop_two"]).leg == "both"
    assert wanted_drill(catalogue["hop_one"], "right").leg == "right"
    with pytest.raises(ConfigError, match="Say which with --leg left"):
        wanted_drill(catalogue["hop_one"])
    with pytest.raises(ConfigError, match="is done with: both"):
        wanted_drill(catalogue["hop_two"], "left")


def test_an_unknown_drill_says_which_there_are():
    with pytest.raises(ConfigError, match=r"no drill 'hops'.*hop_two"):
        load_drill("hops")


def test_the_document_is_current(catalogue):
    assert DOCUMENT.read_text(encoding="utf-8") == document(catalogue), (
        "run python -m lablive.drills.table --write"
    )


def test_a_drill_of_the_lab_is_listed_with_the_others(tmp_path, monkeypatch, capsys):
    (tmp_path / "drills").mkdir()
    path = tmp_path / "drills" / "small_hops.toml"
    path.write_text(GOOD, encoding="utf-8")
    monkeypatch.setenv("LABLIVE_HOME", str(tmp_path))
    assert main(["--own"]) == 0
    assert "## Small hops" in capsys.readouterr().out
    path.write_text("schema = 9\n", encoding="utf-8")
    assert main(["--own"]) == 1
    assert "small_hops.toml" in capsys.readouterr().err
