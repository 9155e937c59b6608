"""Everything calibrated for one person in one mounting, as one text of a trial header.

Each part may be missing; what it would have told is then not measured, with a reason.
A calibration phase makes one part, the trial header carries all of them, the pipeline
reads them. Who puts them together answers for it that they belong to this person,
these electrodes and this place of the microphone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Literal

import msgspec

from lablive.errors import RecordingError
from lablive.signals.calibration import Calibration
from lablive.signals.emg_reference import EmgRecords, EmgReference, EmgRest
from lablive.signals.segment_calibration import SegmentCalibration
from lablive.signals.sound import BeltNoise
from lablive.signals.sound_latency import SoundLatency
from lablive.structs import from_json, from_plain

if TYPE_CHECKING:
    from lablive.signals.emg import EmgSettings

SCHEMA: Final = 2  # 1: a header that held the insoles' calibration alone


class Calibrations(msgspec.Struct, frozen=True, omit_defaults=True):
    """Calibrations of one person in one mounting; every part may be missing.

    Attributes
    ----------
    insole
        Body weight, zero and gain of the insoles.
    segments
        Axes and gyroscope bias of the IMUs, pelvic range.
    emg
        Rests and references of the electrodes, oldest first.
    emg_notch_hz
        Mains frequency taken out of the EMG, because hum was flagged; rests and
        references made without it do not count then, and the other way round.
    belt_noise
        The empty belt, one record per speed, oldest first.
    sound_latency
        How late the microphone hears a footfall.
    """

    insole: Calibration | None = None
    segments: SegmentCalibration | None = None
    emg: EmgRecords = EmgRecords()
    emg_notch_hz: Literal[50, 60] | None = None
    belt_noise: tuple[BeltNoise, ...] = ()
    sound_latency: SoundLatency | None = None

    def __bool__(self) -> bool:
        """Whether anything is calibrated."""
        return self != Calibrations()

    def emg_rest(self, role: str, settings: EmgSettings, unit: str) -> EmgRest | None:
        """Return the newest rest of a muscle in this chain and unit."""
        fits = (r for r in reversed(self.emg.rests) if _fits(r, role, settings, unit))
        return next(fits, None)

    def emg_reference(
        self, role: str, settings: EmgSettings, unit: str
    ) -> EmgReference | None:
        """Return what is 100 % of a muscle in this chain and unit.

        The newest task peak (metric reference 7: the default), else the newest MVC.
        """
        found = [r for r in self.emg.references if _fits(r, role, settings, unit)]
        peaks = [r for r in found if r.method == "task peak"]
        return next(reversed(peaks or found), None)


def calibrations_json(calibrations: Calibrations) -> str:
    """Return the text of a trial header."""
    parts = msgspec.to_builtins(calibrations)
    return msgspec.json.encode({"schema": SCHEMA, **parts}).decode()


def parse_calibrations(text: str) -> Calibrations:
    """Read the text of a trial header, also one with the insoles alone.

    Raises
    ------
    RecordingError
        The text is no calibration, or a newer LabLive wrote it.
    """
    try:
        parts = from_json(text, dict[str, Any])
        schema = parts.pop("schema", 1)
        if schema == 1:
            return Calibrations(insole=from_plain(parts, Calibration))
        if schema == SCHEMA:
            return from_plain(parts, Calibrations)
        problem = f"it is of schema {schema}, this LabLive knows up to {SCHEMA}"
    except (msgspec.DecodeError, msgspec.ValidationError) as error:
        problem = str(error)
    raise RecordingError(
        f"The calibration in the trial header cannot be read: {problem}.",
        still="The raw rows are not affected.",
        todo="Update LabLive, or analyse with another calibration or a montage that "
        "gives standing_s.",
    )


def _fits(
    record: EmgRest | EmgReference, role: str, settings: EmgSettings, unit: str
) -> bool:
    electrode = record.electrode
    found = (electrode.role, electrode.chain, electrode.unit)
    return found == (role, settings.chain, unit)
