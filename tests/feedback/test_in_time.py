"""A value is out before the next contact of its foot, and gone when it is not sure."""

from __future__ import annotations

import math

import pytest
from pipeline_cases import IMUS, LEVEL, SOLES, segments_as_worn, simulated

from lablive.feedback.giving import AWAY_S, Giver
from lablive.feedback.hint import Feedback, Target
from lablive.feedback.offers import INF, load_cues, load_offers
from lablive.live.sounds import Backdrop
from lablive.messages import Chunk, Gap
from lablive.signals.calibrations import Calibrations
from lablive.signals.sound_latency import SoundLatency

WORDS = load_cues().en
CALIBRATIONS = Calibrations(
    segments=segments_as_worn(), sound_latency=SoundLatency("", "", 0.137, 40, 0.5)
)
TICK_S = 0.01
STALL_S = 0.5


class Silent:
    """Takes sounds."""

    def __init__(self):
        self.sent = []

    def set_backdrop(self, wanted):
        self.sent.append(wanted)


def ticks(lab, end_s, without=(), from_s=math.inf):
    """Yield rows as they come live, every stream up to the same time."""
    at = dict.fromkeys(lab.rows, 0)
    for number in range(1, round(end_s / TICK_S) + 1):
        now_s, items = number * TICK_S, []
        for stream, (t_s, x) in lab.rows.items():
            if stream in without and now_s > from_s:
                silent_s = now_s - from_s
                if silent_s >= STALL_S and number % 25 == 0:  # as the host marks it
                    last_s = float(t_s[at[stream] - 1])
                    gap = Gap(stream, at[stream], last_s, now_s - last_s, None, "stall")
                    items.append(gap)
                continue
            first, end = at[stream], int(t_s.searchsorted(now_s))
            if end > first:
                items.append(Chunk(stream, first, t_s[first:end], x[first:end]))
            at[stream] = end
        yield now_s, items


def given(lab, target, end_s, without=(), from_s=math.inf, sound="noise"):
    """Return the pipeline, and time and hint of every tick."""
    pipeline = lab.pipeline(CALIBRATIONS)
    giver = Giver(Silent())
    giver.feedback = Feedback(target, WORDS, strides=1, sound=sound)
    hints = []
    for now_s, items in ticks(lab, end_s, without, from_s):
        for item in items:
            pipeline.feed(item)
        hints.append((now_s, giver.tick(pipeline, now_s)))
    return pipeline, hints


@pytest.fixture(scope="module")
def fast_runner():
    return simulated(
        14.0, (*SOLES, *IMUS, LEVEL), standing_s=3.0, stride_s=120.0 / 190.0
    )


@pytest.mark.parametrize(
    "metric_id", [it for it in load_offers().metric if it not in (
        "gmax_drive_pct", "footfall_rel_db", "impact_peak_bw")]
)  # fmt: skip
def test_at_190_steps_a_minute_a_value_is_out_before_the_next_contact(
    fast_runner, metric_id
):
    """Muscles, sound and impact need more than this lab: the benchmark has them."""
    pipeline = fast_runner.pipeline(CALIBRATIONS)
    pipeline.work_out_early(metric_id)
    late = told = 0
    known = {"left": 0, "right": 0}
    landed = {"left": -math.inf, "right": -math.inf}
    for now_s, items in ticks(fast_runner, 13.0):
        for item in items:
            pipeline.feed(item)
        for side, records in pipeline.results.early().records.items():
            for record in records[known[side] :]:
                stride = record.stride
                is_cycle = stride.to_s is None or stride.next_ic_s > stride.to_s
                landed[side] = stride.next_ic_s if is_cycle else stride.ic_s
                told += 1
                late += now_s - landed[side] >= 120.0 / 190.0
            known[side] = len(records)
    assert told > 20
    assert late == 0


