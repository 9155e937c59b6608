"""The chart in a real window: what was appended is what is on the screen."""

from __future__ import annotations

import gc
import math
import weakref

import numpy as np
import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QImage

from ui import theme
from ui.strip_chart import StripChart
from ui.strip_layout import CurveStyle, lane_numbers
from ui.strip_scale import Band
from ui.tokens import rgb

LEFT = CurveStyle("Left", "left", rate_hz=100)
RIGHT = CurveStyle("Right", "right", dashed=True, rate_hz=100)
T = np.arange(0, 12, 0.01)


def pixels(chart, ratio=1.0):
    """Return what the chart paints, (height, width, 3), at a pixel density."""
    image = QImage(
        round(chart.width() * ratio),
        round(chart.height() * ratio),
        QImage.Format.Format_RGB32,
    )
    image.setDevicePixelRatio(ratio)
    chart.render(image)
    words = np.frombuffer(image.constBits(), np.uint8)
    return words.reshape(image.height(), -1, 4)[:, : image.width(), 2::-1].astype(int)


def inked(chart, colour, ratio=1.0):
    """Return which pixels are close to a colour, without the legend row."""
    picture = pixels(chart, ratio)
    near = np.abs(picture - rgb(colour)).sum(axis=2) < 110
    near[: int(24 * ratio)] = False
    return near


@pytest.fixture
def chart(themed, shown):
    return shown(StripChart([LEFT, RIGHT], 5.0, (0, 2), "BW"), 600, 200)


def test_both_sides_are_drawn_in_their_colours(chart):
    chart.append(T, np.stack((np.sin(T) ** 2, np.cos(T) ** 2), axis=1))
    chart.set_view_end(11.99)
    tokens = theme.tokens()
    left, right = inked(chart, tokens.left), inked(chart, tokens.right)
    assert left.any(axis=0).sum() > 400
    assert 0.4 < right.any(axis=0).sum() / left.any(axis=0).sum() < 0.98  # dashed


def test_placeholder_until_the_first_row(chart):
    chart.set_placeholder("waiting for the insoles")
    before = pixels(chart)
    chart.set_placeholder("")
    assert not np.array_equal(pixels(chart), before)


@pytest.mark.parametrize("ratio", [1.0, 1.25, 1.5, 2.0])
def test_curve_is_where_the_axis_says(themed, shown, ratio):
    """A step from 0 to 2: both levels and the moment, at every pixel density."""
    chart = shown(StripChart([LEFT], 4.0, (0, 2), "BW"), 640, 240)
    chart.append(T, np.where(T < 10, 0.0, 2.0)[:, None])
    chart.set_view_end(11.99)
    drawn = inked(chart, theme.tokens().left, ratio)
    columns = np.flatnonzero(drawn.any(axis=0))
    tall = drawn.sum(axis=0)
    jump = int(tall.argmax())
    share = (jump - columns[0]) / (columns[-1] - columns[0])
    assert share == pytest.approx((10 - 7.99) / 4, abs=0.01)
    rows = np.flatnonzero(drawn[:, jump - 3 : jump + 4].any(axis=1))
    low = np.flatnonzero(drawn[:, jump - 20])
    high = np.flatnonzero(drawn[:, jump + 20])
    assert low.mean() == pytest.approx(rows[-1], abs=2 * ratio)
    assert high.mean() == pytest.approx(rows[0], abs=2 * ratio)
    assert (low.mean() - high.mean()) / ratio > 100


def test_scrolling_in_pieces_paints_the_same_as_at_once(themed, shown):
    pictures = []
    for chunk in (3, 40, len(T)):
        chart = shown(StripChart([LEFT], 5.0, (-2, 2), "N"), 500, 180)
        chart.append(T[:1], np.zeros((1, 1)))
        chart.set_view_end(0.0)
        pixels(chart)
        for at in range(1, len(T), chunk):
            rows = slice(at, at + chunk)
            chart.append(T[rows], np.sin(9 * T[rows])[:, None])
            chart.set_view_end(float(T[rows][-1]))
        pictures.append(pixels(chart))
    assert np.array_equal(pictures[0], pictures[2])
    assert np.array_equal(pictures[1], pictures[2])


