from __future__ import annotations

import pytest
from wire_profiles import IMU, parse

from drivers.profile_driver import adapted, stream_infos
from drivers.profile_fields import site_prefix
from drivers.profile_files import load_profile
from lablive.errors import ConfigError
from lablive.names import ROLES, role_accepts


@pytest.mark.parametrize(
    ("kind", "site", "prefix"),
    [
        ("insole", "left_foot", "insole_left"),
        ("insole", "foot_right", "insole_right"),
        ("insole", "insole_left", "insole_left"),
        ("imu", "pelvis", "imu_pelvis"),
        ("imu", "left_shank", "imu_shank_left"),
        ("imu", "foot_left", "imu_foot_left"),
        ("emg", "gluteus_maximus_left", "emg_gluteus_maximus_left"),
        ("treadmill", "", "treadmill"),
        ("imu", "", ""),
        ("insole", "pelvis", None),
        ("imu", "hip", None),
    ],
)
def test_sites(kind: str, site: str, prefix: str | None) -> None:
    assert site_prefix(kind, site) == prefix


def test_labels_are_words_of_the_vocabulary() -> None:
    left, right = stream_infos(load_profile("insole_a55a"))
    assert left.labels[0] == "insole_left.pressure.01"
    assert right.labels[15] == "insole_right.pressure.16"
    assert left.type == "Pressure"
    role = left.labels[0].rpartition(".")[0]
    assert role in ROLES
    assert role_accepts(role, left.channels[0].unit)
    (imu,) = stream_infos(parse(IMU))
    assert imu.labels == (
        "imu_pelvis.acc.x", "imu_pelvis.acc.y", "imu_pelvis.acc.z",
        "imu_pelvis.gyro.x", "imu_pelvis.gyro.y", "imu_pelvis.gyro.z",
    )  # fmt: skip
    assert imu.channels[3].kind == "AngularVelocityX"


def test_a_side_is_not_told_twice() -> None:
    left, _ = stream_infos(load_profile("moticon_51"))
    assert left.labels[0] == "insole_left.force"
    assert "insole_left.pressure.16" in left.labels


def test_one_muscle_is_its_own_label() -> None:
    profile = adapted(load_profile("myoware_csv"), {"site": "gluteus_maximus_left"})
    assert stream_infos(profile)[0].labels == ("emg_gluteus_maximus_left",)


def test_options_say_where_a_sensor_is_worn() -> None:
    options = {"site": "shank_left", "name": "left shank", "rate_hz": 100.0}
    profile = adapted(load_profile("witmotion_wt901"), options)
    (info,) = stream_infos(profile, "1A86:7523:7")
    assert info.name == "left shank"
    assert info.labels[0] == "imu_shank_left.acc.x"
    assert info.rate_hz == 100.0
    assert info.source_id == "WitMotion WT901|1A86:7523:7|left shank"


def test_a_name_keeps_two_streams_apart() -> None:
    infos = stream_infos(adapted(load_profile("insole_a55a"), {"name": "Anna"}))
    assert [info.name for info in infos] == ["Anna left_sole", "Anna right_sole"]


@pytest.mark.parametrize("options", [{"site": "hip"}, {"baud": "fast"}])
def test_a_wrong_option_is_told(options: dict[str, str]) -> None:
    with pytest.raises(ConfigError, match="Device source"):
        adapted(load_profile("witmotion_wt901"), options)
