"""A tile tells the last minute against the person's own baseline."""

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
    card.show_snapshot(Snapshot(10.0, tiles={"contact_time_ms": CONTACT}))
    assert "baseline" not in card.tiles["contact_time_ms"].accessibleDescription()
    card.show_snapshot(
        Snapshot(10.0, tiles={"contact_time_ms": CONTACT}, changes=changes)
    )
    told = card.tiles["contact_time_ms"].accessibleDescription()
    assert "L 246 · R 246" in told
    assert (words in told) if words else ("baseline" not in told)
