from __future__ import annotations

import numpy as np
import pytest

from drivers.stamp_loss import StampLoss


def run(stamps_s: np.ndarray, rate_hz: float, rows: int = 2) -> list[tuple[int, float]]:
    """Feed chunks of ``rows`` rows; return (rows lost, stamp before) each time."""
    found = StampLoss(rate_hz)
    told: list[tuple[int, float]] = []
    for at in range(rows - 1, len(stamps_s), rows):
        lost = found.feed(rows, float(stamps_s[at]))
        if lost:
            told.append((lost, found.before_s))
    return told


@pytest.mark.parametrize("lost", [1, 5, 100, 1000])
@pytest.mark.parametrize("jitter_s", [0.0, 0.002])
def test_missing_rows_are_found_within_a_second(lost: int, jitter_s: float) -> None:
    chance = np.random.default_rng(1)
    n = np.concatenate([np.arange(2000), np.arange(2000 + lost, 4000 + lost)])
    stamps_s = n / 200 + chance.exponential(jitter_s or 1e-9, len(n))
    ((found, before_s),) = run(stamps_s, 200.0)
    assert found == lost
    assert before_s == pytest.approx(1999 / 200, abs=0.03)


def test_a_sender_that_was_busy_has_lost_nothing() -> None:
    n = np.arange(6000)
    stamps_s = n / 200
    for busy in (2000, 3000, 4500):  # stamped late by up to 0.4 s, then caught up
        late = np.maximum(0.0, 0.4 - (n - busy) / 1000) * (n >= busy)
        stamps_s = stamps_s + late
    assert not run(stamps_s, 200.0)


@pytest.mark.parametrize("real_hz", [198.0, 200.04, 208.0, 250.0])
def test_a_rate_that_is_not_the_nominal_one_is_no_loss(real_hz: float) -> None:
    assert not run(np.arange(8000) / real_hz, 200.0)


def test_stamps_of_a_sender_with_a_coarse_timer() -> None:
    # chunks of 2 rows every 10 ms, woken up to 8 ms late
    chance = np.random.default_rng(3)
    wake_s = np.repeat(chance.uniform(0, 0.008, 3000), 2)
    assert not run(np.arange(6000) / 200 + wake_s, 200.0)
