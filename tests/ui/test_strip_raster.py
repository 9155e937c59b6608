"""Every pixel of the strip against a slow, plain re-drawing from the raw samples."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ui.strip_raster import SUB, Lane, StripRaster

INK = 0x1F6FB2
PAPER = 0xFFFFFF
PEN = {-1: 4, 0: 16, 1: 4}  # a line of 1.5 px, in 1/16 px


def plain_picture(raster, lanes, curves, max_step_s, end_s, half):
    """Draw the same window column by column, sample by sample, pixel by pixel.

    ``curves`` holds one list of (t_s, y) per curve.
    """
    height, width, column_s = raster.height, raster.width, raster.column_s
    end = math.floor(end_s / column_s)
    picture = np.full((height, width, 3), 255, int)
    for lane, samples in zip(lanes, curves, strict=True):
        extents = plain_extents(samples, column_s, max_step_s)
        ink = [lane.colour >> shift & 255 for shift in (16, 8, 0)]
        covers = np.zeros((height, width), int)
        for column in range(end - width, end + 2):  # the pen reaches one column
            if column not in extents:
                continue
            low, high, joined = extents[column]
            if joined and column - 1 in extents:
                before_low, before_high, _ = extents[column - 1]
                low, high = min(low, before_high), max(high, before_low)

            def row(value, lane=lane):
                over = 0.01 * (lane.high - lane.low)
                value = min(max(value, lane.low - over), lane.high + over)
                scale = lane.rows / (lane.high - lane.low)
                return round((lane.top + (lane.high - value) * scale) * SUB)

            top = min(max(row(high) - half, 0), height * SUB - 1)
            bottom = min(max(row(low) + half, 1), height * SUB)
            for y in range(height):
                cover = min((y + 1) * SUB, bottom) - max(y * SUB, top)
                for shift, weight in PEN.items():
                    x = column + shift - (end - width + 1)
                    if cover > 0 and 0 <= x < width:
                        covers[y, x] = max(covers[y, x], cover * weight)
        for y, x in zip(*np.nonzero(covers), strict=True):
            for part in range(3):
                under = picture[y, x, part]
                step = (ink[part] - under) * covers[y, x]
                picture[y, x, part] = under + (step + 128) // 256
    return picture


def plain_extents(samples, column_s, max_step_s):
    """Return {column: (low, high, joined)} of one curve."""
    extents: dict[int, tuple[float, float, bool]] = {}
    last = None
    for t, y in samples:
        column = math.floor(t / column_s)
        line = last is not None and 0 < t - last[0] <= max_step_s
        line = line and math.isfinite(y) and math.isfinite(last[1])
        if line:
            for empty in range(math.floor(last[0] / column_s) + 1, column):
                ends = [
                    last[1]
                    + (y - last[1]) * (((empty + side) * column_s - last[0])
                                       / (t - last[0]))
                    for side in (0, 1)
                ]  # fmt: skip
                extents[empty] = (min(ends), max(ends), True)
        if math.isfinite(y):
            low, high, joined = extents.get(column, (y, y, line))
            extents[column] = (min(low, y), max(high, y), joined)
        last = (t, y)
    return extents


def picture_of(raster):
    """Return the visible picture as (height, width, 3) RGB, oldest column first."""
    bgr = raster.pixels.view(np.uint8).reshape(raster.height, raster.width, 4)
    (split, _, _), _ = raster.halves()
    return np.roll(bgr, -split, axis=1)[:, :, 2::-1].astype(int)


def strokes(picture):
    """Return which pixels are at least half inked (not just the pen's soft edge)."""
    return picture[:, :, 0] < (255 + 0x1F) / 2


def make(width, height, window_s, lanes, groups, max_step_s=0.1, line_px=1.5):
    paper = np.full(height, PAPER, np.uint32)
    raster = StripRaster(width, height, window_s, lanes, paper, line_px)
    for first, curves in groups:
        raster.add_group(first, curves, max_step_s)
    return raster


@settings(max_examples=40)
@given(data=st.data())
def test_streamed_picture_equals_plain_drawing(data):
    seed = data.draw(st.integers(0, 2**32 - 1))
    rng = np.random.default_rng(seed)
    width, height = int(rng.integers(8, 40)), int(rng.integers(12, 40))
    rate_hz = float(rng.choice([5.0, 40.0, 333.0, 2000.0]))
    window_s = 1.0
    rows = int(rate_hz * 1.7)
    t = 1234.5 + (np.arange(rows) + rng.uniform(-0.3, 0.3, rows)) / rate_hz
    y = rng.standard_normal((rows, 2)).cumsum(axis=0) * 0.2
    y[rng.random((rows, 2)) < 0.02] = np.nan
    overlay = bool(rng.integers(2))
    if overlay:
        lanes = [Lane(3, height - 6, -2, 2, INK), Lane(3, height - 6, -2, 2, 0xD9730D)]
    else:
        half = height / 2
        lanes = [
            Lane(1, half - 3, -2, 2, INK),
            Lane(half + 2, half - 3, -1, 3, 0xD9730D),
        ]
    raster = make(width, height, window_s, lanes, [(0, 2)], max_step_s=2.5 / rate_hz)
    cuts = np.sort(rng.integers(0, rows + 1, int(rng.integers(0, 30))))
    at = 0
    for stop in [*cuts, rows]:
        raster.append(0, t[at:stop], y[at:stop])
        at = stop
        if stop:
            raster.show(t[stop - 1] - rng.uniform(0, 0.02))
    end_s = float(t[-1])
    raster.show(end_s)
    curves = [list(zip(t.tolist(), y[:, k].tolist(), strict=True)) for k in (0, 1)]
    expected = plain_picture(raster, lanes, curves, 2.5 / rate_hz, end_s, 12)
    assert np.array_equal(picture_of(raster), expected)
    raster.show(end_s + 10.0)  # wholly away and back: nothing stale may remain
    assert (picture_of(raster) == 255).all()
    raster.show(end_s)
    assert np.array_equal(picture_of(raster), expected)


@pytest.mark.parametrize("rate_hz", [100.0, 2000.0])
def test_dashes_do_not_depend_on_the_cut(rate_hz):
    rng = np.random.default_rng(7)
    rows = int(3 * rate_hz)
    t = np.arange(rows) / rate_hz
    y = rng.standard_normal((rows, 1)) * 2
    y[rows // 3 : rows // 3 + 40] = np.nan
    pictures = []
    for chunk in (1, 7, 50):
        lanes = [Lane(2, 40, -3, 3, INK, dash=(6, 4))]
        raster = make(60, 50, 1.0, lanes, [(0, 1)])
        raster.show(-0.5)
        for at in range(0, rows, chunk):
            raster.append(0, t[at : at + chunk], y[at : at + chunk])
            raster.show(t[min(at + chunk, rows) - 1])
        pictures.append(picture_of(raster))
    assert (pictures[0] != 255).any()
    assert np.array_equal(pictures[0], pictures[1])
    assert np.array_equal(pictures[0], pictures[2])


def test_gap_leaves_columns_empty_and_unjoined():
    t = np.arange(1000) / 1000.0
    y = np.where(t < 0.5, 1.0, -1.0)[:, None]
    y[(t >= 0.45) & (t < 0.55)] = np.nan
    raster = make(100, 40, 1.0, [Lane(2, 36, -2, 2, INK)], [(0, 1)])
    raster.append(0, t, y)
    raster.show(float(t[-1]))
    inked = strokes(picture_of(raster))
    assert not inked[:, 45:55].any()
    assert inked[:, :45].any(axis=0).all()
    assert inked[:, 55:].any(axis=0).all()
    assert inked[:, 55].sum() <= 3  # no riser from +1 to -1


def test_missing_rows_are_not_bridged():
    t = np.concatenate((np.arange(0, 0.4, 0.01), np.arange(0.7, 1.0, 0.01)))
    raster = make(50, 40, 1.0, [Lane(2, 36, -2, 2, INK)], [(0, 1)], max_step_s=0.025)
    raster.append(0, t, np.ones((len(t), 1)))
    raster.show(0.999)
    inked = strokes(picture_of(raster)).any(axis=0)
    assert inked[:20].all()
    assert not inked[20:35].any()
    assert inked[35:].all()


def test_slow_stream_is_a_line_not_dots():
    t = np.arange(0, 1.0, 0.02)
    raster = make(500, 40, 1.0, [Lane(2, 36, -2, 2, INK)], [(0, 1)], max_step_s=0.05)
    raster.append(0, t, np.sin(t * 9)[:, None])
    raster.show(0.979)
    inked = strokes(picture_of(raster)).any(axis=0)
    assert inked[11:].all()


def test_flat_dashed_line_has_its_dash_lengths():
    t = np.arange(2000) / 1000.0
    raster = make(200, 20, 2.0, [Lane(2, 16, -1, 1, INK, dash=(6, 4))], [(0, 1)])
    raster.append(0, t, np.zeros((2000, 1)))
    raster.show(1.999)
    # two rows are touched by a 1.5 px line: three px of length per column at most
    inked = strokes(picture_of(raster)).any(axis=0)
    share = inked.mean()
    assert 0.5 <= share <= 0.7


def test_no_peak_falls_into_a_dash_gap():
    rng = np.random.default_rng(3)
    t = np.arange(3000) / 1000.0
    y = np.zeros((3000, 1))
    for start in np.arange(20, 2950, 37):
        y[start : start + 3, 0] = rng.uniform(0.5, 1.0)
    lanes = [Lane(4, 92, 0, 1, INK)]
    dashed = [Lane(4, 92, 0, 1, INK, dash=(7, 5))]
    pictures = []
    for each in (lanes, dashed):
        raster = make(600, 100, 3.0, each, [(0, 1)])
        raster.append(0, t, y)
        raster.show(2.999)
        pictures.append(strokes(picture_of(raster)))
    solid, gaps = pictures
    assert gaps.sum() < 0.9 * solid.sum()
    assert not (gaps & ~solid).any()
    tall = solid.sum(axis=0) > 20
    tips = solid.argmax(axis=0)[tall], gaps.argmax(axis=0)[tall]
    local_tip = [
        number
        for number, column in enumerate(np.flatnonzero(tall))
        if solid.argmax(axis=0)[column]
        < min(solid.argmax(axis=0)[column - 1], solid.argmax(axis=0)[column + 1]) - 1
    ]
    assert local_tip
    assert np.array_equal(tips[0][local_tip], tips[1][local_tip])


def test_streams_of_different_rates_share_one_picture():
    fast_t, slow_t = np.arange(0, 1, 0.0005), np.arange(0, 1, 0.01)
    lanes = [Lane(2, 16, -1, 1, INK), Lane(24, 16, -1, 1, 0xD9730D)]
    raster = make(80, 44, 1.0, lanes, [(0, 1), (1, 1)])
    raster.append(0, fast_t, np.ones((len(fast_t), 1)))
    raster.append(1, slow_t, -np.ones((len(slow_t), 1)))
    raster.show(0.9999)
    assert raster.extent(0) == (1.0, 1.0)
    assert raster.extent(1) == (-1.0, -1.0)


def test_late_rows_are_drawn_in_their_place():
    t = np.arange(1000) / 1000.0
    y = np.sin(t * 20)[:, None]
    lane = [Lane(2, 36, -1, 1, INK)]
    late, early = (make(90, 40, 1.0, lane, [(0, 1)]) for _ in range(2))
    early.append(0, t, y)
    early.show(0.999)
    late.append(0, t[:300], y[:300])
    late.show(0.999)  # the view ran ahead of the data
    late.append(0, t[300:], y[300:])
    late.show(0.999)
    assert np.array_equal(picture_of(late), picture_of(early))


def test_empty_chunk_changes_nothing():
    raster = make(40, 20, 1.0, [Lane(2, 16, -1, 1, INK)], [(0, 1)])
    raster.append(0, np.arange(0, 1, 0.01), np.zeros((100, 1)))
    raster.show(0.99)
    before = raster.pixels.copy()
    raster.append(0, np.empty(0), np.empty((0, 1)))
    assert not raster.show(0.99)
    assert np.array_equal(raster.pixels, before)