def test_resizing_keeps_every_row(chart):
    chart.append(T, np.stack((np.sin(T) ** 2, np.cos(T) ** 2), axis=1))
    chart.set_view_end(11.99)
    pixels(chart)
    chart.resize(900, 260)
    assert inked(chart, theme.tokens().left).any(axis=0).sum() > 700
    chart.resize(600, 200)
    assert inked(chart, theme.tokens().left).any(axis=0).sum() > 400


def test_lost_rows_leave_the_line_open(chart):
    y = np.ones((len(T), 2))
    y[(T > 9) & (T < 10)] = np.nan
    y[:, 1] = np.nan  # nothing over the left line
    chart.append(T, y)
    chart.set_view_end(11.99)
    drawn = inked(chart, theme.tokens().left).any(axis=0)
    columns = np.flatnonzero(drawn)
    hole = np.diff(columns).max()
    assert hole == pytest.approx((columns[-1] - columns[0]) / 5, abs=6)


def test_range_grows_with_the_data_and_ticks_stay(chart):
    chart.append(T[:600], np.ones((600, 2)))
    chart.set_view_end(5.99)
    assert chart.y_range() == (0, 2)
    chart.append(T[600:700], np.full((100, 2), 2.7))
    assert chart.y_range() == (0, 3)
    chart.append(T[700:], np.ones((500, 2)))
    chart.set_view_end(8.0)
    assert chart.y_range() == (0, 3)


def test_change_of_theme_repaints_old_rows(chart, themed):
    chart.append(T, np.ones((len(T), 2)))
    chart.set_view_end(11.99)
    pixels(chart)
    dark = theme.apply_theme(themed, "dark")
    picture = pixels(chart)
    assert tuple(picture[50, 300]) == rgb(dark.card)
    assert inked(chart, dark.left).any()


def test_marks_of_the_sides_differ_in_shape(chart):
    chart.append(T, np.full((len(T), 2), np.nan))
    chart.set_view_end(11.99)
    chart.set_marks([(8.0, "left", "ic"), (11.0, "right", "ic")])
    tokens = theme.tokens()
    left, right = inked(chart, tokens.left), inked(chart, tokens.right)
    assert 10 < left.sum() < 80
    assert right.sum() > left.sum()  # the square fills its corners
    assert (
        np.flatnonzero(left.any(axis=0)).max() < np.flatnonzero(right.any(axis=0)).min()
    )


def test_marks_outside_the_window_are_not_drawn(chart):
    chart.append(T, np.full((len(T), 2), np.nan))
    chart.set_view_end(11.99)
    chart.set_marks([(1.0, "left", "ic"), (99.0, "right", "to")])
    assert not inked(chart, theme.tokens().left).any()
    assert not inked(chart, theme.tokens().right).any()


def test_band_tints_its_values(chart):
    chart.append(T, np.full((len(T), 2), 1.0))
    chart.set_view_end(11.99)
    plain = pixels(chart)
    chart.set_bands([Band(1.5, 2.0, "caution", "caution 1.5–2.0")])
    tinted = (pixels(chart) != plain).any(axis=2)
    rows = np.flatnonzero(tinted.mean(axis=1) > 0.5)
    assert 20 < len(rows) < 60


def test_replay_draws_the_window_and_reads_at_the_cursor(chart):
    y = np.stack((T, 10 - T), axis=1)
    chart.show_window(2.0, 6.0, [(0, T, y)], origin_s=1.0)
    assert inked(chart, theme.tokens().left).any(axis=0).sum() > 400
    chart.set_cursor(4.0)
    assert chart.values_at(4.0) == pytest.approx([4.0, 6.0])
    assert chart.readout(4.0) == "3.00 s   Left 4.0 BW   Right 6.0 BW"
    before = pixels(chart)
    chart.set_view_end(11.0)  # live data must not move a replay
    assert np.array_equal(pixels(chart), before)
    chart.clear()
    assert chart.y_range() == (0, 2)


def test_scrubbing_back_shows_the_same_picture(chart):
    y = np.stack((np.sin(T) ** 2, np.cos(T) ** 2), axis=1)
    chart.show_window(0.0, 5.0, [(0, T, y)])
    first = pixels(chart)
    chart.show_window(5.0, 10.0, [(0, T, y)])
    chart.show_window(0.0, 5.0, [(0, T, y)])
    assert np.array_equal(pixels(chart), first)


