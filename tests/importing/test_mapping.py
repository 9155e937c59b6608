"""Roles for the streams of other programs: proposed, corrected, saved."""

from __future__ import annotations

import numpy as np
import pytest

from lablive.errors import ConfigError
from lablive.importing.mapping import save_montage
from lablive.importing.proposing import propose
from lablive.messages import ChannelInfo, StreamInfo
from lablive.names import ROLES
from lablive.recording.replay import Trial
from lablive.signals.binding import bind
from lablive.signals.montage import load_montage


def stream(number, name, kind, labels, unit="", rate_hz=100.0):
    channels = tuple(ChannelInfo(label, unit) for label in labels)
    return StreamInfo(number, name, kind, rate_hz, channels, source_id=f"s{number}")


def roles(mapping):
    return {it.label: it.role for it in mapping.groups}


@pytest.mark.parametrize(
    ("labels", "role", "unit", "told"),
    [
        (("LeftFoot_AccX", "LeftFoot_AccY", "LeftFoot_AccZ"),
         "imu_foot_left.acc", "m/s²", "m/s^2"),
        (("sacrum gyro z", "sacrum gyro x", "sacrum gyro y"),
         "imu_pelvis.gyro", "dps", "deg/s"),
        (("R_Tibia_mag_x", "R_Tibia_mag_y", "R_Tibia_mag_z"),
         "imu_shank_right.mag", "µT", "uT"),
        (("Head_Quat_x", "Head_Quat_y", "Head_Quat_z", "Head_Quat_w"),
         "imu_head.quat", "", "1"),
        (("GMax_L",), "emg_gluteus_maximus_left", "microvolts", "microvolts"),
        (("Tib Ant right",), "emg_tibialis_anterior_right", "mV", "mV"),
        (("left total force",), "insole_left.force", "Newton", "N"),
        (("belt speed",), "treadmill.speed", "km/h", "km/h"),
    ],
)  # fmt: skip
def test_what_names_say_is_proposed(labels, role, unit, told):
    kind = "EMG" if role.startswith("emg_") else "Data"
    (group,) = propose([stream(3, "rec", kind, labels, unit)]).groups
    assert (group.role, group.unit, group.certainty) == (role, told, "likely")
    assert group.choices[0].rpartition(".")[2] == role.rpartition(".")[2]


def test_axes_are_put_in_order():
    (group,) = propose(
        [stream(1, "trunk", "ACC", ("acc_z", "acc_x", "acc_y"), "g")]
    ).groups
    assert group.indices == (1, 2, 0)
    mapping = propose([stream(1, "IMU head", "IMU", ["a"] * 6, "")])
    assert [it.role for it in mapping.groups] == ["imu_head.acc", "imu_head.gyro"]
    assert [it.indices for it in mapping.groups] == [(0, 1, 2), (3, 4, 5)]


def test_what_nobody_says_stays_open_and_is_completed_by_a_person(tmp_path):
    streams = (
        stream(1, "OpenBCI", "EEG", ("Ch1", "Ch2"), "microvolts", 250.0),
        stream(2, "Sensor 7", "Accelerometer", ("", "", "")),
        stream(3, "belt", "Misc", ("speed",), "m/s", 0.0),
    )
    mapping = propose(streams)
    assert [it.certainty for it in mapping.groups] == ["open", "open", "open", "likely"]
    assert mapping.groups[2].why == "where the sensor sits is not named"
    assert mapping.groups[2].choices[0].endswith(".acc")
    assert all(it in ROLES for group in mapping.groups for it in group.choices)
    done = (
        mapping.given(0, role="emg_gluteus_maximus_left")
        .given(1, role="")
        .given(2, role="imu_pelvis.acc")
    )
    assert done.problems() == ("Sensor 7: its unit is not known (m/s^2 is wanted).",)
    with pytest.raises(ConfigError, match="unit is not known"):
        done.montage()
    made = done.given(2, role="imu_pelvis.acc", unit="g").montage("Room 2")
    save_montage(made, tmp_path / "room.toml")
    again = load_montage(tmp_path / "room.toml")
    assert set(bind(again, streams).sources) == {
        "emg_gluteus_maximus_left", "imu_pelvis.acc", "treadmill.speed",
    }  # fmt: skip
    with pytest.raises(ConfigError, match="never overwritten"):
        save_montage(made, tmp_path / "room.toml")


