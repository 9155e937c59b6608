"""What a source tells of itself: its last fault, its charge, and a try when asked."""

from __future__ import annotations

import queue
from typing import TYPE_CHECKING

import msgspec
import pytest

from drivers import source as source_module
from drivers.source import Source
from drivers.source_stream import battery_channel
from lablive.errors import DeviceError
from lablive.live.reports import SourceReport
from lablive.messages import ChannelInfo
from tests.drivers.test_source import INFO, SPEC, ScriptedDriver

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

GONE = DeviceError("unplugged", "The left sole was unplugged.", todo="Plug it in.")


class ChargedDriver(ScriptedDriver):
    """Send its charge as its only channel."""

    def open(self):
        charge = (ChannelInfo("left_sole.Battery", "%"),)
        return (msgspec.structs.replace(INFO, channels=charge),)


@pytest.fixture
def script() -> queue.Queue[object]:
    return queue.Queue()


@pytest.fixture
def make(
    tmp_path: Path, script: queue.Queue[object]
) -> Iterator[Callable[[type[ScriptedDriver]], Source]]:
    made: list[Source] = []

    def start(kind: type[ScriptedDriver]) -> Source:
        source = Source(SPEC, lambda _: kind(script), lambda: 1, tmp_path)
        made.append(source)
        source.start()
        assert source.wait_ready(5)
        return source

    yield start
    for source in made:
        source.stop()


def test_the_last_fault_is_told_also_when_it_is_over(make, script, until, monkeypatch):
    monkeypatch.setattr(source_module, "BACK_OFF_S", (0.01,))
    source = make(ScriptedDriver)
    assert (source.report().fault, source.report().fault_age_s) == ("", -1.0)
    script.put(GONE)
    script.put([1])
    until(lambda: source.report().status[0].rows == 1, "a row after the reconnect")
    told = source.report()
    assert (told.state, told.message) == ("streaming", "")
    assert told.fault == str(GONE)
    assert told.fault_age_s >= 0.0
    asked = msgspec.convert(msgspec.to_builtins(told, str_keys=True), SourceReport)
    assert asked.fault == told.fault


def test_asked_to_try_again_it_does_not_wait_for_its_turn(
    make, script, until, monkeypatch
):
    monkeypatch.setattr(source_module, "BACK_OFF_S", (3600.0,))
    source = make(ScriptedDriver)
    script.put(GONE)
    script.put([1])
    until(lambda: source.report().state == "recovering", "the pause")

    def back() -> bool:
        source.retry()  # the pause may not have begun yet
        return source.report().status[0].rows == 1

    until(back, "a row")


class PatientDriver(ScriptedDriver):
    """Come back by itself after a silence, as an LSL inlet does."""

    reopen_on_silence = False


def test_a_silent_device_is_opened_again_when_asked(make, script, until, monkeypatch):
    monkeypatch.setattr(source_module, "BACK_OFF_S", (0.01,))
    monkeypatch.setattr(source_module, "REOPEN_S", 0.05)
    source = make(PatientDriver)
    script.put([1])
    until(lambda: source.report().status[0].last_sample_age_s > 0.2, "a silence")
    assert source.report().status[0].reconnects == 0  # it waits by itself
    source.retry()
    until(lambda: source.report().status[0].reconnects == 1, "the next opening")
    assert "has sent nothing" in source.report().fault


def test_asked_again_while_it_sends_nothing_happens(make, script, until, monkeypatch):
    monkeypatch.setattr(source_module, "REOPEN_S", 0.3)
    source = make(PatientDriver)
    source.retry()
    script.put([1])
    until(lambda: not source._again.is_set(), "the wish to be forgotten")
    until(lambda: source.report().status[0].last_sample_age_s > 0.5, "a silence")
    assert source.report().status[0].reconnects == 0


def test_the_charge_is_what_the_device_said_last(make, script, until):
    source = make(ChargedDriver)
    assert source.report().status[0].battery_pct == -1.0
    script.put([87, 86])
    until(lambda: source.report().status[0].battery_pct == 86.0, "the charge")
    script.put([float("nan")])  # the device could not tell
    script.put([255])
    until(lambda: source.report().status[0].rows == 4, "more rows")
    assert source.report().status[0].battery_pct == 86.0


@pytest.mark.parametrize(
    ("label", "unit", "channel"),
    [("battery", "%", 1), ("battery", "V", -1), ("incline", "%", -1)],
)
def test_only_a_charge_in_percent_is_one(label, unit, channel):
    channels = (ChannelInfo("force", "N"), ChannelInfo(label, unit))
    info = msgspec.structs.replace(INFO, channels=channels)
    assert battery_channel(info) == channel
