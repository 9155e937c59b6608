"""Insole layouts: what ships is plausible, what is wrong is told."""

import numpy as np
import pytest

from drivers.sim import insole_model
from lablive.config import parse_toml
from lablive.errors import ConfigError
from lablive.signals.layouts import (
    REGIONS,
    InsoleLayout,
    default_zone_layout,
    layout_names,
    layout_problems,
    load_layout,
)


def inside(polygon: np.ndarray, x: float, y: float) -> bool:
    """Count the edges a ray to the right crosses."""
    ends = np.roll(polygon, -1, axis=0)
    crosses = (polygon[:, 1] > y) != (ends[:, 1] > y)
    a, b = polygon[crosses], ends[crosses]
    at = a[:, 0] + (y - a[:, 1]) / (b[:, 1] - a[:, 1]) * (b[:, 0] - a[:, 0])
    return bool((at > x).sum() % 2)


@pytest.mark.parametrize("name", layout_names())
def test_cells_lie_on_the_insole_in_the_order_of_their_regions(name: str) -> None:
    layout = load_layout(name)
    outline = np.array(layout.outline)
    assert all(inside(outline, *cell) for cell in layout.xy.tolist())
    means = [
        np.mean([cell.y for cell in layout.cells if cell.region == region])
        for region in REGIONS
        if region in layout.regions
    ]
    assert means == sorted(means)
    assert layout.areas_cm2.sum() < 260  # no insole is larger
    assert layout.approximate == (name != "sim_16")


def test_the_simulated_insole_is_the_one_that_is_drawn() -> None:
    layout = load_layout("sim_16")
    assert layout.xy == pytest.approx(
        np.column_stack([insole_model.CELL_X, insole_model.CELL_Y])
    )
    assert set(layout.areas_cm2) == {insole_model.CELL_AREA_CM2}
    for region, where in insole_model.REGIONS.items():
        assert set(layout.regions[where]) == {region}
        assert layout.regions.count(region) == where.stop - where.start


def test_pedar_cells_are_the_masks_of_the_open_r_package() -> None:
    layout = load_layout("pedar_99")
    assert [layout.regions.count(region) for region in REGIONS] == [26, 28, 28, 17]
    first_row, last_row = layout.xy[:5], layout.xy[-4:]
    assert len(set(first_row[:, 1])) == len(set(last_row[:, 1])) == 1
    assert (np.diff(first_row[:, 0]) < 0).all()  # medial first


def test_zones_are_picked_by_name_in_any_order() -> None:
    layout = load_layout("loadsol_3").pick(("lateral", "heel"))
    assert layout.zone_names == ("lateral", "heel")
    assert layout.xy[0, 0] < 0 < layout.xy[0, 1]
    assert default_zone_layout(("lateral", "heel")) == "loadsol_3"
    assert default_zone_layout(("toes", "heel")) == "zones_4"
    assert default_zone_layout(("hand",)) == ""
    assert default_zone_layout(()) == ""


def test_an_unknown_layout_names_the_known_ones() -> None:
    with pytest.raises(ConfigError, match="Known: loadsol_3, orphe_6, pedar_99"):
        load_layout("../montages/loadsol")


def test_everything_wrong_with_a_layout_is_told() -> None:
    text = """
title = "t"
source = "s"
approximate = false
length_mm = 0
width_mm = 90
outline = [[0, 0], [1, 1]]
cell = [
  { x = 0, y = 1.2, area_cm2 = 1, region = "heel", name = "a" },
  { x = 0, y = 0.2, area_cm2 = 0, region = "heel", name = "a" },
]
"""
    with pytest.raises(ConfigError) as caught:
        parse_toml(text, InsoleLayout, "l.toml", layout_problems)
    told = str(caught.value)
    assert "5 problems" in told
    assert "line 5: length_mm must be above 0" in told
    assert "cell[1]: x is -0.5 to 0.5, y is 0 to 1, got 0.0, 1.2" in told
    assert "cell[2]: area_cm2 must be above 0" in told
    assert "two cells have one name" in told
    assert "an outline needs three points or more" in told
