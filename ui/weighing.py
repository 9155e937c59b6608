"""Zero and weigh on the session page: the steps, their rows, the calibration found."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Final, Literal

import msgspec
from PySide6.QtCore import QObject, Signal

if TYPE_CHECKING:
    from lablive.calibrating.calibrate import Part
    from lablive.calibrating.rows import About
    from lablive.calibrating.run import CalibrationRun
    from lablive.live.session import LiveSession, Tick

WEIGH_STEP_S = {"zero": 2.0, "stand": 6.0}
# a stand tells up and the gyroscopes' bias, too, and the rest of the muscles
WEIGHED: Final[tuple[Part, ...]] = ("insole", "segments", "emg")


class Weighing(QObject):
    """The steps of one person; the calibration goes to the live session.

    Parameters
    ----------
    live
        Whose rows are weighed.

    Attributes
    ----------
    run
        What was recorded of the steps; None before the first.
    share
        Of the step that runs, 0 to 1.
    said
        What the last stand gave, in words.
    """

    trouble = Signal(str)
    news = Signal(str, str)  # something good: a word and a sentence

    def __init__(self, live: LiveSession, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._live = live
        self.run: CalibrationRun | None = None
        self.share = 0.0
        self.said = ""

    @property
    def possible(self) -> bool:
        """Whether there is something to weigh with."""
        roles = self._live.binding.sources if self._live.binding else ()
        return any(role.startswith("insole_") for role in roles)

    @property
    def zeroed(self) -> bool:
        """Whether the insoles' zero has been taken."""
        found = self._live.calibration
        if found is not None:
            sides = (foot for foot in (found.left, found.right) if foot)
            return any(foot.zero_from == "unloaded" for foot in sides)
        return self.run is not None and self.run.has("zero")

    def begin(
        self, step: Literal["zero", "stand"], person: str, mass_kg: float | None
    ) -> None:
        """Take the next seconds as a step of this person."""
        binding = self._live.binding
        if binding is None or not self.possible:
            self.trouble.emit("No insole is connected. Connect the insoles first.")
            return
        from lablive.calibrating.run import CalibrationRun

        about, streams = _about(person, mass_kg), self._live.feed.streams
        if self.run is None or not self.run.fits(binding):
            self.run = CalibrationRun(binding, streams, about, WEIGHED)
        self.run.change(about)
        self.run.begin(step, seconds=WEIGH_STEP_S[step])
        self.share, self.said = 0.0, ""

    def weigh_again(self, person: str, mass_kg: float) -> None:
        """Count a stand that was weighed with another body mass."""
        if self.run and self.run.has("stand"):
            self.run.change(_about(person, mass_kg))
            self._finish(self.run)

    def feed(self, tick: Tick) -> None:
        """Take new rows; the step that they end is judged."""
        run = self.run
        if run is None:
            return
        was = run.running
        for mark in run.feed(tick.items):
            if self._live.recording is not None:
                self._live.marker(mark.text, mark.kind, mark.t_s)
        self.share = run.share
        if was is None or run.running is not None:
            return
        if run.has("stand"):
            self._finish(run)
            return
        problems = [text for told in run.verdicts for text in told.problems]
        if problems:
            self.trouble.emit("\n".join(problems))
            return
        self.news.emit("zero taken", "Now stand still on both feet and press Weigh.")

    def _finish(self, run: CalibrationRun) -> None:
        found = run.calibrations.insole
        problems = [text for v in run.verdicts for text in v.problems]
        notes = [text for v in run.verdicts for text in v.notes]
        if found is None:
            self.said = "\n".join(dict.fromkeys(problems + notes))
            self.trouble.emit(self.said)
            return
        self.said = f"{found.mass_kg:g} kg on both feet"
        made = run.calibrations
        self._live.calibrate(
            msgspec.structs.replace(
                self._live.calibrations,
                insole=found,
                segments=made.segments,
                emg=made.emg,
                emg_notch_hz=made.emg_notch_hz,
            )
        )
        self.news.emit("weighed", f"{self.said}. Ready to record.")
        if problems:
            self.trouble.emit("\n".join(dict.fromkeys(problems)))
        if notes:
            self.news.emit("note", "\n".join(dict.fromkeys(notes)))


def _about(person: str, mass_kg: float | None) -> About:
    from lablive.calibrating.rows import About

    now = datetime.now().astimezone().isoformat(timespec="seconds")
    return About(made_at=now, person=person, mass_kg=mass_kg)
