"""What a runner is told, over the simulated runner's own strides."""

from __future__ import annotations

import math

import msgspec
import numpy as np
import pytest
from pipeline_cases import run, simulated

from lablive.feedback.hint import STALE_S, Feedback, Target, target_of
from lablive.feedback.offers import INF, Offer, load_cues, load_offers
from lablive.feedback.schedule import Schedule, faded_share
from lablive.live.sounds import Backdrop

WORDS = load_cues().en
CONTACT = Target("contact_time_ms", "both", 230.0, 240.0, 20.0)


@pytest.fixture(scope="module")
def lab():
    return simulated(30.0, standing_s=3.0, left_insole_lost_s=(20.0, 26.0))


@pytest.fixture(scope="module")
def whole(lab):
    return run(lab)[0]


def test_the_value_is_the_median_of_the_last_strides_of_each_foot(whole):
    told = Feedback(CONTACT, WORDS).hint(whole.results, 15.0)
    for side, shown in (("left", told.left), ("right", told.right)):
        ended = [
            r.values["contact_time_ms"]
            for r in whole.strides
            if r.stride.side == side and r.stride.next_ic_s < 15.0 and r.stride.valid
        ]
        assert shown == np.median(ended[-3:])
    assert told.value == pytest.approx(0.5 * (told.left + told.right))
    assert told.n == 6
    assert told.way == "lower"  # about 247 ms, metric reference 9b
    assert told.off == pytest.approx((told.value - 240.0) / 20.0)
    assert told.cue == "Quick feet"


def test_live_is_told_the_same_as_replay_in_any_cut(lab, whole):
    feedback = Feedback(CONTACT, WORDS, sound="noise")
    for seed in range(3):
        live, feed = lab.pipeline(), Feedback(CONTACT, WORDS, sound="noise")
        for item in lab.chunks(seed):
            live.feed(item)
            t_s = live.watermark_s - 3.0  # strides wait for their last rows
            if math.isfinite(t_s):
                shown = msgspec.json.encode(feed.hint(live.results, t_s))
                assert shown == msgspec.json.encode(feedback.hint(whole.results, t_s))


def test_before_the_first_stride_and_after_the_last_nothing_is_made_up(whole):
    feedback = Feedback(CONTACT, WORDS, sound="noise")
    for t_s in (2.0, 30.0 + STALE_S + 1.0):
        told = feedback.hint(whole.results, t_s)
        assert all(math.isnan(v) for v in (told.value, told.left, told.right))
        assert (told.way, told.off, told.n) == ("unknown", 0.0, 0)
        assert told.cue == WORDS.waiting
        assert told.sound == Backdrop()


def test_with_one_insole_the_value_of_both_is_that_foot():
    alone = run(simulated(15.0, ("right_sole",), standing_s=3.0))[0]
    told = Feedback(CONTACT, WORDS).hint(alone.results, 14.0)
    assert math.isnan(told.left)
    assert told.value == told.right
    assert told.n == 3
    left = Target("contact_time_ms", "left", 230.0, 240.0, 20.0)
    told = Feedback(left, WORDS).hint(alone.results, 14.0)
    assert math.isnan(told.value)
    assert told.way == "unknown"


def test_while_an_insole_is_lost_no_old_value_is_shown(whole):
    told = Feedback(CONTACT, WORDS).hint(whole.results, 25.0)
    assert math.isnan(told.value)
    assert told.cue == WORDS.waiting


@pytest.mark.parametrize(
    ("value", "way", "off"),
    [
        (235.0, "in target", 0.0),
        (230.0, "in target", 0.0),
        (240.0, "in target", 0.0),
        (250.0, "lower", 0.5),
        (400.0, "lower", 1.0),
        (228.0, "higher", 0.1),
        (math.nan, "unknown", None),
    ],
)
def test_which_way_and_how_far(value, way, off):
    assert CONTACT.way(value) == way
    if off is not None:
        assert CONTACT.off(value) == pytest.approx(off)
    assert CONTACT.scale == (210.0, 260.0)


def test_a_target_with_one_edge_has_a_scale_on_both_sides_of_it():
    assert Target("footfall_rel_db", "both", -INF, -3.0, 6.0).scale == (-9.0, 3.0)
    assert Target("knee_flexion_ic_deg", "both", 14.0, INF, 8.0).scale == (6.0, 22.0)


def test_percent_of_a_baseline():
    offer = Offer(reach=10.0, of="baseline", high=95.0)
    made = target_of("peak_force_bw", "left", offer, 2.4)
    assert made is not None
    assert made.high == pytest.approx(2.28)
    assert made.low == -INF
    assert made.reach == pytest.approx(0.24)
    assert target_of("peak_force_bw", "left", offer) is None


def test_noise_fades_towards_the_target_and_a_tone_says_which_way(whole):
    def sound(high, kind):
        target = Target("contact_time_ms", "both", high - 10.0, high, 20.0)
        return Feedback(target, WORDS, sound=kind).hint(whole.results, 15.0).sound

    levels = [sound(high, "noise").noise for high in (220.0, 235.0, 244.0, 250.0)]
    assert levels == sorted(levels, reverse=True)
    assert levels[2] > 0
    assert levels[3] == 0
    assert sound(235.0, "tone").tone_hz > sound(270.0, "tone").tone_hz
    assert sound(235.0, "off") == Backdrop()


def test_without_feedback_the_runner_is_told_nothing_but_the_value_goes_on(whole):
    schedule = Schedule(begin_s=20.0)
    told = Feedback(CONTACT, WORDS, sound="noise", schedule=schedule).hint(
        whole.results, 15.0
    )
    assert not told.is_shown
    assert told.cue == WORDS.hidden
    assert told.sound == Backdrop()
    assert told.value > 240.0


def test_a_faded_schedule_gives_its_share_of_every_minute_and_keeps_the_last():
    schedule = Schedule(0.25, 100.0, 400.0, retention=True)
    on = [schedule.is_on(100.0 + k) for k in range(300)]
    assert [sum(on[60 * k : 60 * k + 60]) for k in range(5)] == [15, 15, 15, 15, 0]
    assert not schedule.is_on(99.9)
    assert not schedule.is_on(400.0)
    assert Schedule().is_on(1e9)


def test_feedback_is_taken_away_in_the_second_half_of_the_runs():
    shares = [faded_share(run) for run in range(10)]
    assert shares[:4] == [1.0] * 4
    assert shares == sorted(shares, reverse=True)
    assert shares[7:] == [0.0, 0.0, 0.0]


def test_what_is_offered_has_words_and_a_band_where_there_is_one():
    from lablive.metrics.bands import load_bands

    offers, bands = load_offers().metric, load_bands().band
    for name, offer in offers.items():
        good = bands[name].good
        if good is not None and offer.of == "value":
            edges = tuple(edge for edge in (offer.low, offer.high) if abs(edge) < INF)
            assert set(edges) <= set(good), name
        for words in (load_cues().en, load_cues().de):
            assert len(words.cue[name].title) <= 24, name  # one line at 3 m
