"""The synthetic runner gives the same bits whatever the cut."""

import itertools

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from drivers.sim.chunks import runner_chunks
from drivers.sim.runner import Runner, RunnerSettings

SHORT = RunnerSettings(standing_s=0.5, ramp_s=0.5)
WHOLE = Runner(SHORT)
NAMES = [info.name for info in WHOLE.streams]


@settings(max_examples=60)
@given(
    st.sampled_from(NAMES),
    st.lists(st.floats(0.0, 3.0), min_size=1, max_size=6),
)
def test_any_cut_gives_the_same_rows(name: str, cuts: list[float]) -> None:
    whole_t, whole_x = WHOLE.window(name, 0.0, 3.0)
    edges = [0.0, *sorted(cuts), 3.0]
    fresh = Runner(SHORT)
    pieces = [fresh.window(name, a, b) for a, b in itertools.pairwise(edges)]
    np.testing.assert_array_equal(np.concatenate([t for t, _ in pieces]), whole_t)
    np.testing.assert_array_equal(np.concatenate([x for _, x in pieces]), whole_x)


def test_the_seed_changes_the_noise_and_nothing_else() -> None:
    quiet = {"insole_noise_n": 0.0, "acc_noise_mps2": 0.0, "gyro_noise_dps": 0.0}
    for name in ("left_sole", "Sim pelvis IMU"):
        first, second = (
            Runner(RunnerSettings(seed=seed)).window(name, 12.0, 13.0)[1]
            for seed in (1, 2)
        )
        assert not np.array_equal(first, second)
        first, second = (
            Runner(RunnerSettings(seed=seed, **quiet)).window(name, 12.0, 13.0)[1]
            for seed in (1, 2)
        )
        np.testing.assert_array_equal(first, second)


def test_chunks_carry_every_row_once_and_in_order() -> None:
    seconds, start = 4.0, 1000.0
    runner = Runner(SHORT)
    for plan in (0, 1):
        rows = dict.fromkeys(range(len(runner.streams)), 0)
        parts: dict[int, list[np.ndarray]] = {stream: [] for stream in rows}
        arrived = 0.0
        for chunk in runner_chunks(SHORT, seconds, plan_seed=plan, start_s=start):
            assert chunk.first_row == rows[chunk.stream]
            assert len(chunk) > 0
            assert chunk.arrival_s >= max(arrived, chunk.t_s[-1])
            arrived = chunk.arrival_s
            rows[chunk.stream] += len(chunk)
            parts[chunk.stream].append(chunk.x)
        for info in runner.streams:
            t_s, x = runner.window(info.name, 0.0, seconds)
            assert rows[info.id] == len(t_s)
            np.testing.assert_array_equal(
                np.concatenate(parts[info.id]), x.astype(np.float32)
            )


def test_only_the_wanted_streams_are_sent() -> None:
    chunks = list(runner_chunks(SHORT, 1.0, streams=["right_sole"]))
    assert {chunk.stream for chunk in chunks} == {1}
    assert sum(len(chunk) for chunk in chunks) == 200


def test_a_fast_insole_clock_samples_early_and_says_nothing() -> None:
    fast = Runner(RunnerSettings(insole_clock_ppm=200.0, insole_noise_n=0.0))
    true = Runner(RunnerSettings(insole_rate_hz=200.04, insole_noise_n=0.0))
    assert fast.streams[0].rate_hz == 200.0
    t_s, x = fast.rows("left_sole", 4000, 200)
    np.testing.assert_allclose(t_s, np.arange(4000, 4200) / 200.04)
    np.testing.assert_array_equal(x, true.rows("left_sole", 4000, 200)[1])
