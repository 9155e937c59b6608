"""What `lablive record` says."""

from __future__ import annotations

from types import SimpleNamespace

from ui.record import Faults, said_once

SEEN = '; streams seen: "EMG" (EMG), "IMU" (IMU). Other devices go on. Start its app.'


def test_what_several_sources_share_is_said_once():
    told = said_once({
        "lsl:A": f'No LSL stream with name "A"{SEEN}',
        "lsl:B": f'No LSL stream with name "B"{SEEN}',
    })  # fmt: skip
    assert told == (
        'lsl:A: No LSL stream with name "A"; lsl:B: No LSL stream with name "B"' + SEEN
    )


def test_one_source_and_different_reasons_stay_as_they_are():
    assert said_once({"lsl:A": f"No A{SEEN}"}) == f"lsl:A: No A{SEEN}"
    told = said_once({"lsl:A": "No A. Start it.", "serial": "no answer"})
    assert told == "lsl:A: No A. Start it.; serial: no answer"
    same = said_once({"a": "no answer", "b": "no answer"})
    assert same == "a: no answer; b: no answer"


def _report(message="", fault=""):
    source = SimpleNamespace(
        spec=SimpleNamespace(id="imu"),
        message=message,
        status=[SimpleNamespace(last_fault=""), SimpleNamespace(last_fault=fault)],
    )
    return SimpleNamespace(sources=[source])


def test_what_is_wrong_with_a_device_is_told_once_with_its_remedy():
    faults = Faults()
    assert faults.news(None) == faults.news(_report()) == []
    comma = "12 lines refused: decimal comma; let the device write 1.5."
    assert faults.news(_report(fault=comma)) == [f"imu: {comma}"]
    assert faults.news(_report(fault=comma.replace("12", "344"))) == []
    assert faults.news(_report(message="It is gone.")) == ["imu: It is gone."]
