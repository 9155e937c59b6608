"""Belt speed by hand, alone and through the host."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from device_cases import opened, read, x_of

from drivers.host import Host
from drivers.manual_speed import ManualSpeed
from lablive.clock import now_s
from lablive.errors import ConfigError, DeviceError
from lablive.live.ring import RingReader

if TYPE_CHECKING:
    from collections.abc import Callable


def test_nothing_is_sent_before_a_speed_is_known() -> None:
    driver = ManualSpeed()
    with opened(driver):
        assert driver.read() == []
        assert "No belt speed" in driver.status()[0].last_fault
        before_s = now_s()
        driver.set_values({"speed_mps": 2.5})
        driver.set_values({"speed_mps": 3.0, "incline_pct": 1.0})
        out = read(driver, 2)
    np.testing.assert_array_equal(x_of(out), [[2.5, np.nan], [3.0, 1.0]])
    (chunk,) = out
    assert before_s <= chunk.t_s[0] < chunk.t_s[1] <= now_s()


def test_the_speed_is_repeated(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("drivers.manual_speed.REPEAT_S", 0.01)
    with opened(ManualSpeed(2.0)) as driver:
        out = read(driver, 4)
    np.testing.assert_array_equal(x_of(out)[:, 0], 2.0)


@pytest.mark.parametrize(
    "values", [{"speed_mps": -1.0}, {"speed_mps": 25.0}, {"speed": 2.0},
               {"speed_mps": float("nan")}, {"incline_pct": 90.0}],
)  # fmt: skip
def test_impossible_values_change_nothing(values: dict[str, float]) -> None:
    with opened(ManualSpeed(2.0)) as driver:
        read(driver, 1)
        with pytest.raises(ConfigError, match="belt cannot"):
            driver.set_values(values)
        driver.set_values({"incline_pct": 2.0})
        np.testing.assert_array_equal(x_of(read(driver, 1)), [[2.0, 2.0]])


def test_options_are_checked() -> None:
    driver = ManualSpeed.from_options({"speed_mps": "2.5"})
    with opened(driver):
        assert x_of(read(driver, 1))[0, 0] == 2.5
    with pytest.raises(ConfigError):
        ManualSpeed.from_options({"speed_kmh": 9.0})


def test_over_the_host(tmp_path: Path, until: Callable[..., None]) -> None:
    host = Host(tmp_path)
    try:
        host.add_source({"id": "belt", "driver": "manual_speed", "options": {}}, 5.0)
        host.set_values("belt", {"speed_mps": 2.75})
        (report,) = host.status().sources
        (info,) = report.streams
        assert info.labels == ("treadmill.speed", "treadmill.incline")
        with_rows = RingReader(Path(report.rings[0]))
        until(lambda: with_rows.rows >= 1, "the speed")
        assert with_rows.latest(1).x[0, 0] == 2.75
        with pytest.raises(DeviceError, match="no source"):
            host.set_values("other", {"speed_mps": 1.0})
    finally:
        host.close()
