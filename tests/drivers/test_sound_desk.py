"""What the app asks of the host about sound, over the real link."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
import numpy as np
import pytest

from drivers.host import Host
from lablive.clock import now_s
from lablive.errors import LabLiveError
from lablive.live.link import LinkClient
from lablive.live.sounds import Backdrop, Cue, SoundReport
from lablive.messages import ChannelInfo, Chunk, Gap, StreamInfo
from lablive.recording.replay import Trial
from lablive.structs import from_plain

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.drivers.sound_server import SoundServer

INFO = StreamInfo(0, "left_sole", "Force", 100.0, (ChannelInfo("force", "N"),))


class Once:
    """Send one row."""

    reopen_on_silence = False

    def __init__(self) -> None:
        self._rows = 0

    def open(self) -> tuple[StreamInfo, ...]:
        return (INFO,)

    def read(self) -> list[Chunk | Gap]:
        self._rows += 1
        t_s = np.array([now_s()])
        return [Chunk(0, 0, t_s, np.ones((1, 1), np.float32))] * (self._rows == 1)

    def close(self) -> None:
        pass

    def status(self) -> tuple[()]:
        return ()


@pytest.fixture
def link(tmp_path: Path) -> Iterator[LinkClient]:
    host = Host(tmp_path / "run", driver_factory=lambda _: Once())
    client = LinkClient.connect(tmp_path / "run")
    yield client
    client.close()
    host.close()


def report(link: LinkClient) -> SoundReport:
    return from_plain(link.call("sound"), SoundReport)


def test_cues_stand_in_the_trial_where_they_sounded(
    sound_server: SoundServer,
    link: LinkClient,
    tmp_path: Path,
    until: Callable[..., None],
) -> None:
    link.call("add_source", spec={"id": "left", "driver": "once"}, wait_s=5.0)
    link.call("start_recording", path=str(tmp_path / "trial-01.xdf"), header={})
    link.call("sound_on")
    until(lambda: report(link).state == "sounding", "the loudspeaker")
    link.call("backdrop", wanted=msgspec.to_builtins(Backdrop(noise=0.3)))
    at_s = now_s() + 0.5
    link.call("play", cue=msgspec.to_builtins(Cue("hop 1 go", at_s, "go")))
    link.call("play", cue=msgspec.to_builtins(Cue("hop 2 go", at_s + 600, "go")))
    until(lambda: len(report(link).sounded) == 1, "the first cue")
    link.call("silence")
    until(lambda: len(report(link).sounded) == 2, "the second one told")
    link.call("sound_off")
    assert report(link) == SoundReport()
    link.call("stop_recording")
    told = [m for m in Trial(tmp_path / "trial-01.xdf").markers if m.kind == "cue"]
    assert [marker.text for marker in told] == ["hop 1 go", "hop 2 go (not heard)"]
    assert told[0].t_s == pytest.approx(at_s, abs=0.001)
    assert told[1].t_s == at_s + 600


def test_without_sound_there_is_one_message(link: LinkClient) -> None:
    with pytest.raises(LabLiveError, match="Sound is switched off"):
        link.call("play", cue={"id": "go"})
    assert report(link).state == "off"
    link.call("silence")  # nothing sounds: nothing to do


def test_a_wrong_wish_is_refused(
    sound_server: SoundServer, link: LinkClient, until: Callable[..., None]
) -> None:
    link.call("sound_on")
    until(lambda: report(link).state == "sounding", "the loudspeaker")
    with pytest.raises(LabLiveError):
        link.call("play", cue={"id": "go", "beep": "trumpet"})
    with pytest.raises(LabLiveError):
        link.call("backdrop", wanted={"noise": "loud"})
    assert report(link).state == "sounding"
