import numpy as np
import pytest

from lablive.report.data import MeanCurve, Sole
from lablive.report.figures import (
    axis_ticks,
    force_figure,
    gait_line_figure,
    mean_curve,
)

RAMP = np.linspace(0.0, 2.0, 101)


def test_mean_and_sd_of_stances():
    made = mean_curve([RAMP, RAMP + 1.0, RAMP + 2.0], n_total=5)
    assert made is not None
    assert (made.n, made.n_total) == (3, 5)
    assert made.percent == tuple(range(101))
    assert np.array(made.mean)[:, 0] == pytest.approx(RAMP + 1.0, abs=1e-4)
    assert np.array(made.sd)[:, 0] == pytest.approx(1.0)


def test_points_known_to_few_strides_are_not_drawn():
    early = RAMP.copy()
    early[:10] = np.nan  # only one of three knows the first points
    made = mean_curve([early, early + 1.0, RAMP], n_total=3)
    assert made is not None
    assert made.percent == tuple(range(10, 101))
    assert np.isfinite(made.mean).all()


@pytest.mark.parametrize(
    "curves",
    [[], [RAMP], [RAMP, np.full(101, np.nan)]],
    ids=["none", "one", "one and an empty one"],
)
def test_one_stance_has_no_spread(curves):
    assert mean_curve(curves, n_total=2) is None


def test_half_known_curves_that_never_meet():
    first, second = RAMP.copy(), RAMP.copy()
    first[50:], second[:50] = np.nan, np.nan
    assert mean_curve([first, second], n_total=2) is None


@pytest.mark.parametrize("highest", [0.0, 0.04, 0.3, 1.0, 2.38, 2.5, 9.9, 1234.0])
def test_ticks_are_few_round_and_reach_the_top(highest):
    ticks = axis_ticks(highest)
    values = [value for value, _ in ticks]
    assert values[0] == 0.0
    assert values[-1] >= highest
    assert 2 <= len(ticks) <= 7
    assert [float(text) for _, text in ticks] == pytest.approx(values)
    assert len({len(text.partition(".")[2]) for _, text in ticks}) == 1


def test_force_figure_tells_what_it_shows():
    curve = mean_curve([RAMP, RAMP + 0.2], 2)
    assert curve is not None
    figure = force_figure({"right": curve}, "in-shoe")
    assert figure is not None
    assert list(figure["sides"]) == ["right"]
    assert min(figure["sides"]["right"]["low"]) >= 0.0
    assert figure["sides"]["right"]["count"] == "2 of 2 stances"
    assert "right, mean of 2 stances, highest at 100 % of stance, 2.10" in figure["alt"]
    assert "left" not in figure["alt"]


def test_nothing_measured_is_no_figure():
    assert force_figure({}, "in-shoe") is None
    assert gait_line_figure({}, None) is None


def test_gait_line_figure_spreads_sideways():
    path = MeanCurve(
        percent=(0, 50, 100),
        mean=((-0.1, 0.1), (0.0, 0.5), (0.1, 0.9)),
        sd=((0.02, 0.01),) * 3,
        n=20,
        n_total=22,
    )
    sole = Sole("Room insole", 0.4, cells=((0.0, 0.5),))
    figure = gait_line_figure({"left": path}, sole)
    assert figure is not None
    left = figure["sides"]["left"]
    assert left["low"] == pytest.approx([-0.12, -0.02, 0.08])
    assert left["high"] == pytest.approx([-0.08, 0.02, 0.12])
    assert "from 10 to 90 % of insole length" in figure["alt"]
    assert (figure["title"], figure["cells"]) == ("Room insole", ((0.0, 0.5),))
