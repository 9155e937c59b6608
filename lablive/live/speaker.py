"""The app's part of sound: what is wanted of the host's loudspeaker; never waits."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import msgspec

from lablive.clock import now_s
from lablive.errors import LabLiveError, LinkError
from lablive.live.sounds import Backdrop, Cue, Sounded, SoundReport
from lablive.structs import from_plain

if TYPE_CHECKING:
    from collections.abc import Callable

    from lablive.live.host_link import HostLink

_ASK_EVERY_S: Final = 0.5
MUTE: Final = (
    "This computer cannot speak: count-down and cues are beeps. Install espeak-ng to "
    "hear words."
)
_STEP: Final = 0.02  # of loudness: less cannot be heard


class Speaker:
    """Cues, metronome and feedback sound; one thread.

    Parameters
    ----------
    host
        The link to the host, which owns the loudspeaker.
    tell
        Takes what went wrong, for the operator, once.

    Attributes
    ----------
    told
        What the host has said last.
    """

    def __init__(self, host: HostLink, tell: Callable[[str], None]) -> None:
        self._host = host
        self._tell = tell
        self._device: str | None = None  # None = off
        self._backdrop = Backdrop()
        self._asked_s = 0.0
        self._fault = ""
        self._voiced: set[str] = set()  # words that have not sounded yet
        self._is_mute = False  # and it has been told
        self.told = SoundReport()

    @property
    def is_on(self) -> bool:
        """Whether sound is wanted."""
        return self._device is not None

    def on(self, device: str = "") -> None:
        """Open a loudspeaker, "" = the system's default; with the next host, too."""
        if device != self._device:
            self._device = device
            self._fault = ""
            self.begin()

    def off(self) -> None:
        """Let go of it; what sounds ends."""
        if self._device is not None:
            self._device, self._backdrop = None, Backdrop()
            self.told = SoundReport()
            self._ask("sound_off")

    def begin(self) -> None:
        """Ask a host that has just come."""
        if self._device is not None:
            self._ask("sound_on", self._take, device=self._device)
            self._ask("backdrop", wanted=msgspec.to_builtins(self._backdrop))

    def play(self, cue: Cue) -> None:
        """Let a cue sound at its time; without sound it is left out."""
        if self._device is not None:
            if cue.voice:
                self._voiced.add(cue.id)
            self._ask("play", cue=msgspec.to_builtins(cue))

    def set_backdrop(self, wanted: Backdrop) -> None:
        """Change what sounds all the time; differences nobody hears are left out."""
        if self._device is not None and not _sounds_like(self._backdrop, wanted):
            self._backdrop = wanted
            self._ask("backdrop", wanted=msgspec.to_builtins(wanted))

    def silence(self) -> None:
        """End every sound at once; cues that wait never sound."""
        self._backdrop = Backdrop()
        if self._device is not None:
            self._ask("silence")

    def poll(self) -> None:
        """Ask now and then how the loudspeaker is; tell a new fault."""
        if self._device is None or now_s() - self._asked_s < _ASK_EVERY_S:
            return
        self.ask()

    def ask(self) -> None:
        """Ask how the loudspeaker is, unless that is being asked."""
        if self._device is not None and not self._host.is_asked("sound"):
            self._asked_s = now_s()
            self._ask("sound", self._take)

    def _ask(
        self, method: str, then: Callable[[Any], None] = lambda _: None, **params: Any
    ) -> None:
        if self._host.connected:
            self._host.ask(method, then, self._failed, **params)

    def _take(self, answer: Any) -> None:
        self.told = from_plain(answer, SoundReport, strict=False)
        fault = self.told.fault
        if fault and fault != self._fault:
            self._tell(fault)
        self._fault = fault
        for it in self.told.sounded:
            if it.id in self._voiced:
                self._voiced.discard(it.id)
                self._is_mute |= self._tell_mute(it)

    def _tell_mute(self, cue: Sounded) -> bool:
        """Tell once that words were beeps; whether it is told."""
        mute = cue.sounded_s is not None and not cue.spoken
        if mute and not self._is_mute:
            self._tell(MUTE)
        return mute

    def _failed(self, error: LabLiveError) -> None:
        if not isinstance(error, LinkError):  # else it is asked of the next host
            self._tell(str(error))


def _sounds_like(before: Backdrop, now: Backdrop) -> bool:
    """Tell whether nobody would hear the difference; silence is always told."""
    loud = ("noise", "tone", "beat")
    for name in loud:
        a, b = getattr(before, name), getattr(now, name)
        if abs(a - b) >= _STEP or (a > 0) != (b > 0):
            return False
    same = ("tone_hz", "beats_per_min", "first_beat_s")
    return all(getattr(before, name) == getattr(now, name) for name in same)
