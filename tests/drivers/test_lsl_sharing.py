"""What the host publishes on LSL, heard by a program of its own with pylsl alone."""

from __future__ import annotations

import json
import os
import threading
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np
import pytest

from drivers.host import Host
from drivers.lsl_bridge import LslBridge
from drivers.lsl_sharing import LslSharing
from lablive.clock import now_s
from lablive.errors import ConfigError
from lablive.live.shared_results import CONTACTS, STRIDES, result_streams
from lablive.live.sharing import OWN_ID, SharedRow
from lablive.messages import ChannelInfo, Chunk, Gap, StreamInfo
from lablive.recording.replay import Trial
from tests.sim.sim_process import SimProcess

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

pytest.importorskip("pylsl")

INFO = StreamInfo(
    0,
    "left_sole",
    "Force",
    200.0,
    (ChannelInfo("insole_left.force", "N", "Force"), ChannelInfo("number", "", "")),
    counter_bits=16,
    device="Test sole",
)
SPEC: dict[str, Any] = {"id": "sole", "driver": "scripted", "options": {}}
ROWS = 4


class Lossy:
    """Send four rows at each look, and lose three after every tenth."""

    reopen_on_silence = True

    def __init__(self) -> None:
        self._rows = self._number = self._looks = 0
        self._first_s = now_s()
        self._pause = threading.Event()

    def open(self) -> tuple[StreamInfo, ...]:
        return (INFO,)

    def read(self) -> list[Chunk | Gap]:
        self._pause.wait(0.02)
        out: list[Chunk | Gap] = []
        self._looks += 1
        if self._looks % 10 == 0:
            t_s = self._first_s + self._number / 200.0
            out.append(Gap(0, self._rows, t_s, 0.02, 3, "lost", "3 rows missing"))
            self._number += 3
        numbers = self._number + np.arange(ROWS)
        x = np.column_stack((np.sin(numbers), numbers)).astype(np.float32)
        t_s = self._first_s + numbers / 200.0 + 1e-7 / 3
        out.append(Chunk(0, self._rows, t_s, x, numbers, now_s()))
        self._rows += ROWS
        self._number += ROWS
        return out

    def close(self) -> None:
        pass

    def status(self) -> tuple[()]:
        return ()


@pytest.fixture
def host(tmp_path: Path) -> Iterator[Host]:
    made = Host(tmp_path, driver_factory=lambda _: Lossy())
    yield made
    made.close()


