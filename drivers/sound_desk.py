"""What the app can ask of the host about sound."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

from lablive.errors import DeviceError, RecordingError
from lablive.live.sounds import Backdrop, Cue, Sounded, SoundReport, cue_marker
from lablive.recording.folders import home
from lablive.structs import from_plain

if TYPE_CHECKING:
    from collections.abc import Callable

    from drivers.loudspeaker import Loudspeaker


class SoundDesk:
    """The host's loudspeaker, opened at the first wish for sound.

    Parameters
    ----------
    mark
        Writes text, kind and time into the trial; raises when none is recorded.
    """

    def __init__(self, mark: Callable[[str, str, float], object]) -> None:
        self._mark = mark
        self._loudspeaker: Loudspeaker | None = None

    @property
    def methods(self) -> dict[str, Callable[..., Any]]:
        """What the link answers, by name."""
        return {
            "sound_on": self.sound_on,
            "sound_off": self.sound_off,
            "play": self.play,
            "backdrop": self.backdrop,
            "silence": self.silence,
            "sound": self.report,
        }

    def sound_on(self, device: str = "") -> SoundReport:
        """Open a loudspeaker by name, "" = the system's default."""
        from drivers.loudspeaker import Loudspeaker  # the library is loaded with it

        self.sound_off()
        self._loudspeaker = Loudspeaker(device, home() / "voice", self._note)
        return self.report()

    def sound_off(self) -> None:
        """Let go of the loudspeaker."""
        loudspeaker, self._loudspeaker = self._loudspeaker, None
        if loudspeaker is not None:
            loudspeaker.close()

    def play(self, cue: dict[str, Any]) -> None:
        """Let a cue sound at its time; raises DeviceError when sound is off."""
        self._on().play(from_plain(cue, Cue))

    def backdrop(self, wanted: dict[str, Any]) -> None:
        """Change what sounds all the time; raises DeviceError when sound is off."""
        self._on().set_backdrop(from_plain(wanted, Backdrop))

    def silence(self) -> None:
        """End every sound at once."""
        if self._loudspeaker is not None:
            self._loudspeaker.silence()

    def report(self) -> SoundReport:
        """Return how the loudspeaker is doing."""
        loudspeaker = self._loudspeaker
        return SoundReport() if loudspeaker is None else loudspeaker.report()

    def _note(self, cue: Sounded) -> None:
        """Write into the trial when a cue sounded, also that it never did."""
        found = cue_marker(cue)
        with contextlib.suppress(RecordingError):  # nothing is recorded
            self._mark(found.text, found.kind, found.t_s)

    def _on(self) -> Loudspeaker:
        loudspeaker = self._loudspeaker
        if loudspeaker is None:
            raise DeviceError(
                "missing",
                "Sound is switched off.",
                still="Everything but sound works.",
                todo="Switch it on first.",
            )
        return loudspeaker
