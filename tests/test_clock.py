"""Device counters and the lower-envelope fit (drivers reference, section 5)."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lablive.clock import CounterUnwrapper, DeviceClock, Step


@given(
    bits=st.integers(4, 32),
    start=st.integers(0, 2**32),
    steps=st.lists(st.integers(1, 7), min_size=1, max_size=200),
)
def test_every_loss_below_half_a_turn_is_exact(
    bits: int, start: int, steps: list[int]
) -> None:
    counter = CounterUnwrapper(bits)
    span = 1 << bits
    value = start % span
    counter.step(value)
    lost = 0
    for step in steps:
        value += step
        told = counter.step(value % span)
        assert told is (Step.NEXT if step == 1 else Step.LOST)
        lost += counter.lost
        assert counter.value == value
    assert lost == sum(steps) - len(steps)


@given(
    bits=st.sampled_from([4, 8, 16]),
    losses=st.lists(st.integers(0, 1000), min_size=1, max_size=30),
    error=st.floats(-0.4, 0.4),
)
def test_time_finds_whole_turns(bits: int, losses: list[int], error: float) -> None:
    counter = CounterUnwrapper(bits)
    span = 1 << bits
    value = 5
    counter.step(value)
    for lost in losses:
        value += lost + 1
        expected = value + error * span  # time is a rough witness: half a turn
        counter.step(value % span, expected, slack=span)
        assert counter.value == value
        assert counter.lost == lost


def test_follows_is_the_short_way_of_step() -> None:
    fast, slow = CounterUnwrapper(16), CounterUnwrapper(16)
    for raw in [65533, 65534, 65535, 0, 1, 5, 6]:
        taken = fast.follows(raw)
        if not taken:
            fast.step(raw)
        step = slow.step(raw)
        assert fast.value == slow.value
        assert taken == (step is Step.NEXT and raw != 65533)


def test_a_counter_that_goes_back_began_again() -> None:
    counter = CounterUnwrapper(16)
    for raw in (1000, 1001):
        counter.step(raw)
    assert counter.step(0) is Step.RESET
    assert counter.step(1) is Step.NEXT
    assert counter.value == 1


def test_a_counter_ahead_of_time_began_again() -> None:
    # 40000 -> 0 looks like 25535 lost values; time says that only one can have come
    counter = CounterUnwrapper(16)
    counter.step(40000)
    assert counter.step(0, expected=40001.0, slack=20.0) is Step.RESET


def test_an_overtaken_datagram_is_late_and_a_restart_is_seen() -> None:
    counter = CounterUnwrapper(16, may_reorder=True)
    for raw in (100, 101, 103):
        counter.step(raw)
    assert counter.step(102) is Step.LATE
    assert counter.step(104) is Step.NEXT
    assert counter.step(80) is Step.LATE
    assert counter.step(81) is Step.RESET


@pytest.mark.parametrize("bits", [8, 16])
def test_peek_changes_nothing(bits: int) -> None:
    counter = CounterUnwrapper(bits)
    counter.step(250)
    assert counter.peek(249) == 249
    assert counter.peek((250 + 3) % (1 << bits)) == 253
    assert counter.value == 250


def arrivals(
    ppm: float, batch_s: float, loss: float, seconds: float, seed: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return counts, true times and arrivals of a 200 Hz device."""
    chance = np.random.default_rng(seed)
    count = np.arange(int(seconds * 200))
    true_s = 50.0 + count / 200 / (1 + ppm * 1e-6)
    kept = chance.random(len(count)) >= loss
    count, true_s = count[kept], true_s[kept]
    sent_s = true_s + 0.003 + chance.exponential(0.0005, len(count))
    if batch_s:
        sent_s = np.ceil(sent_s / batch_s) * batch_s
    stall = (sent_s > 65) & (sent_s < 65.25)
    sent_s[stall] = 65.25
    return count.astype(float), true_s, np.maximum.accumulate(sent_s)


