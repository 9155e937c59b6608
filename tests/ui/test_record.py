"""What `lablive record` says."""

from __future__ import annotations

from ui.record import said_once

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