@pytest.mark.parametrize(
    ("size", "unit"), [(9.7, "m/s^2"), (1.02, "g"), (995.0, "mg"), (40.0, "")]
)
def test_gravity_tells_the_unit_of_an_acceleration(size, unit):
    rng = np.random.default_rng(3)
    x = np.array([0.0, 0.0, size]) + 0.02 * size * rng.normal(size=(500, 3))
    info = stream(1, "pelvis", "ACC", ("acc x", "acc y", "acc z"))
    (group,) = propose([info], lambda number: (np.arange(500) / 100.0, x)).groups
    assert group.unit == unit
    assert ("gravity" in group.why) == bool(unit)


def test_one_role_is_never_given_twice():
    mapping = propose(
        [
            stream(
                1, "A", "ACC", ("pelvis acc x", "pelvis acc y", "pelvis acc z"), "g"
            ),
            stream(
                2, "B", "ACC", ("sacrum acc x", "sacrum acc y", "sacrum acc z"), "g"
            ),
        ]
    )
    assert {it.role for it in mapping.groups} == {""}
    assert "several groups" in mapping.groups[0].why
    both = mapping.given(0, role="imu_pelvis.acc").given(1, role="imu_pelvis.acc")
    assert both.problems() == ("imu_pelvis.acc is given twice.",)
    one = mapping.given(1, role="imu_pelvis.acc")
    assert one.montage().streams[0].match.name == "B"
    assert mapping.problems() == ("Nothing has a role.",)


def test_two_streams_of_one_name_are_told_apart():
    pair = [stream(n, "Muse", "ACC", ("x", "y", "z"), "g") for n in (1, 2)]
    done = propose(pair).given(0, role="imu_foot_left.acc")
    done = done.given(1, role="imu_foot_right.acc")
    sources = bind(done.montage(), pair).sources
    assert sources["imu_foot_left.acc"].stream == 1
    assert sources["imu_foot_right.acc"].stream == 2


def test_wrong_units_and_numbers_are_told():
    info = stream(1, "a", "ACC", ("acc x", "acc y", "acc z"), "g")
    mapping = propose([info])
    assert (
        "g cannot be imu_pelvis.gyro"
        in mapping.given(0, role="imu_pelvis.gyro").problems()[0]
    )
    assert (
        "has 1 channels, here are 3"
        in mapping.given(0, role="treadmill.speed").problems()[0]
    )
    assert "there is no role knee" in mapping.given(0, role="knee").problems()[0]


def test_own_trials_need_no_person():
    cells = tuple(f"insole_left.pressure.{n:02d}" for n in range(16))
    mapping = propose([stream(0, "left_sole", "Pressure", cells, "kPa")])
    assert [it.certainty for it in mapping.groups] == ["named"]
    assert mapping.montage().streams[0].channels[0].layout == "sim_16"


def test_a_public_recording_of_another_program(real_data):
    recording = real_data / "xdf_example_files" / "minimal.xdf"
    if not recording.is_file():
        pytest.skip(f"{recording.name} is not here")
    opened = Trial(recording)
    mapping = propose(opened.streams, lambda it: opened.window(it, -1e12, 1e12))
    opened.close()
    assert len(mapping.groups) >= sum(1 for _ in opened.streams)
    assert {it.certainty for it in mapping.groups} == {"open"}
    with pytest.raises(ConfigError, match="Nothing has a role"):
        mapping.montage()
