"""The synthetic runner through its montage: standing gain, running check, push-off."""

from pathlib import Path

import numpy as np
import pytest

from drivers.sim.runner import Runner
from drivers.sim.settings import RunnerSettings
from lablive.names import SIDES
from lablive.signals.binding import bind
from lablive.signals.body_weight import Stretch, calibrate
from lablive.signals.insole import cop_xy, feet, region_n, strike_index_pct
from lablive.signals.montage import load_montage

SIMULATOR = Path(__file__).parents[2] / "configs" / "montages" / "simulator.toml"
SEATED_S, STANDING_S, RUNNING_S = (0.5, 2.5), (3.5, 9.5), (20.0, 20.0 + 25 * 0.74)


def stretch(runner: Runner, side: str, t0_s: float, t1_s: float) -> Stretch:
    return Stretch(*runner.window(f"{side}_sole", t0_s, t1_s))


@pytest.mark.parametrize(
    ("gains", "ratio"), [((1.0, 1.0), 1.0), ((0.8, 0.8), 1.0), ((1.0, 1.3), 1.0)]
)
def test_ref1_weighs_the_same_standing_and_running(
    gains: tuple[float, float], ratio: float
) -> None:
    settings = RunnerSettings(seated_s=3.0, gain_left=gains[0], gain_right=gains[1])
    runner = Runner(settings)
    montage = load_montage(SIMULATOR)
    soles = feet(bind(montage, runner.streams))
    made = calibrate(
        soles,
        {side: stretch(runner, side, *STANDING_S) for side in SIDES},
        unloaded={side: stretch(runner, side, *SEATED_S) for side in SIDES},
        mass_kg=montage.subject.mass_kg,
        made_at="2026-07-01T10:00:00+02:00",
    )
    # one gain for both: the share on two legs stays as the raw soles measure it
    balance_pct = 100 * gains[1] / sum(gains)
    assert made.standing_balance_pct == pytest.approx(balance_pct, abs=0.5)
    calibrated = feet(bind(montage, runner.streams), made)
    # over whole strides the mean force of both feet is body weight
    mean_n = sum(
        calibrated[side].force_n(stretch(runner, side, *RUNNING_S).x).mean()
        for side in SIDES
    )
    assert made.bodyweight_n / mean_n == pytest.approx(ratio, abs=0.02)


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


def test_standing_tells_the_medial_share_that_running_is_held_against() -> None:
    runner = Runner(RunnerSettings(seated_s=3.0))
    montage = load_montage(SIMULATOR)
    soles = feet(bind(montage, runner.streams))
    stand = {side: stretch(runner, side, *STANDING_S) for side in SIDES}
    cells = soles["right"].force.columns
    medial = [
        column
        for column, x in zip(cells, soles["right"].layout.xy[:, 0], strict=True)
        if x > 0
    ]
    stand["right"].x[:, medial] *= 1.5  # more weight on the inner cells
    made = calibrate(soles, stand, mass_kg=70.0, made_at="2026-07-01T10:00:00+02:00")
    assert made.left.standing_medial_pct == pytest.approx(50.0, abs=0.5)
    assert made.right.standing_medial_pct == pytest.approx(60.0, abs=0.5)
