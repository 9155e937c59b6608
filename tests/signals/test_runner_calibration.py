"""The synthetic runner through its montage: standing gain, running check, push-off."""

from pathlib import Path

import numpy as np
import pytest

from drivers.sim.runner import Runner
from drivers.sim.settings import RunnerSettings
from lablive.names import SIDES
from lablive.signals.binding import bind
from lablive.signals.calibration import Stretch, calibrate, lowest_rows
from lablive.signals.gain_check import Trace, check_gain
from lablive.signals.insole import cop_xy, feet, region_n, strike_index_pct
from lablive.signals.montage import load_montage

SIMULATOR = Path(__file__).parents[2] / "configs" / "montages" / "simulator.toml"
STRIDES = [(20.0 + 0.74 * k, 20.0 + 0.74 * (k + 1)) for k in range(25)]


def stretch(runner: Runner, side: str, t0_s: float, t1_s: float) -> Stretch:
    return Stretch(*runner.window(f"{side}_sole", t0_s, t1_s))


@pytest.mark.parametrize(
    ("gains", "ratio"), [((1.0, 1.0), 1.0), ((0.8, 0.8), 1.0), ((1.0, 1.3), 1.0)]
)
def test_ref1_weighs_the_same_standing_and_running(
    gains: tuple[float, float], ratio: float
) -> None:
    runner = Runner(RunnerSettings(gain_left=gains[0], gain_right=gains[1]))
    montage = load_montage(SIMULATOR)
    soles = feet(bind(montage, runner.streams))
    assert montage.calibration.standing_s is not None
    start_s, end_s = montage.calibration.standing_s
    made = calibrate(
        soles,
        {side: stretch(runner, side, start_s, end_s) for side in SIDES},
        unloaded={
            side: lowest_rows(soles[side], stretch(runner, side, 20.0, 40.0))
            for side in SIDES
        },
        mass_kg=montage.subject.mass_kg,
        made_at="2026-07-01T10:00:00+02:00",
    )
    # one gain for both: the share on two legs stays as the raw soles measure it
    balance_pct = 100 * gains[1] / sum(gains)
    assert made.standing_balance_pct == pytest.approx(balance_pct, abs=0.5)
    calibrated = feet(bind(montage, runner.streams), made)
    traces = []
    for side in SIDES:
        rows = stretch(runner, side, 15.0, 42.0)
        traces.append(Trace(rows.t_s, calibrated[side].force_n(rows.x)))
    check = check_gain(made.bodyweight_n, STRIDES, *traces)
    assert check.strides == 25
    assert check.ratio == pytest.approx(ratio, abs=0.02)


def test_ref1_lands_on_the_heel_and_leaves_by_the_toes() -> None:
    runner = Runner(RunnerSettings())
    foot = feet(bind(load_montage(SIMULATOR), runner.streams))["left"]
    assert foot.layout is not None
    weight_n = 70 * 9.80665
    indices, last = [], []
    for event in runner.events(20.0, 40.0):
        if event.side != "left" or event.kind != "ic":
            continue
        rows = stretch(runner, "left", event.t_s, event.t_s + 0.25)
        parts = foot.cells_n(rows.x) - 20.0 / 16  # the preload of every cell
        y = cop_xy(parts, foot.layout, 0.1 * weight_n)[:, 1]
        force_n = parts.sum(axis=1)
        indices.append(
            strike_index_pct(rows.t_s, force_n, y, event.t_s, 0.1 * weight_n)
        )
        at = np.abs(rows.t_s - (event.t_s + 0.235)).argmin()
        late = region_n(parts[at : at + 1], foot.layout)[0]
        last.append((100 * y[at], late[3] / late.sum()))
    assert np.median(indices) == pytest.approx(18.7, abs=3.0)
    assert np.median([y for y, _ in last]) == pytest.approx(82.2, abs=2.0)
    assert np.median([share for _, share in last]) == pytest.approx(0.42, abs=0.06)
