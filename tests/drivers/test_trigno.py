"""Delsys Trigno: dialogue, places, rates, fragments, faults."""

from __future__ import annotations

import struct
import threading
from typing import TYPE_CHECKING

import numpy as np
import pytest
from device_cases import count, opened, read, vectors, x_of

from drivers.profile_decoder import ProfileDecoder
from drivers.profile_driver import stream_infos
from drivers.sim.trigno_server import Setting, TrignoServer
from drivers.trigno import HeldRows, TrignoDriver, trigno_profile
from drivers.trigno_port import AUX, EMG, TrignoPort
from drivers.trigno_system import Sensor, System, index_base, read_system
from lablive.clock import now_s
from lablive.errors import ConfigError, DeviceError

if TYPE_CHECKING:
    from collections.abc import Callable

VECTORS = vectors("trigno")


def asker(answers: dict[str, str]) -> Callable[[str], str]:
    return lambda question: answers.get(question, "INVALID COMMAND")


def test_the_answers_of_a_published_dialogue() -> None:
    told = read_system(asker(VECTORS["trigno-dialogue"]["expect"]["replies"] | {
        f"SENSOR {n} PAIRED?": "NO" for n in range(2, 17)}), base="1")  # fmt: skip
    assert told.sensors == (Sensor(1, 2, 1, 3, ("V", "deg/s", "", "")),)
    assert told.emg_hz == 2000.0
    assert told.aux_hz == pytest.approx(148.148, abs=1e-3)


@pytest.mark.parametrize(
    ("compatible", "upsampling", "emg_hz"),
    [(True, True, 2000.0), (True, False, 1111.111), (False, False, 1925.926)],
)
def test_rates_are_derived(compatible: bool, upsampling: bool, emg_hz: float) -> None:
    setting = Setting(compatible=compatible, upsampling=upsampling)
    assert read_system(asker(setting.answers)).emg_hz == pytest.approx(emg_hz, abs=1e-3)


def test_another_rate_than_expected_is_refused() -> None:
    with pytest.raises(DeviceError, match="Trigno Control Utility"):
        read_system(asker(Setting().answers), expected_hz=1925.926)


@pytest.mark.parametrize(
    ("starts", "told", "base"),
    [({1: 0, 2: 1}, "auto", 0), ({3: 3, 4: 4}, "auto", 1), ({3: 5}, "0", 0),
     ({3: 5}, "1", 1)],
)  # fmt: skip
def test_how_places_are_counted(starts: dict[int, int], told: str, base: int) -> None:
    sensors = [Sensor(n, start, 1, 0, ("V",)) for n, start in starts.items()]
    found, question = index_base(sensors, told)
    assert found == base
    assert bool(question) == (told == "auto" and base == 1)


def test_scrambled_places_are_asked_about() -> None:
    sensors = [Sensor(1, 2, 1, 0, ("V",)), Sensor(2, 1, 1, 0, ("V",))]
    with pytest.raises(DeviceError, match="tap one sensor") as caught:
        index_base(sensors)
    assert caught.value.kind == "ambiguous"


@pytest.mark.parametrize(
    ("answers", "said"),
    [
        ({"UPSAMPLING?": "MAYBE"}, 'answers "MAYBE"'),
        ({"SENSOR 1 STARTINDEX?": "CANNOT COMPLETE"}, "CANNOT COMPLETE"),
        ({"SENSOR 1 PAIRED?": "NO", "SENSOR 2 PAIRED?": "NO"}, "No sensor"),
        ({"SENSOR 2 STARTINDEX?": "17", "SENSOR 1 STARTINDEX?": "0"}, "place 17"),
    ],
)
def test_answers_that_make_no_sense(answers: dict[str, str], said: str) -> None:
    with pytest.raises(DeviceError, match=said):
        read_system(asker(Setting(answers=answers).answers))


def test_a_published_row_in_big_endian() -> None:
    sensor = Sensor(1, 2, 1, 0, ("V",))
    profile = trigno_profile(System((sensor,), 2000.0, 148.0, True, 1, ""), {})
    decoder = ProfileDecoder(profile, stream_infos(profile))
    row = bytes.fromhex(VECTORS["trigno-big-endian"]["hex"])
    out = decoder.feed([struct.pack("<BH", EMG, 2) + row * 2], 1.0)
    assert x_of(out).tolist() == [[0.25], [0.25]]


def test_auxiliary_places() -> None:
    sensor = Sensor(1, 2, 0, 3, ("g",) * 3)
    profile = trigno_profile(System((sensor,), 2000.0, 148.0, False, 1, ""), {})
    decoder = ProfileDecoder(profile, stream_infos(profile))
    rows = np.zeros((2, 16, 9), "<f4")
    rows[:, 1, :3] = [[1, 2, 3], [4, 5, 6]]
    out = decoder.feed([struct.pack("<BH", AUX, 2) + rows.tobytes()], 1.0)
    assert x_of(out).tolist() == [[1, 2, 3], [4, 5, 6]]


