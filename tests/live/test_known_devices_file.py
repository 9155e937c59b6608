"""Devices that were connected before: told apart, kept whole, forgotten when asked."""

from __future__ import annotations

import msgspec
import pytest

from lablive.errors import ConfigError
from lablive.live.known_devices import (
    FILE_NAME,
    MOST,
    forget,
    is_typed,
    key_of,
    known_devices,
    remember,
)
from lablive.messages import SourceSpec

IMU = SourceSpec(
    "pelvis", "profile", {"port": "2639:0300:DB42", "profile": "xbus", "site": "pelvis"}
)


@pytest.mark.parametrize(
    ("driver", "options", "key"),
    [
        ("profile", {"port": "1A86:7523:AB:CD:EF"}, "port 1A86:7523:AB:CD:EF"),
        ("profile", {"port": "C0:11:22:33:44:55"}, "port C0:11:22:33:44:55"),
        ("lsl", {"source_id": "emg-1"}, "lsl emg-1"),
        ("microphone", {"device": "Yeti"}, "microphone Yeti"),
        ("trigno", {"host": "10.0.0.5"}, "trigno  10.0.0.5 "),
        (
            "profile",
            {"profile": "moticon_51", "port": "8888"},
            "profile moticon_51  8888",
        ),
        # nothing tells these from others of their kind
        ("profile", {"port": "/dev/ttyUSB0"}, ""),
        ("profile", {"port": "COM3"}, ""),
        ("profile", {"port": "1A86:7523"}, ""),
        ("lsl", {"name": "EMG"}, ""),
        ("lsl", {"source_id": "lablive-sim-7a0bcdc7-42"}, ""),
        ("manual_speed", {}, ""),
    ],
)
def test_a_device_is_known_by_what_does_not_change(driver, options, key):
    assert key_of(SourceSpec("x", driver, options)) == key


def test_what_was_typed_in_is_found_by_no_search():
    assert is_typed(SourceSpec("x", "trigno", {"host": "10.0.0.5"}))
    assert is_typed(SourceSpec("x", "profile", {"port": "8888"}))
    assert not is_typed(IMU)


def test_a_device_is_kept_as_it_was_opened_last_the_newest_first(tmp_path):
    other = SourceSpec("EMG", "lsl", {"source_id": "emg-1"})
    remember(tmp_path, [IMU, SourceSpec("by name", "lsl", {"name": "EMG"})])
    remember(tmp_path, [other])
    moved = msgspec.structs.replace(IMU, options={**IMU.options, "site": "trunk"})
    remember(tmp_path, [moved])
    assert [device.spec for device in known_devices(tmp_path)] == [moved, other]
    forget(tmp_path, key_of(IMU))
    assert [device.spec for device in known_devices(tmp_path)] == [other]


def test_raw_sound_is_asked_for_anew_each_time(tmp_path):
    options = {"device": "Yeti", "record_raw_audio": True}
    (kept,) = remember(tmp_path, [SourceSpec("Microphone", "microphone", options)])
    assert kept.spec.options == {"device": "Yeti"}


def test_only_so_many_are_kept(tmp_path):
    for number in range(0, MOST + 20, 20):
        remember(
            tmp_path,
            [
                SourceSpec("s", "lsl", {"source_id": f"id {number + it}"})
                for it in range(20)
            ],
        )
    known = known_devices(tmp_path)
    assert len(known) == MOST
    assert known[0].key == f"lsl id {MOST}"


@pytest.mark.parametrize("content", ["", "{", '[{"key": 3}]', '{"a": 1}'])
def test_a_damaged_file_is_told_and_left_as_it_is(tmp_path, content):
    path = tmp_path / FILE_NAME
    path.write_text(content)
    with pytest.raises(ConfigError, match=r"devices\.json cannot be read") as told:
        remember(tmp_path, [IMU])
    assert "Move that file away" in str(told.value)
    assert path.read_text() == content


def test_a_folder_that_cannot_be_written_is_told(tmp_path):
    folder = tmp_path / "library"
    folder.write_text("a file where the folder should be")
    with pytest.raises(ConfigError, match="cannot be written"):
        remember(folder, [IMU])
