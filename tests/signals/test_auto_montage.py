"""A montage read off stream labels."""

import pytest

from drivers.sim.runner import Runner
from drivers.sim.settings import RunnerSettings
from lablive.errors import ConfigError
from lablive.messages import ChannelInfo, StreamInfo
from lablive.signals.auto_montage import auto_montage
from lablive.signals.binding import bind
from lablive.signals.montage import parse_montage, to_toml


def stream(name: str, *channels: tuple[str, str], number: int = 0) -> StreamInfo:
    infos = tuple(ChannelInfo(label, unit) for label, unit in channels)
    return StreamInfo(number, name, "any", 100.0, infos, source_id=f"{name}-{number}")


def test_the_simulated_room_needs_no_montage() -> None:
    streams = Runner(RunnerSettings()).streams
    montage = auto_montage(streams)
    found = bind(montage, streams)
    assert {
        "insole_left.pressure", "insole_right.pressure", "imu_pelvis.acc",
        "imu_foot_left.gyro", "emg_gluteus_maximus_left", "mic_belt.level",
        "treadmill.speed",
    } <= set(found.sources)  # fmt: skip
    brought = {source.stream for source in found.sources.values()}
    assert brought == {info.id for info in streams}
    assert parse_montage(to_toml(montage), "header") == montage


def test_channels_are_put_in_the_order_of_the_role() -> None:
    streams = [
        stream(
            "a",
            ("imu_head.acc.z", "g"), ("imu_head.acc.x", "g"), ("imu_head.acc.y", "g"),
            *((f"imu_head.quat.{axis}", "1") for axis in "xyzw"),
            *((f"mic_belt.level.{weight}", "Pa^2") for weight in "ZAC"),
        )
    ]  # fmt: skip
    found = bind(auto_montage(streams), streams)
    assert found.sources["imu_head.acc"].columns.tolist() == [1, 2, 0]
    assert found.sources["imu_head.quat"].columns.tolist() == [6, 3, 4, 5]
    assert found.sources["mic_belt.level"].columns.tolist() == [8, 9, 7]


def test_cells_go_by_number_and_zones_by_name() -> None:
    cells = [(f"insole_left.pressure.{cell}", "adc") for cell in (10, 2, 1, 3, 4, 5)]
    zones = [(f"insole_right.zones.{zone}", "N") for zone in ("lateral", "heel")]
    streams = [stream("a", *cells, *zones)]
    found = bind(auto_montage(streams), streams)
    left = found.sources["insole_left.pressure"]
    assert left.columns.tolist() == [2, 1, 3, 4, 5, 0]
    assert left.layout == "orphe_6"
    assert found.sources["insole_right.zones"].zones == ("lateral", "heel")


def test_a_pair_of_soles_is_known_by_name() -> None:
    cells = [(f"press {cell}", "adc") for cell in range(16)]
    streams = [
        stream("left_sole", ("seq", ""), *cells, number=1),
        stream("right_sole", *cells, number=2),
    ]
    found = bind(auto_montage(streams), streams)
    left = found.sources["insole_left.pressure"]
    assert (left.stream, left.unit, left.layout) == (1, "adc", "sim_16")
    assert left.columns.tolist() == list(range(1, 17))
    assert found.sources["insole_right.pressure"].stream == 2


def test_streams_of_one_name_are_told_apart() -> None:
    streams = [
        stream("imu", ("imu_head.acc.x", "g"), ("imu_head.acc.y", "g"),
               ("imu_head.acc.z", "g"), number=1),
        stream("imu", *((f"imu_pelvis.acc.{axis}", "g") for axis in "xyz"), number=2),
        stream("belt", ("treadmill.speed", "m/s"), number=3),
    ]  # fmt: skip
    montage = auto_montage(streams)
    assert [rule.match.source_id for rule in montage.streams] == ["imu-1", "imu-2", ""]
    found = bind(montage, streams)
    assert found.sources["imu_pelvis.acc"].stream == 2


def test_what_does_not_fit_its_role_feeds_nothing() -> None:
    streams = [
        stream("a", ("imu_head.acc.x", "g"), ("imu_head.acc.y", "g")),
        stream("b", ("treadmill.speed", "kPa"), ("heart", "1/min"), number=1),
        stream("left_sole", *((f"c{cell}", "adc") for cell in range(5)), number=2),
    ]
    assert auto_montage(streams).streams == ()


def test_two_streams_with_one_signal_are_told() -> None:
    streams = [stream(name, ("treadmill.speed", "m/s")) for name in ("one", "two")]
    with pytest.raises(ConfigError, match=r"treadmill\.speed: one, two"):
        auto_montage(streams)
