"""Sensor-to-segment calibration: axes found again, and every reason to refuse one."""

from __future__ import annotations

import numpy as np
import pytest
from imu_cases import away_deg, orient, pose, rms, rows_of, simulated, truth, turn

from lablive.errors import CalibrationError, RecordingError
from lablive.messages import to_json
from lablive.names import IMU_SITES
from lablive.signals.angles import (
    forward_lean_deg,
    leg_angle_deg,
    obliquity_deg,
    segment_rotation,
)
from lablive.signals.segment_axes import ImuRows
from lablive.signals.segment_calibration import (
    MAX_SLIP_DEG,
    PelvicRange,
    calibrate_segments,
    check_standing,
    parse_segment_calibration,
    with_pelvic_range,
)

TWISTED = (turn("z", 20.0) @ turn("x", 35.0) @ turn("y", -70.0))[0]  # any mounting
MADE = {"made_at": "2025-03-01T10:00:00+01:00", "person": "P7", "mounting": "belt"}
RATE_HZ = 200.0
STAND_S = np.arange(0, 10, 1 / RATE_HZ)
MOVE_S = np.arange(0, 16, 1 / RATE_HZ)


def stand(lean=0.0, obliquity=0.0, **case):
    """Return rows of a segment that stands still."""
    return rows_of(
        lambda t: pose(0 * t + lean, 0 * t + obliquity, 0 * t), STAND_S, **case
    )


def wave(t_s, size_deg):
    """Return three excursions from 0 to ``size_deg`` and back, seconds 2 to 14."""
    inside = (t_s > 2) & (t_s < 14)
    return np.where(inside, size_deg / 2 * (1 - np.cos(2 * np.pi * (t_s - 2) / 4)), 0.0)


def bows(size_deg=50.0, **case):
    """Return bows that go a little aside."""
    motion = lambda t: pose(wave(t, size_deg), 2 * np.sin(t), 0 * t)  # noqa: E731
    return rows_of(motion, MOVE_S, **case)


def marching(size_deg=-60.0, **case):
    return rows_of(lambda t: pose(wave(t, size_deg), 0 * t, 0 * t), MOVE_S, **case)


def refusal(stands, movements=None, **given):
    with pytest.raises(CalibrationError) as found:
        calibrate_segments(stands, movements or {}, **MADE, **given)
    return str(found.value)


def angle_between_deg(matrix, other):
    return np.degrees(np.arccos((np.trace(matrix @ other.T) - 1) / 2))


@pytest.mark.parametrize(
    ("site", "movement"),
    [
        ("pelvis", bows()),
        ("head", bows(70.0)),
        ("thigh_left", marching()),
        ("shank_right", marching(40.0)),
        ("foot_left", marching(50.0)),
    ],
)
def test_functional_axes_of_any_mounting(site, movement):
    turned = ImuRows(movement.t_s, movement.acc @ TWISTED, movement.gyro @ TWISTED)
    found = calibrate_segments({site: stand(mounting=TWISTED)}, {site: turned}, **MADE)
    own = found.of(site)
    assert own.axes_from == "functional"
    assert own.has_angles
    assert angle_between_deg(own.matrix, TWISTED) < 1.0
    assert own.variance_pct > 95
    assert own.rate_hz == pytest.approx(RATE_HZ)
    assert np.degrees(own.gyro_bias_rps) == pytest.approx([0.3, -0.2, 0.1], abs=0.02)
    assert found.notes == ()


@pytest.mark.parametrize("site", ["thigh_left", "shank_left", "foot_right"])
def test_running_shows_the_axes_of_a_leg(site):
    still = simulated(site, 0.0, 9.9, mounting=TWISTED)
    run = simulated(site, 20.0, 30.0, mounting=TWISTED)
    own = calibrate_segments({site: still}, {site: run}, **MADE).of(site)
    assert own.axes_from == "functional"
    assert angle_between_deg(own.matrix @ TWISTED.T, np.eye(3)) < 9.0  # 8 deg toe-out
    assert away_deg(own.matrix[1] @ TWISTED.T @ [0, 1, 0], 1.0) == pytest.approx(
        0, abs=0.05
    )


def read_back(site, own, mounting):
    """Return lean and obliquity errors against standing, degrees RMS."""
    rows = simulated(site, 0.0, 40.0, mounting=mounting)
    found = orient(rows, 200.0, own.gyro_bias_rps)
    r = segment_rotation(found.quat, own.matrix)
    lean, obliquity, _ = truth(site, rows.t_s)
    late = rows.t_s > 20.0
    wrong = away_deg(forward_lean_deg(r), lean - lean[0])[late]
    return rms(wrong), rms((obliquity_deg(r) - obliquity)[late])