@pytest.mark.parametrize("fragment", [1, 3, 7, 63, 64, 200, 0])
def test_rows_are_whole_however_they_are_cut(fragment: int) -> None:
    setting = Setting({1: 1, 5: 5}, fragment=fragment, compatible=False)
    rows = 60 if fragment == 1 else 400
    with TrignoServer(setting) as server:
        driver = TrignoDriver(muscles={5: "gluteus_maximus_left"}, ports=server.ports)
        with opened(driver):
            out = read(driver, rows)
            emg, aux = driver._infos
            (status, _) = driver.status()
    x = x_of(out)
    assert emg.labels == ("sensor_01_emg", "emg_gluteus_maximus_left")
    assert emg.rate_hz == pytest.approx(1925.926, abs=1e-3)
    assert aux.channels[0].unit == "deg/s"
    np.testing.assert_array_equal(x, [setting.emg(n)[[0, 4]] for n in range(len(x))])
    aux_x = x_of(out, 1)
    expected = [setting.aux(n)[[0, 1, 2, 36, 37, 38]] for n in range(len(aux_x))]
    np.testing.assert_array_equal(aux_x, expected)
    assert "Tap one sensor" in status.last_fault


def test_only_questions_are_asked() -> None:
    with TrignoServer() as server, opened(TrignoDriver(ports=server.ports)) as driver:
        read(driver, 10)
        told = list(server.commands)
    assert told[-1] == "START"
    assert all(command.endswith("?") for command in told[:-1])


def test_stop_is_sent_at_the_end() -> None:
    with TrignoServer() as server:
        driver = TrignoDriver(ports=server.ports)
        driver.open()
        driver.close()
        driver.close()
        end_s = now_s() + 5
        while "QUIT" not in server.commands and now_s() < end_s:
            pass
        assert server.commands[-2:] == ["STOP", "QUIT"]


def test_a_base_station_that_does_not_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("drivers.trigno_port._ANSWER_S", 0.1)
    monkeypatch.setattr("drivers.trigno_port._START_S", 0.1)
    with TrignoServer() as server:
        server._begin = lambda _: None
        with pytest.raises(DeviceError, match='no answer to "START"') as caught:
            TrignoDriver(ports=server.ports).open()
    assert caught.value.kind == "timeout"


def test_nobody_there() -> None:
    with TrignoServer() as server:
        ports = server.ports
    with pytest.raises(DeviceError, match="Trigno Control Utility"):
        TrignoDriver(ports=ports).open()


def test_a_broken_data_connection_and_the_way_back() -> None:
    with TrignoServer() as server:
        driver = TrignoDriver(ports=server.ports)
        first = driver.open()
        read(driver, 10)
        server.hang_up()
        with pytest.raises(DeviceError) as caught:
            read(driver, 10**6)
        assert caught.value.kind == "unplugged"
        driver.close()
        again = TrignoDriver(ports=server.ports)
        assert again.open() == first
        assert count(read(again, 10)) >= 10
        again.close()


def test_a_base_station_that_pauses_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is lost on TCP; silence alone tells, and the rows go on in order."""
    pause = threading.Event()
    with TrignoServer() as server, opened(TrignoDriver(ports=server.ports)) as driver:
        out = read(driver, 100)
        stream = server._stream
        monkeypatch.setattr(server, "_stream", lambda: None)
        pause.wait(0.3)
        monkeypatch.setattr(server, "_stream", stream)
        out += read(driver, 100)
    x = x_of(out)
    expected = [server.setting.emg(n)[[0, 1]] for n in range(len(x))]
    np.testing.assert_array_equal(x, expected)


def test_close_ends_an_opening_that_waits() -> None:
    port = TrignoPort("127.0.0.1", threading.Event())
    port._stop.set()
    with TrignoServer() as server:
        port = TrignoPort("127.0.0.1", port._stop, ports=server.ports)
        with pytest.raises(DeviceError):
            port.open()


@pytest.mark.parametrize("cut", [1, 5, 26, 100])
def test_held_values_are_seen_once_each(cut: int) -> None:
    rows = np.arange(1, 201, dtype=np.float32)[:, None] + np.zeros(16, np.float32)
    rows[50:80, 2] = rows[50, 2]  # 30 samples
    rows[100:120, 2] = rows[100, 2]  # 20: could be
    rows[150:, 2] = 0.0
    held = HeldRows(((3, 2), (4, 3)))
    for at in range(0, 200, cut):
        held.feed(rows[at : at + cut].tobytes())
    assert held._counts.tolist() == [2, 0]
    assert held.fault.startswith("Sensor 3 stood still 2 times")


@pytest.mark.parametrize(
    ("options", "said"),
    [({"index_base": 2}, "index_base"), ({"sensor_3": "leg"}, "not known"),
     ({"sensor_17": "soleus_left"}, "unknown option"), ({"port": "x"}, "no number")],
)  # fmt: skip
def test_wrong_options(options: dict[str, str | float | bool], said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        TrignoDriver.from_options(options)
