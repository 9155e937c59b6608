"""What app and host say to each other about sound; the host owns the loudspeaker."""

from __future__ import annotations

from typing import Literal

import msgspec

from lablive.feedback.sounds import Beep
from lablive.messages import Marker

SoundState = Literal["off", "opening", "sounding", "failed"]


class Cue(msgspec.Struct, frozen=True):
    """A sound at a planned time.

    Attributes
    ----------
    id
        What the trial's log calls it, such as "hop 3 go".
    at_s
        Lab time at which it begins to sound; a time that is over means at once.
    beep
        The sound; also instead of ``voice`` when this machine cannot speak.
    voice
        Words to speak.
    language
        Of the words, such as "en" or "de".
    level
        Loudness, 0 to 1.
    """

    id: str
    at_s: float = 0.0
    beep: Beep = "ready"
    voice: str = ""
    language: str = "en"
    level: float = 1.0


class Backdrop(msgspec.Struct, frozen=True):
    """What sounds until it is changed; 0 everywhere is silence.

    Attributes
    ----------
    noise, tone, beat
        Loudness of noise, of a steady tone and of the metronome, 0 to 1.
    tone_hz
        Pitch of the tone.
    beats_per_min
        Of the metronome; 0 = none.
    first_beat_s
        Lab time of a beat; 0 = the next possible moment. A new pace without it goes
        on from the beat before.
    """

    noise: float = 0.0
    tone: float = 0.0
    tone_hz: float = 440.0
    beat: float = 1.0
    beats_per_min: float = 0.0
    first_beat_s: float = 0.0


class Sounded(msgspec.Struct, frozen=True):
    """A cue that was played, and when it really began; ``sounded_s`` None = never."""

    id: str
    planned_s: float
    sounded_s: float | None
    spoken: bool = False


class SoundReport(msgspec.Struct, frozen=True):
    """How the loudspeaker is doing; ``sounded`` are the newest cues, oldest first.

    ``delay_ms`` is how long a sound without a planned time takes to be heard, as far
    as the system tells. ``dropouts``: how often the loudspeaker ran dry since it was
    opened, so that a sound broke off or came late. ``backdrop_s``: lab time since when
    the backdrop of now is heard. ``fault`` is empty when nothing is wrong.
    """

    state: SoundState = "off"
    device: str = ""
    delay_ms: float | None = None
    dropouts: int = 0
    backdrop_s: float | None = None
    fault: str = ""
    sounded: tuple[Sounded, ...] = ()


def cue_marker(cue: Sounded) -> Marker:
    """Return what the trial says of a cue: a marker where it really sounded.

    One that never sounded stands at its planned time and says so.
    """
    if cue.sounded_s is None:
        return Marker(cue.planned_s, f"{cue.id} (not heard)", "cue")
    return Marker(cue.sounded_s, cue.id, "cue")