def test_click_moves_the_cursor(chart, qtbot):
    chart.show_window(0.0, 10.0, [(0, T, np.zeros((len(T), 2)))])
    plot = chart._plot
    middle = plot._view.mapViewToScene(QPointF(7.5, 0.5))
    spot = plot.mapFromScene(middle)
    with qtbot.waitSignal(chart.cursor_moved, timeout=2000) as moved:
        qtbot.mouseClick(plot.viewport(), Qt.MouseButton.LeftButton, pos=spot)
    assert moved.args[0] == pytest.approx(7.5, abs=0.1)


def test_missing_values_are_called_missing(chart):
    chart.show_window(0.0, 5.0, [(0, T, np.full((len(T), 2), np.nan))])
    assert "Left missing" in chart.readout(2.0)
    assert all(math.isnan(value) for value in chart.values_at(300.0))


def test_lanes_take_streams_of_different_rates(themed, shown):
    curves = [
        CurveStyle("L", "left", unit="mV", rate_hz=2000),
        CurveStyle("R", "right", unit="N", rate_hz=100),
    ]
    chart = shown(StripChart(curves, 5.0, [(-1, 1), (0, 5)], stacked=True), 500, 240)
    fast = np.arange(0, 12, 0.0005)
    chart.append(fast, np.sin(40 * fast), 0)
    chart.append(T, 2 + np.sin(T), 1)
    chart.set_view_end(11.99)
    tokens = theme.tokens()
    left = np.flatnonzero(inked(chart, tokens.left).any(axis=1))
    right = np.flatnonzero(inked(chart, tokens.right).any(axis=1))
    assert left.max() < right.min()
    assert chart.y_range(0) == (-1, 1)
    assert chart.y_range(1) == (0, 5)


def test_shapes_that_do_not_fit_are_refused(chart):
    with pytest.raises(ValueError, match="do not fit a chart of 2 curves"):
        chart.append(T, np.zeros((len(T), 3)))
    chart.append(T, np.zeros((len(T), 2)))
    with pytest.raises(ValueError, match="shape"):
        chart.append(T[:5], np.zeros((4, 2)))
    with pytest.raises(ValueError, match="taken"):
        chart.append(T, np.zeros((len(T), 1)), 1)
    with pytest.raises(ValueError, match="must not be empty"):
        chart.show_window(3.0, 3.0, [])


def test_chart_without_curves_or_width_is_refused(themed):
    with pytest.raises(ValueError, match="at least one curve"):
        StripChart([], 5.0, (0, 1))
    with pytest.raises(ValueError, match="window_s"):
        StripChart([LEFT], 0.0, (0, 1))


def test_caller_may_reuse_its_arrays(chart):
    t, y = T[:700].copy(), np.ones((700, 2))
    y[:, 1] = np.nan
    chart.append(t, y)
    chart.set_view_end(6.99)
    y[:], t[:] = np.nan, 0  # a ring buffer is overwritten later
    chart.resize(700, 220)
    assert inked(chart, theme.tokens().left).any(axis=0).sum() > 400


def test_charts_may_be_dropped_and_collected(themed):
    """A chart and its plot are one cycle: collecting it must not free things twice."""
    alive = []
    for _ in range(6):
        chart = StripChart([LEFT, RIGHT], 5.0, (0, 2))
        chart.resize(300, 120)
        chart.show()
        chart.append(T, np.zeros((len(T), 2)))
        chart.set_view_end(11.99)
        themed.processEvents()
        alive.append(weakref.ref(chart))
        chart.close()
        del chart
        gc.collect()
        themed.processEvents()
    assert sum(held() is not None for held in alive) <= 1


def test_a_curve_over_another_shares_its_lane_and_range(themed, shown):
    styles = [
        CurveStyle("L", "left", unit="µV", rate_hz=100),
        CurveStyle("R", "right", unit="µV", rate_hz=100),
        CurveStyle("L envelope", "ink", rate_hz=100, over=0),
        CurveStyle("R envelope", "ink", rate_hz=100, over=1),
    ]
    assert lane_numbers(styles) == [0, 1, 0, 1]
    chart = shown(StripChart(styles, 4.0, [(-50, 50)] * 2, stacked=True), 400, 200)
    t = np.arange(0, 4, 0.01)
    chart.append(t, np.full((len(t), 2), 80.0), 0)
    chart.append(t - 0.02, np.full((len(t), 2), 180.0), 2)
    chart.set_view_end(4.0)
    assert chart.y_range(0) == chart.y_range(2)
    assert chart.y_range(0)[1] >= 180.0
