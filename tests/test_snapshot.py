"""Snapshots: what ended before a time, the same live and in replay."""

from __future__ import annotations

import msgspec
import numpy as np
import pytest
from pipeline_cases import run, simulated

from lablive.messages import Chunk, Marker
from lablive.metrics.registry import METRICS, TILES


@pytest.fixture(scope="module")
def lab():
    return simulated(40.0, standing_s=3.0, left_insole_lost_s=(20.0, 21.0))


@pytest.fixture(scope="module")
def whole(lab):
    return run(lab)[0]


@pytest.mark.parametrize("t_s", [2.0, 6.0, 12.3, 20.7, 23.0, 31.0])
def test_live_shows_what_replay_shows(lab, whole, t_s):
    live = lab.pipeline()
    for item in lab.chunks(rows_per_chunk=8):
        live.feed(item)
        if live.watermark_s > t_s:
            break
    assert len(live.strides) < len(whole.strides)
    shown = msgspec.json.encode(live.snapshot(t_s))
    assert shown == msgspec.json.encode(whole.snapshot(t_s))


def test_nothing_later_is_in_it(whole):
    for t_s in np.arange(0.0, 40.0, 1.7):
        shown = whole.snapshot(float(t_s))
        assert all(t_s - 10.0 <= c.t_s < t_s for c in shown.contacts)
        times = [c.t_s for c in shown.contacts]
        assert times == sorted(times)
        ended = [r for r in whole.strides if r.stride.next_ic_s < t_s]
        assert shown.strides_used == sum(r.stride.valid for r in ended)
        assert shown.strides_expected == sum(r.stride.expected for r in ended)


def test_a_tile_is_the_median_of_the_last_ten_strides(whole):
    tile = whole.snapshot(30.0).tiles["contact_time_ms"].value
    for side in ("left", "right"):
        ended = [
            r for r in whole.strides
            if r.stride.side == side and r.stride.next_ic_s < 30.0
        ]  # fmt: skip
        values = [r.values["contact_time_ms"] for r in ended[-10:]]
        assert tile.stat(side).median == np.median(values)
        assert (tile.stat(side).n, tile.stat(side).n_total) == (10, 10)


def test_invalid_strides_are_counted_not_used(whole):
    tile = whole.snapshot(23.0).tiles["contact_time_ms"].value
    assert tile.stat("left").n < tile.stat("left").n_total


def test_tiles_know_label_colour_and_reason(whole):
    tiles = whole.snapshot(30.0).tiles
    assert set(tiles) == set(TILES)
    assert tiles["contact_time_si_pct"].verdicts == {"both": "good"}
    assert tiles["contact_time_ms"].verdicts == {}
    assert tiles["stride_time_cv_pct"].value.note == "needs 50 valid strides per side"
    assert tiles["cadence_spm"].label == "cadence"


def test_old_strides_say_nothing_about_now(whole):
    end_s = whole.strides[-1].stride.next_ic_s
    assert whole.snapshot(end_s + 1.0).gait == "run"
    later = whole.snapshot(end_s + 16.0)
    assert later.gait == "unknown"
    assert later.tiles["contact_time_ms"].value.both.n == 0
    assert later.contacts == ()
    assert later.strides_used > 50


def test_before_the_first_row_there_is_nothing():
    pipeline = simulated(1.0).pipeline()
    shown = pipeline.snapshot(0.0)
    assert (shown.gait, shown.contacts, shown.strides_used) == ("unknown", (), 0)
    assert all(tile.value.both.n == 0 for tile in shown.tiles.values())


def test_speed_told_late_still_counts(lab):
    belt = lab.streams[2].id
    late, rows = lab.pipeline(), []
    for item in lab.chunks(rows_per_chunk=100):
        if isinstance(item, Chunk) and item.stream == belt:
            rows.append(item)
        else:
            late.feed(item)
    assert late.snapshot(39.0).tiles["step_length_m"].value.both.n == 0
    for item in rows:
        late.feed(item)
    late.finish()
    length = late.snapshot(39.0).tiles["step_length_m"].value.both
    assert length.median == pytest.approx(1.11, abs=0.005)


@pytest.fixture(scope="module")
def quicker():
    """A runner whose baseline of 61 s was marked."""
    return simulated(110.0, standing_s=3.0)


MARKS = (
    Marker(6.0, "baseline begin", "block"),
    Marker(67.0, "baseline end", "block"),
    Marker(70.0, "fine today"),
)


@pytest.mark.parametrize("rows_per_chunk", [16, 4000])
def test_the_change_against_the_baseline_is_the_same_live_and_in_replay(
    quicker, rows_per_chunk
):
    replay = quicker.pipeline()
    for mark in MARKS:
        replay.mark(mark)
    for item in quicker.chunks():
        replay.feed(item)
    live, waiting, shown = quicker.pipeline(), list(MARKS), []
    for item in quicker.chunks(rows_per_chunk=rows_per_chunk):
        live.feed(item)
        while waiting and live.watermark_s > waiting[0].t_s:
            live.mark(waiting.pop(0))
        t_s = live.watermark_s
        if t_s > 10.0 * (len(shown) + 1):
            shown.append(t_s)
            live.snapshot(t_s)  # a screen looks before every stride has come
    for t_s in shown:
        told = msgspec.json.encode(live.snapshot(t_s).changes)
        assert told == msgspec.json.encode(replay.snapshot(t_s).changes)
    assert replay.snapshot(67.0).changes == {}
    changes = replay.snapshot(103.0).changes  # of the minute to 100 s
    assert changes["contact_time_ms"]["left"].delta == pytest.approx(0.0, abs=0.5)
    assert changes["contact_time_ms"]["left"].n == pytest.approx(44, abs=2)
    assert changes["peak_force_bw"]["both"].value == pytest.approx(2.32, abs=0.03)
    assert changes["peak_force_bw"]["both"].baseline == pytest.approx(2.32, abs=0.03)


def test_the_work_on_a_change_is_spread_and_ends_with_the_same(quicker):
    """Between the end of a minute and its showing every look does one step of it."""
    looked, asked = quicker.pipeline(), quicker.pipeline()
    for pipeline in (looked, asked):
        for mark in MARKS:
            pipeline.mark(mark)
        for item in quicker.chunks():
            pipeline.feed(item)
    notebook = looked.results._notebook
    steps = []
    for t_s in np.arange(101.0, 103.0, 1 / 60):
        looked.snapshot(float(t_s))
        minute = notebook._minutes.get(100.0)  # after the baselines held against
        steps.append(len(minute.found) if minute else 0)
    assert max(np.diff(steps)) == 1
    assert notebook._minutes[100.0].done
    told = [msgspec.json.encode(it.snapshot(103.0).changes) for it in (looked, asked)]
    assert told[0] == told[1]


def test_samples_are_held_against_the_marked_baseline(quicker):
    pipeline = quicker.pipeline()
    for mark in MARKS:
        pipeline.mark(mark)
    for item in quicker.chunks():
        pipeline.feed(item)
    metric = METRICS["cadence_vs_baseline_pct"]
    before = pipeline.results.sample(60.0).summarise(metric)
    assert (before.both.n, before.note) == (0, "no baseline was marked")
    after = pipeline.results.sample().summarise(metric)
    assert after.both.median == pytest.approx(0.0, abs=0.1)
    assert 50 < after.both.n < 120
