"""Real soles through their shipped montages: pedar, loadsol, Stappone."""

import importlib.util
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from lablive.messages import ChannelInfo, StreamInfo
from lablive.signals.binding import Binding, bind
from lablive.signals.body_weight import Stretch, calibrate
from lablive.signals.insole import cop_xy, feet, gait_line, region_n, stance_line
from lablive.signals.montage import load_montage

# the loaders leave closing their files to the garbage collector
pytestmark = pytest.mark.filterwarnings("ignore:unclosed file:ResourceWarning")
MONTAGES = Path(__file__).parents[2] / "configs" / "montages"


@pytest.fixture(scope="module")
def loaders(real_data: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location("loaders", real_data / "loaders.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def bound(name: str, channels: int) -> Binding:
    infos = tuple(ChannelInfo(f"c{number}") for number in range(channels))
    stream = StreamInfo(1, name, "", 100.0, infos)
    return bind(load_montage(MONTAGES / f"{name}.toml"), [stream])


def test_pedar_walks_from_heel_to_toes(loaders: ModuleType, real_data: Path) -> None:
    path = real_data / "insole_pedar_99cell" / "pressure_example.asc"
    t_s, left, right = loaders.pedar(path)
    x = np.hstack([left, right])
    for side, foot in feet(bound("pedar", 198)).items():
        force_n = foot.force_n(x)
        cells = left if side == "left" else right
        assert force_n == pytest.approx(cells.sum(axis=1) * 0.15)  # kPa x 1.5 cm2
        contacts = loaders.contacts(force_n, 50.0, 100.0, 50.0)
        assert len(contacts) in (17, 18)
        parts = foot.cells_n(x)
        path_xy = cop_xy(parts, foot.layout, 50.0)
        lines = [stance_line(t_s, path_xy, t_s[a], t_s[b]) for a, b in contacts]
        x_mean, y_mean = gait_line(lines).mean.T
        assert y_mean[10] < 0.2 < y_mean[30] < y_mean[50] < 0.6 < y_mean[80] < 0.8
        assert x_mean[50] < -0.05 < 0.0 < x_mean[90]  # lateral, then off the big toe
        assert region_n(parts, foot.layout).sum(axis=1) == pytest.approx(force_n)


def test_loadsol_dropouts_are_missing(loaders: ModuleType, real_data: Path) -> None:
    file = real_data / "loadsol_vs_forceplate_pomarat" / "test_pointe_1_05_02.txt"
    rows = loaders.loadsol(file)[2]
    soles = feet(bound("loadsol", rows.shape[1]))
    for side, total, zone in (("left", 4, 1), ("right", 16, 13)):
        force_n = soles[side].force_n(rows)
        lost = (rows[:, zone] == -1) | np.isnan(rows[:, zone])
        assert lost.any()
        assert np.array_equal(np.isnan(force_n), lost)
        assert force_n[~lost] == pytest.approx(rows[~lost, total], abs=0.02)
        assert (rows[:, zone : zone + 3] == -1).any()  # the case exists


def test_loadsol_balance_stands_on_the_middle(
    loaders: ModuleType, real_data: Path
) -> None:
    file = real_data / "loadsol_vs_forceplate_pomarat" / "test_pointe_1_05_02.txt"
    rows = loaders.loadsol(file)[2]
    soles = feet(bound("loadsol", rows.shape[1]))
    stand = slice(0, 400)
    y = {}
    for side, foot in soles.items():
        parts = foot.cells_n(rows[stand])
        assert foot.layout is not None
        y[side] = float(np.nanmedian(cop_xy(parts, foot.layout, 50.0)[:, 1]))
        names = foot.layout.zone_names
        heel_column = {"left": 1, "right": 15}[side]
        assert parts[0, names.index("heel")] == rows[0, heel_column]
    assert 0.15 < y["left"] < y["right"] < 0.6  # the left heel carries more here


def test_stappone_counts_weigh_only_after_calibration(
    loaders: ModuleType,
) -> None:
    t_s, counts, acc, gyro = loaders.stappone()
    x = np.hstack([counts, acc, gyro])
    t_s = t_s - t_s[0]
    soles = feet(bound("stappone", x.shape[1]))
    foot = soles["left"]
    assert foot.unit == "adc"
    walking = (t_s > 10) & (t_s < 60)
    total = foot.raw(x).sum(axis=1)
    air = walking & (total <= np.nanquantile(total[walking], 0.2))  # the swing
    still = t_s < 4  # before the first step
    mass_kg = 70.0
    made = calibrate(
        soles,
        {},
        unloaded={"left": Stretch(t_s[air], x[air])},
        single_leg={"left": Stretch(t_s[still], x[still])},
        mass_kg=mass_kg,
        made_at="2026-01-15T17:00:00+01:00",
    )
    calibrated = feet(bound("stappone", x.shape[1]), made)["left"]
    assert calibrated.unit == "N"
    force_n = calibrated.force_n(x)
    assert np.mean(force_n[still]) == pytest.approx(made.bodyweight_n)
    swing = np.quantile(force_n[walking], 0.1)
    assert abs(swing) < 0.05 * made.bodyweight_n
