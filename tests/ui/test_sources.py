"""What a person types as a source."""

from __future__ import annotations

import pytest

from lablive.errors import ConfigError
from ui.sources import parse_source


@pytest.mark.parametrize(
    ("text", "driver", "options"),
    [
        ("lsl:OpenSignals", "lsl", {"name": "OpenSignals"}),
        ("lsl:source_id=A1", "lsl", {"source_id": "A1"}),
        ("lsl:name=OpenSignals,counter=nSeq", "lsl",
         {"name": "OpenSignals", "counter": "nSeq"}),
        ("profile:imu@1A86:7523:9", "profile",
         {"profile": "imu", "port": "1A86:7523:9"}),
        ("xbus:port=COM3,site=pelvis", "xbus", {"port": "COM3", "site": "pelvis"}),
        ("bitalino:port=COM4,channels=1,3,raw=true", "bitalino",
         {"port": "COM4", "channels": "1,3", "raw": "true"}),
        ("microphone:Yeti", "microphone", {"device": "Yeti"}),
        ("manual_speed:", "manual_speed", {}),
    ],
)  # fmt: skip
def test_sources(text, driver, options):
    spec = parse_source(text)
    assert (spec.id, spec.driver, spec.options) == (text, driver, options)


@pytest.mark.parametrize(
    "text", ["", "xbus", "profile:imu", "lsl:", "xbus:COM3", ":a=1"]
)
def test_what_is_no_source(text):
    with pytest.raises(ConfigError, match="cannot be understood"):
        parse_source(text)
