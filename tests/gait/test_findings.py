"""What a reader of the events is told of the sensors, in as few words as it takes."""

from __future__ import annotations

import pytest

from lablive.gait.findings import slow_force


@pytest.mark.parametrize(
    ("rates_hz", "told"),
    [
        ({"left": 200.0, "right": 98.6}, []),
        ({"unknown": 1000.0}, []),
        ({"left": 31.0, "right": 31.0}, ["The insoles send 31 rows per second"]),
        ({"left": 50.0, "right": 200.0}, ["The left insole sends 50 rows per second"]),
        ({"left": 50.0, "right": 25.0}, ["The left insole sends 50", "The right"]),
        ({"unknown": 60.0}, ["The force plate sends 60 rows per second"]),
    ],
)
def test_slow_force_is_told_once(rates_hz, told):
    found = slow_force(rates_hz)
    assert len(found) == len(told)
    for finding, begin in zip(found, told, strict=True):
        assert finding.name == "slow"
        assert finding.text.startswith(begin)
    if told:
        slowest_ms = 1000.0 / next(iter(rates_hz.values()))
        assert f"off by up to {slowest_ms:.0f} ms" in found[0].text
