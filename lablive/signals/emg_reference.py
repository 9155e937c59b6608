"""What EMG is compared with: the muscle at rest, and what counts as 100 %.

Metric reference, section 7. Every record is dated, belongs to one person and one
placement of the electrodes, and is never overwritten: a later one is added behind.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Literal

import msgspec
import numpy as np

from lablive.errors import CalibrationError, RecordingError
from lablive.structs import from_json

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lablive.messages import Floats
    from lablive.signals.emg import EmgRows

RestSource = Literal["stand", "quiet windows"]
ReferenceMethod = Literal["task peak", "mvc"]

STAND_S: Final = 3.0
TASK_STRIDES: Final = 20
MVC_TRIALS: Final = 3
MVC_TRIAL_S: Final = 5.0
MVC_BEST_S: Final = 0.5

_SHORTER: Final = 0.9  # of a wanted time still counts
_WINDOW_S: Final = 0.050
_QUIET_SHARE: Final = 0.1  # lowest decile
_FEWEST_WINDOWS: Final = 100
# The quietest tenth of a noise is quieter than the noise: by 1.25 of its own relative
# SD in windows of 50 ms (simulated at 1000 and 2000 Hz, 20 to 450 Hz).
_SELECTED: Final = 1.25
_LARGEST_SPREAD: Final = 0.5  # relative SD; more is no rest
_TENSE: Final = 2.0  # [design] times the quietest windows of the same stand
_LEAST_MVC: Final = 2.0  # times the rest: 6 dB


class Electrode(msgspec.Struct, frozen=True):
    """One pair of electrodes on one person.

    Attributes
    ----------
    role
        Muscle and side, ``emg_gluteus_maximus_left``.
    person
        Pseudonymous code.
    placement
        Names this sticking-on: new electrodes are a new placement.
    chain
        Filters in words (:attr:`lablive.signals.emg.EmgSettings.chain`).
    unit
        Of the values, ``V``.
    """

    role: str
    person: str
    placement: str
    chain: str
    unit: str = "V"


class EmgRest(msgspec.Struct, frozen=True):
    """A muscle at rest.

    Attributes
    ----------
    electrode, made_at
        Whose, and when (wall clock, ISO 8601 with zone).
    mean, sd
        Of the 25 ms smoothed signal.
    rms
        Of the envelope.
    source
        Relaxed stand, or the quietest windows of a run.
    """

    electrode: Electrode
    made_at: str
    mean: float
    sd: float
    rms: float
    source: RestSource


class EmgReference(msgspec.Struct, frozen=True):
    """What counts as 100 % of a muscle.

    Attributes
    ----------
    electrode, made_at
        Whose, and when (wall clock, ISO 8601 with zone).
    value
        Envelope that is 100 %.
    method
        ``task peak``: mean of the peaks of 20 baseline strides, for comparison within
        this placement only; ``mvc``: best half second of maximal contractions.
    n
        Strides or contractions behind it.
    speed_mps
        Belt speed of a task peak.
    """

    electrode: Electrode
    made_at: str
    value: float
    method: ReferenceMethod
    n: int
    speed_mps: float | None = None


class EmgRecords(msgspec.Struct, frozen=True):
    """All rests and references of a session, oldest first."""

    rests: tuple[EmgRest, ...] = ()
    references: tuple[EmgReference, ...] = ()

    def with_rest(self, rest: EmgRest) -> EmgRecords:
        """Return the records with one more rest."""
        return msgspec.structs.replace(self, rests=(*self.rests, rest))

    def with_reference(self, reference: EmgReference) -> EmgRecords:
        """Return the records with one more reference."""
        return msgspec.structs.replace(self, references=(*self.references, reference))

    def rest_of(self, electrode: Electrode) -> EmgRest | None:
        """Return the newest rest of exactly this electrode and chain."""
        return _newest(self.rests, electrode)

    def reference_of(
        self, electrode: Electrode, method: ReferenceMethod
    ) -> EmgReference | None:
        """Return the newest reference of exactly this electrode and chain."""
        fits = [found for found in self.references if found.method == method]
        return _newest(fits, electrode)


def parse_records(text: str) -> EmgRecords:
    """Read records from JSON text.

    Raises
    ------
    RecordingError
        The text is no EMG record.
    """
    try:
        return from_json(text, EmgRecords)
    except msgspec.DecodeError as error:
        raise RecordingError(
            f"The EMG references cannot be read: {error}.",
            still="The raw rows are not affected; envelopes are shown in volts.",
            todo="Make a new EMG reference.",
        ) from error


def rest_from_stand(
    rows: EmgRows, channel: int, *, electrode: Electrode, made_at: str
) -> EmgRest:
    """Take a relaxed stand of 3 s as the rest.

    Parameters
    ----------
    rows, channel
        The stand through the chain, and which column.
    electrode, made_at
        As in :class:`EmgRest`.

    Raises
    ------
    CalibrationError
        Too short, silent, or the muscle was tense meanwhile.
    """
    smooth, envelope = rows.smooth[:, channel], rows.envelope[:, channel]
    known = np.isfinite(smooth) & np.isfinite(envelope)
    measured_s = _length_s(rows.t_s, known)
    smooth, envelope = smooth[known], envelope[known]
    problem = ""
    if measured_s < _SHORTER * STAND_S:
        problem = f"{measured_s:.1f} s of signal are too few, {STAND_S:g} s are needed"
    elif not float(np.max(smooth)) > 0:
        problem = "the channel is silent: check the electrode and its cable"
    else:
        means = _windows(rows, channel).mean(axis=2)[0]
        quiet = np.quantile(means, _QUIET_SHARE)
        if float(np.mean(smooth)) > _TENSE * float(quiet):
            problem = "the muscle was tense meanwhile"
    if problem:
        raise _error("rest", electrode, problem, "Stand relaxed for 3 s, then repeat.")
    return EmgRest(
        electrode=electrode,
        made_at=made_at,
        mean=float(np.mean(smooth)),
        sd=float(np.std(smooth)),
        rms=float(np.mean(envelope**2)) ** 0.5,
        source="stand",
    )


def rest_from_quiet_windows(
    rows: EmgRows, channel: int, *, electrode: Electrode, made_at: str
) -> EmgRest:
    """Estimate the rest from the quietest 50 ms windows of a run, without a stand.

    Parameters
    ----------
    rows, channel
        At least 5 s of the run through the chain, and which column.
    electrode, made_at
        As in :class:`EmgRest`.

    Raises
    ------
    CalibrationError
        Too short, silent, or never at rest.
    """
    smooth, envelope = _windows(rows, channel)
    problem = ""
    mean = sd = rms = 0.0
    if len(smooth) < _FEWEST_WINDOWS:
        least_s = _FEWEST_WINDOWS * _WINDOW_S
        problem = f"{len(smooth) * _WINDOW_S:.1f} s are too few, {least_s:g} s needed"
    else:
        means = smooth.mean(axis=1)
        quiet = means <= np.quantile(means, _QUIET_SHARE)
        level = float(np.mean(smooth[quiet]))
        spread = float(np.std(smooth[quiet])) / level if level > 0 else 0.0
        if not level > 0:
            problem = "the channel is silent: check the electrode and its cable"
        elif spread > _LARGEST_SPREAD:
            problem = "the muscle is never at rest"
        else:
            mean = level / (1 - _SELECTED * spread)
            sd = spread * mean
            ordinary = means <= mean + sd  # no longer the quietest, but no burst
            rms = float(np.mean(envelope[ordinary] ** 2)) ** 0.5
    if problem:
        raise _error("rest", electrode, problem, "Record a relaxed stand of 3 s.")
    return EmgRest(electrode, made_at, mean, sd, rms, "quiet windows")


def task_peak(
    stride_peaks: Sequence[float],
    *,
    electrode: Electrode,
    made_at: str,
    speed_mps: float | None,
) -> EmgReference:
    """Take the mean peak of the first 20 baseline strides as 100 %.

    Parameters
    ----------
    stride_peaks
        Peak envelope of every stride of the side, NaN = not measured.
    electrode, made_at, speed_mps
        As in :class:`EmgReference`.

    Raises
    ------
    CalibrationError
        Fewer than 20 measured strides.
    """
    peaks = np.array(stride_peaks, float)
    peaks = peaks[np.isfinite(peaks)][:TASK_STRIDES]
    if len(peaks) < TASK_STRIDES or not float(np.mean(peaks)) > 0:
        raise _error(
            "reference",
            electrode,
            f"{len(peaks)} measured strides are too few, {TASK_STRIDES} are needed",
            "Run on at the reference speed.",
        )
    value = float(np.mean(peaks))
    return EmgReference(electrode, made_at, value, "task peak", len(peaks), speed_mps)


def best_contraction(
    trials: Sequence[EmgRows],
    channel: int,
    *,
    electrode: Electrode,
    made_at: str,
    rest: EmgRest,
) -> EmgReference:
    """Take the best half second of three maximal contractions of 5 s as 100 %.

    Parameters
    ----------
    trials, channel
        The contractions through the chain, and which column.
    electrode, made_at
        As in :class:`EmgReference`.
    rest
        The same muscle at rest.

    Raises
    ------
    CalibrationError
        A contraction is missing or too short, or none stands 6 dB out of the rest.
    """
    problems: list[str] = []
    best: list[float] = []
    if len(trials) < MVC_TRIALS:
        problems.append(f"{len(trials)} of {MVC_TRIALS} contractions were recorded")
    for number, rows in enumerate(trials, start=1):
        envelope = rows.envelope[:, channel]
        measured_s = _length_s(rows.t_s, np.isfinite(envelope))
        if measured_s < _SHORTER * MVC_TRIAL_S:
            problems.append(
                f"contraction {number} lasted {measured_s:.1f} of {MVC_TRIAL_S:g} s"
            )
        else:
            best.append(_best_mean(rows.t_s, envelope))
    if not problems and max(best) < _LEAST_MVC * rest.rms:
        problems.append("no contraction stands out of the rest")
    if problems:
        raise _error(
            "reference",
            electrode,
            "; ".join(problems),
            "Repeat: three times 5 s as hard as possible, with rests between.",
        )
    return EmgReference(electrode, made_at, max(best), "mvc", len(best))


def _newest(records: Sequence[Any], electrode: Electrode) -> Any:
    fits = [record for record in records if record.electrode == electrode]
    return fits[-1] if fits else None


def _length_s(t_s: Floats, known: Any) -> float:
    if len(t_s) < 2:
        return 0.0
    return float(np.count_nonzero(known)) * float(np.median(np.diff(t_s)))


def _windows(rows: EmgRows, channel: int) -> Floats:
    """Return smooth and envelope in whole 50 ms windows, shape (2, windows, rows)."""
    values = np.stack([rows.smooth[:, channel], rows.envelope[:, channel]])
    if len(rows.t_s) < 2:
        return np.empty((2, 0, 1))
    size = round(_WINDOW_S / float(np.median(np.diff(rows.t_s))))
    count = values.shape[1] // size
    windows = values[:, : count * size].reshape(2, count, size)
    return windows[:, np.isfinite(windows).all(axis=(0, 2))]


def _best_mean(t_s: Floats, envelope: Floats) -> float:
    """Return the highest mean of half a second without a missing row."""
    size = round(MVC_BEST_S / float(np.median(np.diff(t_s))))
    sums = np.cumsum(np.concatenate(([0.0], np.nan_to_num(envelope))))
    holes = np.cumsum(np.concatenate(([0], ~np.isfinite(envelope))))
    means = (sums[size:] - sums[:-size]) / size
    means = means[holes[size:] == holes[:-size]]
    return float(np.max(means)) if len(means) else 0.0


def _error(what: str, electrode: Electrode, why: str, todo: str) -> CalibrationError:
    return CalibrationError(
        f"The EMG {what} of {electrode.role} cannot be used: {why}.",
        still="The raw signal is recorded.",
        todo=todo,
    )
