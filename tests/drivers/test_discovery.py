from __future__ import annotations

import threading
import types
from typing import TYPE_CHECKING

import pytest

from drivers import discovery, ftms, serial_port
from drivers.audio_search import SoundInput
from drivers.ble_library import BleDevice
from drivers.dialogues import serial_dialogues
from drivers.discovery import Found, Search, discover, look_at_radio
from drivers.lsl_streams import LslFound
from drivers.profile_files import profile_names
from lablive.errors import DeviceError
from lablive.messages import to_json

if TYPE_CHECKING:
    from collections.abc import Callable


@pytest.fixture(autouse=True)
def no_sound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(discovery, "sound_inputs", tuple)


def test_ports_come_with_the_profiles_that_may_fit(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    bridge = types.SimpleNamespace(
        device="/dev/ttyUSB0", vid=0x1A86, pid=0x7523, serial_number=None,
        description="USB Serial",
    )  # fmt: skip
    plain = types.SimpleNamespace(
        device="/dev/ttyS0", vid=None, pid=None, serial_number=None, description="n/a"
    )
    monkeypatch.setattr(serial_port.list_ports, "comports", lambda: [bridge, plain])
    stream = LslFound("Marks", "Markers", 1, 0.0, "m1", "room", usable=False)
    monkeypatch.setattr(discovery, "lsl_streams", lambda _look_s: [stream])
    found = discover()
    assert found.serial[0].identity == "1A86:7523"
    assert set(found.serial[0].profiles) >= {"witmotion_wt901", "bno055_csv"}
    assert found.serial[1].profiles == ()
    assert found.lsl == (stream,)
    assert found.profiles == (*profile_names(), *serial_dialogues())
    assert found.problems == ()
    assert "ttyUSB0" in to_json(found)


def test_what_cannot_be_looked_for_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(_look_s: float) -> list[LslFound]:
        raise DeviceError("library", "The LSL library cannot be loaded.")

    monkeypatch.setattr(discovery, "lsl_streams", missing)
    found = discover()
    assert found.lsl == ()
    assert found.problems == ("The LSL library cannot be loaded.",)


def test_a_search_answers_at_once_and_looks_in_the_background(
    monkeypatch: pytest.MonkeyPatch, until: Callable[..., None]
) -> None:
    go, looks = threading.Event(), []

    def slow(**_: object) -> Found:
        looks.append(go.wait(10))
        return Found(problems=("seen",))

    monkeypatch.setattr(discovery, "discover", slow)
    search = Search()
    assert not search.newest().looked
    assert search.newest().problems == ()  # one look at a time, and nobody waits
    go.set()
    until(lambda: search.newest().problems == ("seen",), "the look")
    assert looks


def test_the_program_tells_people_and_programs_the_same(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    stream = LslFound("Insoles", "Force", 2, 200.0, "i1", "room", usable=True)
    monkeypatch.setattr(discovery, "lsl_streams", lambda _look_s: [stream])
    monkeypatch.setattr(serial_port.list_ports, "comports", list)
    assert discovery.main([]) == 0
    assert "Insoles  (Force, 2 channels, 200 Hz, on room)" in capsys.readouterr().out
    assert discovery.main(["--json"]) == 0
    assert '"name":"Insoles"' in capsys.readouterr().out


def test_microphones_are_listed_and_why_there_are_none(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(discovery, "lsl_streams", lambda _look_s: [])
    monkeypatch.setattr(serial_port.list_ports, "comports", list)
    yeti = SoundInput("Yeti", 48000.0, 2, is_default=True)
    monkeypatch.setattr(discovery, "sound_inputs", lambda: (yeti,))
    assert discover().microphones == (yeti,)
    assert discovery.main([]) == 0
    assert "Yeti, the system's default" in capsys.readouterr().out

    def missing() -> tuple[SoundInput, ...]:
        raise DeviceError("library", "The sound library cannot be loaded.")

    monkeypatch.setattr(discovery, "sound_inputs", missing)
    assert discovery.main([]) == 0  # a lab can do without
    assert "The sound library cannot be loaded." in capsys.readouterr().out


def test_bluetooth_is_searched_when_asked_and_says_what_fits(
    monkeypatch: pytest.MonkeyPatch, until: Callable[..., None]
) -> None:
    sole = BleDevice("C0:01", "ORPHE CORE", (), -50)
    belt = BleDevice("T1", "Belt", (ftms.SERVICE,), -60)
    nameless = BleDevice("X", "", (), -70)
    scans: list[float] = []

    def scan(look_s: float) -> tuple[BleDevice, ...]:
        scans.append(look_s)
        return (sole, belt, nameless)

    monkeypatch.setattr(discovery, "scan", scan)
    monkeypatch.setattr(discovery, "lsl_streams", lambda _look_s: [])
    monkeypatch.setattr(serial_port.list_ports, "comports", list)
    search = Search()
    until(lambda: search.newest().looked, "the first look")
    assert scans == []
    assert search.newest(bluetooth=True).bluetooth_looking
    until(lambda: search.newest().bluetooth, "the Bluetooth search")
    found = {it.name: it.profiles for it in search.newest().bluetooth}
    assert found == {"ORPHE CORE": ("orphe_56",), "Belt": ("ftms",)}
    assert len(scans) == 1
    assert {"orphe_56", "ftms"} <= set(search.newest().bluetooth_profiles)


def test_bluetooth_that_is_off_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def scan(_look_s: float) -> tuple[BleDevice, ...]:
        raise DeviceError("missing", "Bluetooth is switched off.")

    monkeypatch.setattr(discovery, "scan", scan)
    assert look_at_radio().problem == "Bluetooth is switched off."