def fit(count: np.ndarray, arrival_s: np.ndarray) -> tuple[np.ndarray, DeviceClock]:
    """Return the time given to every row as it arrives, batch by batch."""
    clock = DeviceClock(1 / 200)
    starts = np.flatnonzero(np.diff(arrival_s, prepend=-1.0))
    given_s = np.empty(len(count))
    for first, last in zip(starts, [*starts[1:], len(count)], strict=True):
        clock.feed(count[last - 1], arrival_s[last - 1])
        given_s[first:last] = clock.times_s(count[first:last])
    return given_s, clock


@settings(max_examples=8)
@given(
    ppm=st.floats(-300, 300),
    batch_s=st.sampled_from([0.0, 0.008, 0.016]),
    loss=st.sampled_from([0.0, 0.01]),
    seed=st.integers(0, 1000),
)
def test_times_are_right_to_a_millisecond_after_ten_seconds(
    ppm: float, batch_s: float, loss: float, seed: int
) -> None:
    count, true_s, arrival_s = arrivals(ppm, batch_s, loss, 22, seed)
    given_s, clock = fit(count, arrival_s)
    late = true_s > 60
    error_s = given_s[late] - true_s[late]
    assert error_s.std() < 0.5e-3
    # the delay of the fastest way cannot be seen from one side: 3 ms and the batching
    assert 0.003 - 1e-3 < error_s.mean() < 0.003 + batch_s + 1e-3
    assert abs(clock.ppm - ppm) < 100
    assert (np.diff(given_s[true_s > 53]) > 0).all()


def test_a_batch_of_200_ppm_with_loss_as_the_acceptance_says() -> None:
    count, true_s, arrival_s = arrivals(200.0, 0.016, 0.01, 30, 1)
    given_s, clock = fit(count, arrival_s)
    late = true_s > 60
    assert (given_s[late] - true_s[late]).std() < 1e-3
    assert clock.ppm == pytest.approx(200, abs=5)
    # the newest row of a batch waits for up to one period of 5 ms
    assert 3 < clock.jitter_p95_ms < 6


def test_a_wrong_nominal_rate_is_believed_from_the_data() -> None:
    # 208 Hz sold as 200
    count, true_s, arrival_s = arrivals(40_000.0, 0.016, 0.0, 20, 2)
    given_s, clock = fit(count, arrival_s)
    late = true_s > 60
    assert (given_s[late] - true_s[late]).std() < 1e-3
    assert clock.period_s == pytest.approx(1 / 208, rel=1e-3)


def test_a_device_that_stood_still_begins_a_new_segment() -> None:
    clock = DeviceClock(1 / 200)
    jumps = []
    for n in range(2000):
        pause_s = 3.0 if n >= 1000 else 0.0
        if clock.feed(float(n), n / 200 + pause_s):
            jumps.append(n)
    (at,) = jumps
    assert 1000 < at < 1000 + 200  # told within a second
    assert clock.time_s(1999.0) == pytest.approx(1999 / 200 + 3.0, abs=0.01)


def test_a_burst_after_a_stall_is_no_new_segment() -> None:
    clock = DeviceClock(1 / 200)
    for n in range(2000):
        late_s = max(0.0, 0.8 - (n - 1000) / 200) if n >= 1000 else 0.0
        assert not clock.feed(float(n), n / 200 + late_s)
    assert clock.time_s(1999.0) == pytest.approx(1999 / 200, abs=1e-3)


def test_two_short_stalls_are_not_one_pause() -> None:
    clock = DeviceClock(1 / 200)
    for n in range(3000):
        late_s = 0.5 if n in (1000, 2000) else 0.0
        assert not clock.feed(float(n), n / 200 + late_s)


def test_a_clock_set_forward_begins_a_new_segment() -> None:
    clock = DeviceClock(1e-3)  # milliseconds since boot, then since 1970
    for n in range(1000):
        clock.feed(n * 5.0, 7.0 + n * 0.005)
    assert clock.feed(1.7e12, 12.0)
    assert clock.time_s(1.7e12) == pytest.approx(12.0, abs=1e-3)


def test_the_count_that_is_due_is_unknown_until_settled() -> None:
    clock = DeviceClock(0.01)
    clock.feed(0.0, 10.0)
    assert clock.count_at(11.0) is None
    for n in range(400):
        clock.feed(float(n), 10.0 + n * 0.01)
    assert clock.count_at(15.0) == pytest.approx(500, abs=0.5)
