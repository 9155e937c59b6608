"""What the clock stream keeps of the chunks of one block."""

import numpy as np
import pytest

from lablive.clock import DeviceClock
from lablive.messages import Chunk
from lablive.recording.companions import clock_rows

RATE_HZ = 100.0


def chunk(first_row, rows, delay_s=0.001, counter=None):
    t_s = (first_row + np.arange(rows)) / RATE_HZ
    x = np.zeros((rows, 1), np.float32)
    return Chunk(1, first_row, t_s, x, counter, t_s[-1] + delay_s)


def counted(first_row, rows, begin):
    return chunk(first_row, rows, counter=np.arange(begin, begin + rows))


def counters_of(rows):
    return [start + k for _, _, count, start, _, _ in rows for k in range(count)]


@pytest.mark.parametrize("quickest", [0, 1, 2])
def test_the_least_delayed_arrival_is_kept_with_its_row(quickest):
    delays_s = [0.004, 0.005, 0.006]
    delays_s[quickest] = 0.001
    chunks = [chunk(20 + 3 * k, 3, late) for k, late in enumerate(delays_s)]
    (row,) = clock_rows(chunks)
    t_s, first, rows, start, arrival_s, arrived_row = row
    assert (t_s, first, rows) == (0.2, 20, 9)
    assert np.isnan(start)
    assert arrived_row == 20 + 3 * quickest + 2
    assert arrival_s == pytest.approx(arrived_row / RATE_HZ + 0.001)


def test_a_counter_that_goes_on_needs_one_row():
    rows = clock_rows([counted(0, 3, 500), counted(3, 1, 503), counted(4, 2, 504)])
    assert len(rows) == 1
    assert counters_of(rows) == [500, 501, 502, 503, 504, 505]


def test_a_counter_that_jumps_between_chunks_comes_back():
    rows = clock_rows([counted(0, 3, 500), counted(3, 3, 507)])
    assert counters_of(rows) == [500, 501, 502, 507, 508, 509]
    assert [row[5] for row in rows] == [2, 5]


def test_a_counter_that_jumps_inside_a_chunk_comes_back():
    jumping = chunk(3, 4, counter=np.array([510, 511, 3, 4]))
    rows = clock_rows([counted(0, 3, 507), jumping])
    assert counters_of(rows) == [507, 508, 509, 510, 511, 3, 4]
    assert [row[1] for row in rows] == [0, 3, 5]
    assert {row[4] for row in rows[1:]} == {jumping.arrival_s}


def test_jumps_that_cancel_each_other_are_seen():
    rows = clock_rows([counted(0, 2, 10), counted(2, 2, 20), counted(4, 2, 14)])
    assert counters_of(rows) == [10, 11, 20, 21, 14, 15]


def test_a_counter_that_is_not_always_there_is_kept_where_it_is():
    rows = clock_rows([chunk(0, 2), counted(2, 2, 7)])
    assert [row[2] for row in rows] == [2, 2]
    assert np.isnan(rows[0][3])
    assert rows[1][3] == 7


@pytest.mark.parametrize("seed", range(5))
def test_a_clock_fitted_later_finds_the_same_time(seed):
    """A minute with 60 ppm of drift and the delays of a radio, in blocks of 80 ms."""
    rng = np.random.default_rng(seed)
    ends = np.arange(1, 6001) * 2 - 1  # two rows per chunk
    arrival_s = ends / 200.0 * (1 + 60e-6) + 0.003 + rng.exponential(0.005, len(ends))
    every, kept = DeviceClock(1 / 200), DeviceClock(1 / 200)
    block = []
    for end, at_s in zip(ends, arrival_s, strict=True):
        every.feed(end, at_s)
        counter = np.array([end - 1, end])
        x = np.zeros((2, 1), np.float32)
        block.append(Chunk(1, end - 1, every.times_s(counter), x, counter, at_s))
        if len(block) == 8:
            ((_, first, _, start, least_s, arrived_row),) = clock_rows(block)
            kept.feed(start + arrived_row - first, least_s)
            block = []
    assert kept.time_s(ends[-1]) == pytest.approx(every.time_s(ends[-1]), abs=2e-4)
    assert kept.ppm == pytest.approx(every.ppm, abs=10)