@pytest.mark.parametrize("site", ["pelvis", "trunk"])
def test_ref1_reads_back_after_bows(site):
    """Section 9b: tilt and obliquity within 0.5 deg, relative to standing."""
    begin = 10.0 if site == "pelvis" else 0.0  # the simulated pelvis stands tilted
    still = simulated(site, 0.0, 9.9, mounting=TWISTED)
    bowed = rows_of(
        lambda t: pose(begin + wave(t, 50.0), 0 * t, 0 * t), MOVE_S, mounting=TWISTED
    )
    own = calibrate_segments({site: still}, {site: bowed}, **MADE).of(site)
    assert max(read_back(site, own, TWISTED)) < 0.3


@pytest.mark.parametrize("site", ["pelvis", "trunk", "thigh_left", "thigh_right"])
def test_ref1_reads_back_with_the_axes_of_the_montage(site):
    still = simulated(site, 0.0, 9.9)
    found = calibrate_segments({site: still}, {}, aligned=[site], **MADE)
    assert found.of(site).axes_from == "montage"
    assert "no functional calibration" in found.notes[0]
    assert max(read_back(site, found.of(site), None)) < 0.3


def test_ref1_thigh_at_contact_and_toe_off():
    found = calibrate_segments(
        {"thigh_left": simulated("thigh_left", 0.0, 9.9)},
        {"thigh_left": simulated("thigh_left", 14.0, 24.0)},
        **MADE,
    )
    own = found.of("thigh_left")
    rows = simulated("thigh_left", 0.0, 30.0)
    r = segment_rotation(orient(rows, 200.0, own.gyro_bias_rps).quat, own.matrix)
    thigh = leg_angle_deg(forward_lean_deg(r))
    ic_s = 10.0 + 0.74 * 22
    at = np.interp([ic_s, ic_s + 0.25], rows.t_s, thigh)
    assert at == pytest.approx([25.0, -22.6], abs=0.5)
    late = rows.t_s > 25.0
    assert thigh[late].max() == pytest.approx(35.0, abs=0.5)
    assert thigh[late].min() == pytest.approx(-23.0, abs=0.5)


def test_moving_in_the_stand_is_told_with_its_size():
    moving = stand()
    sway = 4.4 * np.sin(2 * np.pi * 0.5 * STAND_S)
    moved = ImuRows(
        moving.t_s, moving.acc, moving.gyro + np.radians(sway)[:, None] * [0, 1, 0]
    )
    told = refusal({"thigh_left": moved, "pelvis": stand()})
    assert "left thigh moved during the stand: gyro SD 3.1 deg/s" in told
    assert "repeat" in told
    assert "pelvis" not in told


def spoilt(rows, acc=None, gyro=None):
    return ImuRows(
        rows.t_s,
        rows.acc if acc is None else acc,
        rows.gyro if gyro is None else gyro,
    )


def test_every_sensor_that_cannot_be_used_is_told_at_once():
    still = stand()
    shaken = still.acc * (1 + 0.03 * np.sin(40 * STAND_S))[:, None]
    lost = still.acc.copy()
    lost[200:600] = np.nan
    told = refusal(
        {
            "pelvis": spoilt(still, acc=still.acc / 9.80665),
            "trunk": spoilt(still, gyro=still.gyro + 1.0),
            "head": spoilt(still, acc=shaken),
            "shank_left": spoilt(still, acc=lost),
            "foot_left": ImuRows(STAND_S[:400], still.acc[:400], still.gyro[:400]),
            "foot_right": spoilt(still, acc=np.full_like(still.acc, np.nan)),
            "thigh_right": ImuRows(still.t_s * 40, still.acc, still.gyro),
        }
    )
    for line in (
        "pelvis accelerometer shows 1.00 m/s^2 standing, gravity is 9.81",
        "trunk gyroscope shows 58 deg/s standing",
        "head was shaken during the stand: acceleration SD 0.2",
        "left shank: too many rows are missing",
        "left foot: 2.0 s are too short, 5 s are needed",
        "right foot: the sensor sent nothing",
        "right thigh sensor sends 5 rows per second",
    ):
        assert line in told
    assert "No stand was recorded" in refusal({})


@pytest.mark.parametrize(
    ("mounting", "told"),
    [
        (turn("x", 180.0)[0], "trunk sensor is upside down"),
        (turn("y", 90.0)[0], "trunk sensor lies on its side: up is its -x"),
        (turn("x", 90.0)[0], "trunk sensor lies on its side: up is its y"),
    ],
)
def test_a_sensor_that_contradicts_its_montage_is_named(mounting, told):
    worn = {"trunk": stand(mounting=mounting)}
    assert told in refusal(worn, aligned=["trunk"])
    assert calibrate_segments(worn, {}, **MADE).of("trunk").axes_from == "vertical"


def test_a_sensor_that_faces_backwards_is_named():
    back = turn("z", 180.0)[0]
    case = {"trunk": stand(mounting=back)}, {"trunk": bows(mounting=back)}
    assert "trunk sensor faces backwards" in refusal(*case, aligned=["trunk"])
    assert calibrate_segments(*case, **MADE).of("trunk").has_angles