@pytest.fixture
def listen(
    monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> Iterator[Callable[..., SimProcess]]:
    """Start a listener; it has joined when it is returned."""
    monkeypatch.chdir(request.config.rootpath)
    started: list[SimProcess] = []

    def start(*names: str) -> SimProcess:
        session = os.environ["LABLIVE_LSL_SESSION"]
        made = SimProcess("tests.drivers.lsl_listener", session, *names)
        started.append(made)
        made.hear("ready")
        return made

    yield start
    for process in started:
        process.__exit__()


def heard(listener: SimProcess) -> dict[str, Any]:
    listener.tell("end")
    return listener.hear("heard")["streams"]


def stored(path: Path) -> tuple[np.ndarray, np.ndarray, list[Gap]]:
    trial = Trial(path)
    (info,) = trial.streams
    t_s, x = trial.window(info.id, -np.inf, np.inf)
    found = np.array(t_s), np.array(x), list(trial.gaps)
    trial.close()
    return found


def test_a_device_on_lsl_is_what_is_recorded(
    host: Host,
    tmp_path: Path,
    listen: Callable[..., SimProcess],
    until: Callable[..., None],
) -> None:
    host.add_source(SPEC, 5.0)
    told = host._answer("share", {"who": "me", "devices": ["sole"]})
    assert (told["devices"], told["streams"]) == (("sole",), ("left_sole",))
    listener = listen("left_sole", "LabLive gaps")
    path = tmp_path / "trial-01.xdf"
    host.start_recording(str(path), {})

    def losses() -> int:
        recording = host.status().recording
        return recording.gaps if recording else 0

    until(lambda: losses() >= 3, "three losses")
    host.stop_recording()
    other = heard(listener)
    t_s, x, gaps = stored(path)
    sole = other["left_sole"]
    stamps_s = np.array(sole["t_s"])
    first = np.flatnonzero(stamps_s == t_s[0])
    assert len(first) == 1
    rows = slice(int(first[0]), int(first[0]) + len(t_s))
    np.testing.assert_array_equal(stamps_s[rows], t_s)  # one machine, one clock
    np.testing.assert_array_equal(np.array(sole["rows"])[rows], x)
    assert (sole["type"], sole["rate_hz"], sole["can_drop"]) == ("Force", 200.0, "true")
    assert sole["maker"] == "LabLive"
    assert sole["source_id"].startswith(OWN_ID)
    assert sole["channels"][0] == {
        "label": "insole_left.force",
        "unit": "N",
        "type": "Force",
        "side": "left",
    }
    texts = [json.loads(row[0]) for row in other["LabLive gaps"]["rows"]]
    lost = {(text["t_s"], text["rows_lost"]) for text in texts if text["rows_lost"]}
    assert {(gap.t_s, 3) for gap in gaps if gap.rows_lost} <= lost
    assert texts[0]["stream"] == "left_sole"


def test_publishing_ends_when_asked_and_lets_no_thread_behind(host: Host) -> None:
    host.add_source(SPEC, 5.0)
    host._answer("share", {"who": "me", "devices": ["*"]})
    assert host.status().sharing.streams == ("left_sole",)
    host._answer("share", {"who": "me", "devices": []})
    assert host.status().sharing.streams == ()
    assert "LSL bridge" not in [thread.name for thread in threading.enumerate()]


def test_another_device_on_the_air_does_not_disturb_the_first(
    host: Host, listen: Callable[..., SimProcess], until: Callable[..., None]
) -> None:
    for name in ("sole", "other"):
        host.add_source(SPEC | {"id": name}, 5.0)
    host._answer("share", {"who": "me", "devices": ["sole"]})
    listener = listen("left_sole")  # joined once, never again
    host._answer("share", {"who": "me", "devices": ["sole", "other"]})
    assert host.status().sharing.devices == ("sole", "other")
    host._answer("share", {"who": "me", "devices": ["sole"]})
    assert host.status().sharing.devices == ("sole",)
    before = host.status().sources[0].status[0].rows
    until(lambda: host.status().sources[0].status[0].rows > before + 40, "rows")
    numbers = np.array(heard(listener)["left_sole"]["rows"])[:, 1]
    assert len(numbers) > 40
    assert set(np.diff(numbers)) <= {1.0, 4.0}  # only what the device has lost


def test_a_bridge_that_failed_says_so_and_can_be_started_again(
    host: Host, monkeypatch: pytest.MonkeyPatch, until: Callable[..., None]
) -> None:
    host.add_source(SPEC, 5.0)
    host._answer("share", {"who": "me", "devices": ["sole"]})

    def failing(*_: object) -> None:
        raise ValueError("no room")

    with monkeypatch.context() as patch:
        patch.setattr(LslBridge, "_send", failing)
        until(lambda: host.status().sharing.fault, "the fault")
    assert "no longer published on LSL (no room)" in host.status().sharing.fault
    assert host.status().sharing.streams == ()
    host._answer("share", {"who": "me", "devices": []})
    told = host._answer("share", {"who": "me", "devices": ["sole"]})
    assert (told["streams"], told["fault"]) == (("left_sole",), "")


def test_an_lsl_stream_is_not_published_once_more(tmp_path: Path) -> None:
    host = Host(tmp_path, driver_factory=lambda _: Lossy())
    try:
        host.add_source({"id": "lsl:x", "driver": "lsl", "options": {"name": "x"}}, 5.0)
        told = host._answer("share", {"who": "me", "devices": ["lsl:x"]})
        assert told["streams"] == ()
        assert "is an LSL stream already" in told["fault"]
        told = host._answer("share", {"who": "me", "devices": ["*"]})
        assert (told["streams"], told["fault"]) == ((), "")
    finally:
        host.close()


class Hearing(Lossy):
    """A microphone that was asked to store sound."""

    def open(self) -> tuple[StreamInfo, ...]:
        return tuple(
            msgspec.structs.replace(
                INFO,
                id=number,
                name=name,
                type=kind,
                channels=(ChannelInfo(name, "", kind), ChannelInfo("n")),
            )
            for number, (name, kind) in enumerate(
                (("mic_belt.level", "Level"), ("mic_belt.audio", "Audio"))
            )
        )


def test_speech_is_published_only_of_a_microphone_that_was_named(
    tmp_path: Path,
) -> None:
    host = Host(tmp_path, driver_factory=lambda _: Hearing())
    try:
        host.add_source(SPEC | {"id": "mic"}, 5.0)
        told = host._answer("share", {"who": "me", "devices": ["*"]})
        assert told["streams"] == ("mic_belt.level",)
        told = host._answer("share", {"who": "me", "devices": ["mic"]})
        assert set(told["streams"]) == {"mic_belt.level", "mic_belt.audio"}
    finally:
        host.close()


def plain(*rows: SharedRow) -> list[Any]:
    return [msgspec.to_builtins(row) for row in rows]


@pytest.fixture
def sharing() -> Iterator[LslSharing]:
    made = LslSharing(dict)
    made.share("me", [msgspec.to_builtins(it) for it in result_streams()])
    yield made
    made.close()


def test_contacts_and_strides_are_stamped_when_they_were(
    sharing: LslSharing, listen: Callable[..., SimProcess]
) -> None:
    listener = listen(CONTACTS, STRIDES)
    t_s = now_s() + 0.5
    stride = (1.0, t_s - 0.7, None, t_s, None, 0.7, 1.0, 2.5)
    sharing.publish(
        "me",
        plain(
            SharedRow(CONTACTS, t_s, text="left ic insole"),
            SharedRow(STRIDES, t_s, stride),
            SharedRow(CONTACTS, t_s - 0.1, text="right to insole"),  # too late
            SharedRow("LabLive nothing", t_s, text="of another version"),
        ),
    )
    assert not sharing.publish("another", plain(SharedRow(CONTACTS, t_s + 1, text="x")))
    other = heard(listener)
    assert other[CONTACTS]["rows"] == [["left ic insole"]]
    assert other[CONTACTS]["t_s"] == [t_s]
    assert (other[CONTACTS]["type"], other[CONTACTS]["rate_hz"]) == ("Markers", 0.0)
    np.testing.assert_array_equal(
        np.array(other[STRIDES]["rows"], dtype=float),
        [[1.0, t_s - 0.7, np.nan, t_s, np.nan, 0.7, 1.0, 2.5]],
    )
    assert other[STRIDES]["channels"][1]["unit"] == "s"


def test_rows_of_another_version_are_told(sharing: LslSharing) -> None:
    with pytest.raises(ConfigError, match="restart both"):
        sharing.publish("me", plain(SharedRow(STRIDES, now_s() + 1, (1.0,))))


def test_what_was_before_it_was_switched_on_is_not_sent(sharing: LslSharing) -> None:
    row = SharedRow(STRIDES, now_s() - 60.0, (1.0,))  # its length is not looked at
    assert sharing.publish("me", plain(row))
    assert sharing.report().results
