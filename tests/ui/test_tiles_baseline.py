"""A tile tells the last minute against the own baseline, and how old it is."""

from __future__ import annotations

import pytest

from lablive.metrics.metric import Stat
from lablive.metrics.summary import MetricValue
from lablive.protocol.baseline import Change
from lablive.snapshot import Snapshot, Tile
from ui.tiles_card import TilesCard

CONTACT = Tile(
    "ground contact time",
    MetricValue("ms", *(Stat(246.0, 246.0, 2.0, n, 20) for n in (10, 10, 20))),
)


@pytest.mark.parametrize(
    ("verdict", "delta", "words"),
    [
        ("change", -4.2, "−4 since baseline"),
        ("within error", -0.2, "as in the baseline"),
        ("unknown", 6.0, "+6 since baseline, error not known"),
        ("unknown", float("nan"), None),
    ],
)
def test_a_tile_tells_the_change(qtbot, verdict, delta, words):
    card = TilesCard()
    qtbot.addWidget(card)
    change = Change("contact_time_ms", "ms", "both", delta=delta, verdict=verdict)
    changes = {"contact_time_ms": {"both": change}}
    card.show_snapshot(Snapshot(10.0, tiles={"contact_time_ms": CONTACT}), 10.0)
    assert "baseline" not in card.tiles["contact_time_ms"].accessibleDescription()
    card.show_snapshot(
        Snapshot(10.0, tiles={"contact_time_ms": CONTACT}, changes=changes), 10.0
    )
    told = card.tiles["contact_time_ms"].accessibleDescription()
    assert "L 246 · R 246" in told
    assert (words in told) if words else ("baseline" not in told)


SI = Tile(
    "asymmetry",
    MetricValue("%", both=Stat(0.0, 0.0, 0.2, 20, 20)),
    {"both": "good"},
)


@pytest.mark.parametrize(
    ("last_s", "at_s", "cadence_spm", "told", "told_of_both_feet"),
    [
        ({"left": 9.6, "right": 10.0}, 11.5, 160.0, "", ""),
        ({"left": 9.6, "right": 10.0}, 15.0, 160.0, "step 5", "step 5"),
        ({"left": 5.0, "right": 10.0}, 10.3, 160.0, "", "left step 5"),
        ({"left": 9.0, "right": 10.0}, 14.6, 60.0, "step 5", "step 5"),
        ({"left": 9.0, "right": 10.0}, 12.9, 60.0, "", ""),
        ({"unknown": 10.0}, 13.0, 160.0, "step 3", "step 3"),
    ],
)
def test_a_tile_without_new_steps_is_dim_without_verdict_and_tells_its_age(
    qtbot, last_s, at_s, cadence_spm, told, told_of_both_feet
):
    card = TilesCard()
    qtbot.addWidget(card)
    stat = Stat(cadence_spm, cadence_spm, 1.0, 20, 20)
    shown = {
        "cadence_spm": Tile("cadence", MetricValue("1/min", both=stat)),
        "contact_time_ms": CONTACT,
        "contact_time_si_pct": SI,
    }
    snapshot = Snapshot(10.0, tiles=shown, last_stride_s=last_s)
    card.show_snapshot(snapshot, at_s)
    for metric, words in (
        ("contact_time_ms", told),
        ("contact_time_si_pct", told_of_both_feet),
    ):
        tile = card.tiles[metric]
        assert tile._value.isEnabled() == (not words)
        which, _, age = words.rpartition(" ")
        first = tile.accessibleDescription().split(" · ")[0]
        whole = f"no {which} measured for {age} s"
        assert first == whole if words else "no " not in first
    si = card.tiles["contact_time_si_pct"]
    assert si.value_shown() == "0.0"
    assert si._chip.word() == ("unknown" if told_of_both_feet else "good")
    assert si._chip.sign() == ("empty" if told_of_both_feet else "good")
    assert (si._bar._value is None) == bool(told_of_both_feet)
