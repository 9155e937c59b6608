"""The simulated insole: cells, regions, centre of pressure, counts."""

import numpy as np
import pytest

from drivers.sim import gait_model as gait
from drivers.sim import insole_model as insole
from drivers.sim.runner import Runner
from drivers.sim.settings import RUNNERS, RunnerSettings

BARE = RunnerSettings(preload_n=0.0, insole_noise_n=0.0)


def test_region_centres_are_those_of_ref1() -> None:
    centres = {
        name: insole.CELL_Y[where].mean() for name, where in insole.REGIONS.items()
    }
    assert centres["heel"] == pytest.approx(0.12)
    assert centres["fore"] == pytest.approx(0.75)
    assert centres["toes"] == pytest.approx(0.92)
    assert len(insole.CELL_X) == len(insole.CELL_Y) == insole.CELLS
    for name in ("heel", "fore", "toes"):
        assert insole.CELL_X[insole.REGIONS[name]].mean() == pytest.approx(0)


def test_cells_sum_to_the_true_force() -> None:
    t_s = np.arange(0, 15, 1e-3)
    for side in ("left", "right"):
        cells = insole.cell_forces_n(BARE, side, t_s)
        assert cells.min() >= 0
        assert cells.sum(axis=1) == pytest.approx(
            gait.vertical_force_n(BARE, side, t_s), abs=1e-9
        )


@pytest.mark.parametrize(
    ("after_ic_s", "cop_y"), [(1e-6, 0.12), (0.125, 0.75), (0.235, 0.822)]
)
def test_centre_of_pressure_rolls_from_heel_to_toes(
    after_ic_s: float, cop_y: float
) -> None:
    t_s = np.array([gait.first_contact_s(BARE, "left") + 5 * 0.74 + after_ic_s])
    cells = insole.cell_forces_n(BARE, "left", t_s)[0]
    assert np.average(insole.CELL_Y, weights=cells) == pytest.approx(cop_y, abs=1e-3)


def test_strike_index_of_ref1() -> None:
    t_s = 10.74 + np.arange(1e-4, 0.02, 1e-4)
    cells = insole.cell_forces_n(BARE, "left", t_s)
    index = 100 * np.average(insole.CELL_Y, weights=cells.sum(axis=0))
    assert index == pytest.approx(18.73, abs=0.2)


def test_counts_carry_preload_noise_and_no_bias() -> None:
    runner = Runner(RunnerSettings(standing_s=60.0))
    for side in ("left", "right"):
        _, kpa = runner.window(f"{side}_sole", 0.0, 60.0)
        total = kpa.sum(axis=1)  # 10 cm2 per cell: 1 kPa is 1 N
        assert total.mean() == pytest.approx(35.0 * 9.80665 + 20.0, abs=0.3)
        assert total.std() == pytest.approx(4.0, abs=0.2)


def test_full_force_fits_the_converter() -> None:
    _, kpa = Runner(RUNNERS["ref1"]).window("left_sole", 12.0, 20.0)
    counts = insole.to_counts(kpa)
    assert counts.max() < insole.ADC_MAX
    assert insole.to_kpa(counts) == pytest.approx(kpa)


def test_weak_gain_reads_less() -> None:
    quiet = {"insole_noise_n": 0.0, "preload_n": 0.0}
    full = Runner(RunnerSettings(**quiet)).window("left_sole", 12, 15)[1].sum()
    weak = Runner(RunnerSettings(gain_left=0.8, **quiet)).window("left_sole", 12, 15)[1]
    assert weak.sum() / full == pytest.approx(0.8, abs=1e-3)


def test_faults_of_ref1() -> None:
    runner = Runner(RUNNERS["dropout"])
    t_s, left = runner.window("left_sole", 44.0, 48.0)
    lost = (t_s >= 45.0) & (t_s < 47.0)
    assert np.isnan(left[lost]).all()
    assert np.isfinite(left[~lost]).all()
    assert (insole.to_counts(left[lost]) == insole.LOST_COUNT).all()
    plain = Runner(RUNNERS["ref1"])
    step = (
        runner.window("right_sole", 60.0, 62.0)[1]
        - plain.window("right_sole", 60.0, 62.0)[1]
    ).sum(axis=1)
    assert step == pytest.approx(150.0, abs=1.0)
