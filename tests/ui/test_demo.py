"""The demo with real recordings knows what they measure."""

from __future__ import annotations

from drivers.profile_files import load_profile
from lablive.messages import ChannelInfo, StreamInfo
from lablive.signals.binding import bind
from ui.demo import PLAYED, recorded_montage


def test_both_feet_of_the_played_recording_are_shown():
    profile = load_profile(f"playback_{PLAYED}")
    channels = tuple(ChannelInfo(f"press{n}", "kPa") for n in range(198))
    (told,) = profile.streams
    stream = StreamInfo(1, told.name, told.type, 50.0, channels)
    bound = bind(recorded_montage(), [stream])
    assert bound.sources.keys() == {"insole_left.pressure", "insole_right.pressure"}