@pytest.mark.parametrize(
    ("site", "movement", "told"),
    [
        ("trunk", stand(), "Bows, trunk: hardly moved"),
        (
            "trunk",
            rows_of(lambda t: pose(wave(t, 30), wave(t + 1, 30), 0 * t), MOVE_S),
            "about one axis, 80 % are needed",
        ),
        (
            "trunk",
            rows_of(lambda t: pose(0 * t, 0 * t, wave(t, 60)), MOVE_S),
            "it turned about the vertical",
        ),
        (
            "thigh_left",
            rows_of(lambda t: pose(20 * np.sin(2 * t), 0 * t, 0 * t), MOVE_S),
            "forward cannot be told from backward. March",
        ),
        (
            "shank_left",
            ImuRows(MOVE_S[:300], marching().acc[:300], marching().gyro[:300]),
            "1.5 s are too short",
        ),
    ],
)  # fmt: skip
def test_a_movement_that_shows_no_axis_is_refused(site, movement, told):
    assert told in refusal({site: stand()}, {site: movement})


def test_an_accelerometer_alone_gives_no_angles_and_says_so():
    blind = ImuRows(STAND_S, stand().acc, None)
    found = calibrate_segments({"head": blind, "forearm_left": stand()}, {}, **MADE)
    assert found.of("head") is None
    assert found.notes == ("Head: accelerometer only: contacts, but no angles.",)
    arm = found.of("forearm_left")  # arm swing needs no axes
    assert not arm.has_angles
    assert arm.matrix @ [0, 0, 9.8] == pytest.approx([0, 0, 9.8], abs=0.02)


def test_without_axes_and_movement_only_up_is_known():
    worn = {"pelvis": stand(mounting=TWISTED)}
    found = calibrate_segments(worn, {}, **MADE)
    assert found.notes == (
        "Pelvis: no functional calibration and no axes in the montage: no angles.",
    )
    assert found.of("pelvis").matrix[2] == pytest.approx(TWISTED[2], abs=2e-3)


def test_a_slow_sensor_is_told():
    still = rows_of(lambda t: pose(0 * t, 0 * t, 0 * t), np.arange(0, 10, 1 / 50))
    found = calibrate_segments({"shank_left": still}, {}, aligned=IMU_SITES, **MADE)
    assert found.notes[-1].startswith("The left shank IMU sends 50 rows per second")


def test_travels_as_json_and_back():
    found = calibrate_segments({"trunk": stand()}, {"trunk": bows()}, **MADE)
    found = with_pelvic_range(
        calibrate_segments({"pelvis": stand()}, {"pelvis": bows()}, **MADE),
        stand(lean=14.0), stand(lean=-6.0),
    )  # fmt: skip
    assert parse_segment_calibration(to_json(found)) == found
    assert (found.made_at, found.person, found.mounting) == tuple(MADE.values())
    with pytest.raises(RecordingError, match="raw rows are not affected"):
        parse_segment_calibration('{"sites": 3}')


def test_pelvic_neutral_zone_is_the_middle_half():
    assert PelvicRange(14.0, -6.0).neutral_deg == (-1.0, 9.0)
    found = calibrate_segments(
        {"pelvis": stand(mounting=TWISTED)}, {"pelvis": bows(mounting=TWISTED)}, **MADE
    )
    shown = with_pelvic_range(
        found, stand(14.0, mounting=TWISTED), stand(-6.0, mounting=TWISTED)
    )
    assert shown.pelvic_range.neutral_deg == pytest.approx((-1.0, 9.0), abs=0.3)
    assert found.pelvic_range is None
    with pytest.raises(CalibrationError, match="Arch the low back and hold"):
        with_pelvic_range(found, stand(mounting=TWISTED), stand(mounting=TWISTED))
    silent = spoilt(stand(), acc=np.full((len(STAND_S), 3), np.nan))
    with pytest.raises(CalibrationError, match="nan deg forward"):
        with_pelvic_range(found, silent, stand())
    blind = calibrate_segments({"pelvis": stand()}, {}, **MADE)
    with pytest.raises(CalibrationError, match="not calibrated: bow first"):
        with_pelvic_range(blind, stand(14.0), stand(-6.0))


def test_a_slipped_sensor_is_found_by_standing_again():
    found = calibrate_segments(
        {"pelvis": stand(), "trunk": stand()}, {}, aligned=["pelvis", "trunk"], **MADE
    )
    again = {"pelvis": stand(lean=2.0, seed=4), "trunk": stand(3.5, -2.0, seed=5)}
    pelvis, trunk = check_standing(found, again)
    assert not pelvis.slipped
    assert pelvis.note == ""
    assert pelvis.lean_deg == pytest.approx(2.0, abs=0.1)
    assert trunk.slipped
    assert (trunk.lean_deg, trunk.obliquity_deg) == pytest.approx((3.5, -2.0), abs=0.1)
    assert "trunk sensor slipped" in trunk.note
    assert check_standing(found, {"head": stand()}) == ()
    assert MAX_SLIP_DEG == 3.0
    with pytest.raises(CalibrationError, match="pelvis moved during the stand"):
        check_standing(found, {"pelvis": bows()})
