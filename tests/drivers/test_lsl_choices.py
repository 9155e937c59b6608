"""Several LSL streams fit: which one is meant is asked once."""

from __future__ import annotations

import os
import sys
import threading
import uuid
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from drivers import lsl_streams
from drivers.lsl_groups import stay_in_groups
from drivers.lsl_inlet import LslInlet
from drivers.lsl_library import load_lsl
from drivers.lsl_outlet import LslOutlet, own_id
from drivers.lsl_sharing import LslSharing
from drivers.lsl_streams import find_stream
from drivers.source import Source
from lablive.errors import ConfigError, DeviceError
from lablive.live.lsl_choices import LslIdentity, remember, remembered
from lablive.live.sharing import SharedChannel
from lablive.messages import SourceSpec

if TYPE_CHECKING:
    from collections.abc import Callable

pytest.importorskip("pylsl")

CHANNELS = (SharedChannel("force", "N"),)


@pytest.fixture(autouse=True)
def library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("LABLIVE_HOME", str(tmp_path / "library"))
    return tmp_path / "library"


@pytest.fixture
def name() -> str:
    return f"Insoles-{uuid.uuid4().hex[:8]}"


def outlet(name: str, source_id: str) -> LslOutlet:
    return LslOutlet(name, "Force", CHANNELS, rate_hz=100.0, source_id=source_id)


def found(name: str) -> str:
    lsl = load_lsl()
    return find_stream(lsl, {"name": name}, threading.Event()).stream.source_id()


def test_the_one_chosen_before_is_taken(name: str, library: Path) -> None:
    both = [outlet(name, f"{name}-{side}") for side in ("left", "right")]
    with pytest.raises(DeviceError, match="Choose the one you mean") as caught:
        found(name)
    assert caught.value.kind == "ambiguous"
    choices = caught.value.choices
    assert [it.source_id for it in choices] == [f"{name}-left", f"{name}-right"]
    remember(library, {"name": name}, choices[1])
    assert found(name) == f"{name}-right"
    remember(library, {"name": name}, choices[0])  # another answer
    assert found(name) == f"{name}-left"
    assert len(both) == 2


def test_another_one_is_never_taken_in_its_place(
    name: str, library: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lsl_streams, "_LOOKS", 1)
    right = outlet(name, f"{name}-right")
    assert found(name) == right.name + "-right"
    chosen = LslIdentity(name, "Force", f"{name}-left", "gait-lab")
    remember(library, {"name": name}, chosen)
    with pytest.raises(DeviceError, match="is not there") as caught:
        found(name)
    assert f"{name}-left" in caught.value.what
    assert [it.source_id for it in caught.value.choices] == [f"{name}-right"]


def test_what_lablive_publishes_is_not_taken_for_a_device(name: str) -> None:
    own = outlet(name, own_id(name))
    assert found(name) == own_id(name)  # asked for by name, as a recorder would
    device = outlet(name, f"{name}-box")
    assert found(name) == f"{name}-box"
    assert own.name == device.name
    listed = [it.source_id for it in lsl_streams.lsl_streams() if it.name == name]
    assert listed == [f"{name}-box"]  # nor offered as one


def test_streams_that_nothing_tells_apart_cannot_be_chosen(name: str) -> None:
    twins = [outlet(name, name) for _ in range(2)]
    with pytest.raises(DeviceError, match="Nothing tells them apart") as caught:
        found(name)
    assert caught.value.choices == ()
    assert len(twins) == 2


def test_the_answer_opens_the_source(
    name: str, tmp_path: Path, until: Callable[..., None]
) -> None:
    both = [outlet(name, f"{name}-{side}") for side in ("left", "right")]
    spec = SourceSpec("insoles", "lsl", {"name": name, "type": ""})
    source = Source(
        spec, lambda it: LslInlet.from_options(it.options), lambda: 1, tmp_path
    )
    sharing = LslSharing(lambda: {"insoles": source})
    source.start()
    try:
        until(lambda: source.report().choices, "the question")
        assert source.report().state == "failed"
        chosen = source.report().choices[1]
        told = {"name": name, "type": "Force", "hostname": chosen.hostname}
        sharing.choose("insoles", told | {"source_id": chosen.source_id})
        until(lambda: source.report().state == "streaming", "the stream")
        assert source.infos[0].source_id == f"{name}-right"
        assert source.report().choices == ()
        with pytest.raises(DeviceError, match="no source named"):
            sharing.choose("another", told)
    finally:
        source.stop()
    assert len(both) == 2


def test_answers_that_cannot_be_read_or_kept_are_told(
    name: str, library: Path, tmp_path: Path
) -> None:
    assert remembered(library, {"name": name}) is None
    library.mkdir()
    (library / "lsl_choices.json").write_text("[{")
    with pytest.raises(ConfigError, match="Move that file away"):
        remembered(library, {"name": name})
    blocked = tmp_path / "file"
    blocked.write_text("no folder")
    with pytest.raises(ConfigError, match="cannot be written"):
        remember(blocked / "library", {"name": name}, LslIdentity())


@pytest.mark.skipif(sys.platform != "linux", reason="Linux alone sends them out")
def test_searches_stay_on_this_machine() -> None:
    number = os.getpid()  # another run on this machine has another group
    group = f"239.254.{number >> 8 & 255}.{number & 255}"
    digits = "".join(f"{int(part):02X}" for part in reversed(group.split(".")))
    igmp = Path("/proc/net/igmp")
    assert digits not in igmp.read_text()
    stay_in_groups((group,))
    assert digits in igmp.read_text()