def test_a_sensor_that_stalls_takes_its_value_away_within_a_second():
    lab = simulated(18.0, (*SOLES, "Sim pelvis IMU"), standing_s=3.0)
    pelvis = next(it.id for it in lab.streams if it.name == "Sim pelvis IMU")
    target = Target("pelvic_drop_deg", "both", -10.0, 1.0, 5.0)
    _, hints = given(lab, target, 17.0, (pelvis,), 15.0)
    before = [hint for now_s, hint in hints if 12.0 < now_s < 15.0]
    assert all(hint.sound.noise > 0 for hint in before)
    after = [hint for now_s, hint in hints if now_s > 15.0 + 1.0]
    assert len(after) > 50
    for hint in after:
        assert math.isnan(hint.value)
        assert hint.cue == WORDS.away
        assert hint.sound == Backdrop()


def test_a_foot_whose_sole_is_away_is_silent_and_the_other_goes_on():
    lab = simulated(14.0, SOLES, standing_s=3.0)
    left = lab.streams[0].id
    target = Target("contact_time_ms", "both", 100.0, 150.0, 50.0)
    _, hints = given(lab, target, 13.0, (left,), 10.0)
    now_s, last = hints[-1]
    assert now_s == pytest.approx(13.0)
    assert math.isnan(last.left)
    assert last.value == last.right > 0
    alone = Target("contact_time_ms", "left", 100.0, 150.0, 50.0)
    _, hints = given(lab, alone, 13.0, (left,), 10.0)
    assert hints[-1][1].cue == WORDS.away


def test_after_a_doubtful_stance_a_foot_is_told_nothing():
    lab = simulated(20.0, SOLES, standing_s=3.0)
    left = lab.streams[0].id
    t_s, x = lab.rows[left]
    contact = [c.t_s for c in _contacts(lab) if c.kind == "ic" and c.side == "left"]
    begin_s = next(it for it in contact if it > 11.0) + 0.1
    gone = (t_s > begin_s) & (t_s < begin_s + 0.03)
    lab.rows[left] = (t_s[~gone], x[~gone])
    target = Target("contact_time_ms", "left", 100.0, 150.0, 50.0)
    pipeline, hints = given(lab, target, 14.0)
    doubtful = [it.stride for it in pipeline.results.early().records["left"]]
    (bad,) = [it for it in doubtful if not it.valid and it.ic_s > 6.0]
    assert bad.reasons == ("missing data",)
    following = next(it for it in doubtful if it.ic_s > bad.to_s)
    between = [hint for now_s, hint in hints if bad.to_s + 0.2 < now_s < following.to_s]
    assert len(between) > 20
    assert all(hint.sound == Backdrop() for hint in between)
    assert hints[-1][1].sound.noise > 0


def _contacts(lab):
    pipeline = lab.pipeline()
    for item in lab.chunks():
        pipeline.feed(item)
    return pipeline.contacts


def test_oscillation_without_a_pelvis_sensor_is_that_of_the_model():
    lab = simulated(16.0, SOLES, standing_s=3.0)
    target = Target("vert_osc_cm", "both", -INF, 5.0, 3.0, 1)
    pipeline = lab.pipeline(CALIBRATIONS)
    giver = Giver(Silent())
    strides = load_offers().strides_of("vert_osc_cm")
    giver.feedback = Feedback(target, WORDS, strides=strides)
    hint = None
    for now_s, items in ticks(lab, 15.0):
        for item in items:
            pipeline.feed(item)
        hint = giver.tick(pipeline, now_s)
    assert 5.0 < hint.value < 12.0
    assert hint.cue == "Bounce less"


def test_who_stops_running_is_told_nothing():
    lab = simulated(12.0, SOLES, standing_s=3.0)
    target = Target("contact_time_ms", "both", 100.0, 150.0, 50.0)
    pipeline, _ = given(lab, target, 11.9)
    feedback = Feedback(target, WORDS, sound="tone")
    assert feedback.hint(pipeline.results, pipeline.newest_s).sound.tone > 0
    assert feedback.hint(pipeline.results, 14.5).sound == Backdrop()
    assert AWAY_S < 1.0
