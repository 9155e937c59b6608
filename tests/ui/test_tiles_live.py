"""Numbers that are old say so: a dead insole leaves no green verdict behind."""

from __future__ import annotations

from ui.numbers import MISSING
from ui.tiles_card import MOST


def chip(scene, metric):
    tile = scene.page.tiles.tiles[metric]
    return tile._chip.word(), tile._value.isEnabled()


def test_verdicts_go_out_when_both_insoles_are_silent(scene_of):
    scene = scene_of("all")
    assert chip(scene, "contact_time_si_pct") == ("good", True)
    scene.lab.told_s += 1.0  # no rows, the clock goes on
    scene.tick()
    assert chip(scene, "contact_time_si_pct") == ("good", True)
    scene.lab.told_s += 3.0
    scene.tick()
    seen = [it for it in scene.page.tiles.tiles.items() if it[1].isVisible()]
    assert len(seen) == MOST
    for metric, tile in seen:
        assert chip(scene, metric) == ("unknown", False)
        if tile.value_shown() == MISSING:  # without a baseline, without calibration
            continue
        assert tile.accessibleDescription().startswith("no step measured for ")
    assert scene.page.tiles.tiles["contact_time_si_pct"].value_shown() == "0.0"


def test_verdicts_come_back_with_the_steps(scene_of):
    scene = scene_of("all")
    host_s = scene.lab.told_s
    scene.lab.told_s += 4.0
    scene.tick()
    assert chip(scene, "contact_time_si_pct") == ("unknown", False)
    scene.lab.told_s = host_s
    scene.play(host_s + 6.0)
    assert chip(scene, "contact_time_si_pct") == ("good", True)


def test_one_silent_insole_keeps_no_verdict_up_either(scene_of):
    scene = scene_of("all")
    scene.lab.infos = [info for info in scene.lab.infos if info.name != "left_sole"]
    scene.play(scene.lab.told_s + 3.0)
    assert chip(scene, "contact_time_si_pct") == ("unknown", False)


def test_what_compares_the_feet_is_what_the_registry_says_needs_both():
    from lablive.metrics.registry import METRICS
    from ui.tiles_card import TILES

    for spec in TILES:
        needs = METRICS[spec.metric].needs
        assert spec.compares == ("two feet" in needs), spec.metric
