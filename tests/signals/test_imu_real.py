"""Real IMUs: against the maker's own filter, on a real foot; optical: validation."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np
import pytest
from imu_cases import orient, rms

from lablive.names import STANDARD_GRAVITY
from lablive.signals.angles import (
    forward_lean_deg,
    leg_angle_deg,
    obliquity_deg,
    rotation,
    segment_rotation,
)
from lablive.signals.orientation import measured_rate_hz
from lablive.signals.segment_axes import ImuRows, Stand, functional_axis
from lablive.signals.segment_calibration import calibrate_segments
from lablive.validation.inclination import inclination_error_deg

if TYPE_CHECKING:
    from pathlib import Path


def xsens(path):
    """Return counter, acceleration (rows, 3) and matrices (rows, 3, 3) of an export."""
    lines = path.read_text().splitlines()
    head = next(n for n, line in enumerate(lines) if line.startswith("PacketCounter"))
    names = lines[head].split("\t")
    x = np.genfromtxt(lines[head + 1 :], delimiter="\t")
    acc = x[:, [names.index(f"Acc_{axis}") for axis in "XYZ"]]
    r = [[x[:, names.index(f"Mat[{i}][{j}]")] for j in (1, 2, 3)] for i in (1, 2, 3)]
    return x[:, 0], acc, np.moveaxis(np.array(r), 2, 0)


def rates_of(r, rate_hz):
    """Return the rates that turn each matrix into the next, at the rows themselves."""
    turned = np.swapaxes(r[:-1], 1, 2) @ r[1:]
    skew = (turned - np.swapaxes(turned, 1, 2)) / 2
    axis = np.column_stack([skew[:, 2, 1], skew[:, 0, 2], skew[:, 1, 0]])
    sine = np.clip(np.linalg.norm(axis, axis=1), 1e-12, 1)
    rates = axis * (np.arcsin(sine) / sine)[:, None] * rate_hz
    return np.vstack([rates[:1], (rates[1:] + rates[:-1]) / 2, rates[-1:]])


def test_opensense_walk_agrees_with_the_makers_filter(real_data: Path) -> None:
    """Eight Xsens sensors, 24 s of walking, no gyroscope in the export: rates are
    taken from the matrices, so this checks frames, units and gravity, not drift."""
    folder = real_data / "imu_xsens_apdm_opensense"
    mapping = (folder / "myIMUMappings.xml").read_text()
    sensors = re.findall(r'name="_(\w+)">.*?<name_in_model>(\w+)<', mapping, re.S)
    assert len(sensors) == 8
    for number, place in sensors:
        (path,) = folder.glob(f"*_{number}.txt")
        counter, acc, r = xsens(path)
        t_s = (counter - counter[0]) / 100.0
        assert (np.diff(t_s) > 0).all()
        found = orient(ImuRows(t_s, acc, rates_of(r, 100.0)), 100.0)
        error_deg = inclination_error_deg(rotation(found.quat), r)[t_s > 5.0]
        assert rms(error_deg) < 2.0, place


FOOT_WALKS = [
    # stand, walk and last stand in seconds
    ("short", (1.0, 12.0), (17.0, 33.0), (36.0, 40.0)),
    ("long", (3.0, 10.0), (13.0, 54.0), (58.5, 66.0)),
]


@pytest.mark.parametrize(("walk", "stand", "steps", "last"), FOOT_WALKS)
def test_foot_sensor_on_a_real_walk(real_data: Path, walk, stand, steps, last) -> None:
    """400 Hz nominal with irregular stamps, sensor aslant on the instep."""
    path = real_data / "foot_imu_xio_gait_tracking" / f"{walk}_walk.csv"
    x = np.genfromtxt(path, delimiter=",", skip_header=1)
    t_s, gyro, acc = x[:, 0], np.radians(x[:, 1:4]), x[:, 4:] * STANDARD_GRAVITY

    def part(span):
        inside = (t_s >= span[0]) & (t_s < span[1])
        return ImuRows(t_s[inside], acc[inside], gyro[inside])

    assert measured_rate_hz(t_s) == pytest.approx(398.4, abs=1.5)
    found = calibrate_segments(
        {"foot_left": part(stand)}, {"foot_left": part(steps)}, made_at=""
    )
    own = found.of("foot_left")
    assert own.axes_from == "functional"
    assert own.variance_pct > 80
    rows = orient(ImuRows(t_s, acc, gyro), own.rate_hz, own.gyro_bias_rps)
    r = segment_rotation(rows.quat, own.matrix)
    pitch, roll = leg_angle_deg(forward_lean_deg(r)), obliquity_deg(r)
    for span, at_most_deg in ((stand, 0.5), (last, 5.0)):  # the foot turned on the spot
        still = (t_s >= span[0]) & (t_s < span[1])
        assert abs(np.mean(pitch[still])) < at_most_deg
        assert abs(np.mean(roll[still])) < at_most_deg
    walking = (t_s >= steps[0]) & (t_s < steps[1])
    toes_down, toes_up = np.percentile(pitch[walking], (1, 99))
    assert -90 < toes_down < -60  # before toe-off
    assert 20 < toes_up < 40  # at heel strike
    assert rows.settled[t_s > 12.0].all()


def leg_axis(real_data, part, site):
    """Return what walking tells about the axes of a sensor on a leg, and its rates."""
    path = real_data / "imu_files_scikit_kinematics" / f"walking_xsens_{part}Leg.txt"
    x = np.genfromtxt(path, skip_header=5, usecols=range(1, 7))
    acc, gyro = x[:, :3], x[:, 3:]
    up = acc[:220].mean(axis=0)  # 1.8 s of standing, too short for a calibration
    stand = Stand(up / np.linalg.norm(up), gyro[:220].mean(axis=0), 120.0)
    t_s, walk = np.arange(len(x)) / 120.0, slice(480, 3500)
    problems: list[str] = []
    rows = ImuRows(t_s[walk], acc[walk], gyro[walk])
    return functional_axis(site, rows, stand, problems), problems, gyro[walk]


def test_a_shank_that_walks_swings_forward_fastest(real_data: Path) -> None:
    """The sign rule of metric reference 0.10: swing-forward is negative about left."""
    axis, problems, gyro = leg_axis(real_data, "lower", "shank_left")
    assert not problems
    assert axis.variance_pct > 90
    back, ahead = np.percentile(np.degrees(gyro @ axis.left), (1, 99))
    assert back == pytest.approx(-309, abs=10)
    assert ahead == pytest.approx(170, abs=10)


def test_a_thigh_that_does_not_walk_straight_is_refused(real_data: Path) -> None:
    axis, problems, _ = leg_axis(real_data, "upper", "thigh_left")
    assert axis is None
    assert "only 74 % of the movement is about one axis" in problems[0]
