"""EMG from raw volts to envelope: one causal chain for live, replay and report.

Metric reference, section 7. Band-pass, notch only when hum was flagged, rectified
mean of 25 ms (for onsets) and RMS of 50 ms (for amplitudes). The delay of the chain is
known and taken off: every row carries the time at the middle of its windows.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final, Literal, NamedTuple

import msgspec
import numpy as np

from lablive.errors import ConfigError
from lablive.signals.filters import CausalFilter, Filter, butterworth

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from lablive.messages import Floats, Values

EmgKind = Literal["raw", "envelope"]

ENVELOPE_TYPE: Final = "EMG envelope"  # type of a stream that is already rectified
ENVELOPE_S: Final = 0.050  # RMS
SMOOTH_S: Final = 0.025  # mean of the rectified signal
DISPLAY_HZ: Final = 6.0
MAX_HOLE_S: Final = 0.020  # metric reference 0.5

_HIGHEST_HZ: Final = 450.0
_OF_RATE: Final = 0.4  # 400 Hz at 1000 Hz
_TIMING_HZ: Final = 950.0  # the 1000 Hz of some amplifiers are 963
_SLOWEST_HZ: Final = 200.0
_HIGH_PASS_HZ: Final = (10.0, 30.0)
_NOTCH_Q: Final = 30.0
# after a start: the notch rings 190 ms, the band-pass less than 100 ms
_SETTLE_S, _NOTCH_SETTLE_S = 0.1, 0.5


class EmgSettings(msgspec.Struct, frozen=True, kw_only=True):
    """How the channels of one EMG stream are filtered.

    Attributes
    ----------
    rate_hz
        Sampling rate.
    kind
        ``envelope``: the device has already rectified and smoothed.
    high_pass_hz
        20; 30 while running when movement artefacts persist.
    notch_hz
        Mains frequency, only when the hum flag is set.

    Raises
    ------
    ConfigError
        No EMG can be had with these settings.
    """

    rate_hz: float
    kind: EmgKind = "raw"
    high_pass_hz: float = 20.0
    notch_hz: Literal[50, 60] | None = None

    def __post_init__(self) -> None:
        problem = ""
        low, high = _HIGH_PASS_HZ
        if not self.rate_hz > 0:
            problem = "the stream has no steady rate"
        elif self.kind == "raw" and self.rate_hz < _SLOWEST_HZ:
            problem = (
                f"{self.rate_hz:g} Hz are too slow for raw EMG, 1000 Hz are needed"
            )
        elif not low <= self.high_pass_hz <= high:
            problem = f"a high-pass of {self.high_pass_hz:g} Hz: {low:g} to {high:g} Hz"
        if problem:
            raise ConfigError(
                f"The EMG cannot be used: {problem}.",
                still="Recording and every other sensor work.",
                todo="Set the amplifier to 1000 Hz or more, or give its envelope "
                'output the kind "emg_envelope".',
            )

    @property
    def low_pass_hz(self) -> float:
        """Upper corner of the band: 450 Hz, 400 Hz at 1000 Hz, less below."""
        return min(_HIGHEST_HZ, _OF_RATE * self.rate_hz)

    @property
    def timing(self) -> bool:
        """Whether onsets can be told: raw EMG of 1000 Hz or more."""
        return self.kind == "raw" and self.rate_hz >= _TIMING_HZ

    @property
    def hole_s(self) -> float:
        """Longest step from row to row that is no hole: 20 ms, or one row."""
        return max(MAX_HOLE_S, 1.5 / self.rate_hz) + 1e-9

    @property
    def note(self) -> str:
        """What the source cannot tell, empty when it tells everything."""
        if self.kind == "envelope":
            return "envelope from the device: no onset, quality seen in part"
        if not self.timing:
            return f"{self.rate_hz:g} Hz: envelope only, no onset"
        return ""

    @property
    def chain(self) -> str:
        """Filters in words: amplitudes compare only within one chain."""
        if self.kind == "envelope":
            return "envelope of the device"
        notch = f", notch {self.notch_hz} Hz" if self.notch_hz else ""
        band = f"{self.high_pass_hz:g}-{self.low_pass_hz:g} Hz"
        return f"{band}{notch}, RMS {1e3 * ENVELOPE_S:.0f} ms"

    def design(self) -> Filter:
        """Return the filters before rectification, in one."""
        parts = [
            butterworth("highpass", self.high_pass_hz, self.rate_hz),
            butterworth("lowpass", self.low_pass_hz, self.rate_hz),
        ]
        if self.notch_hz:
            parts.append(notch(self.notch_hz, self.rate_hz))
        sos = np.concatenate([part.sos for part in parts])
        settle_rows = max(part.settle_rows for part in parts)
        return Filter(sos, self.rate_hz, settle_rows)

    @property
    def middle_hz(self) -> float:
        """Middle of the band, where the delay of the filters is taken."""
        return (self.high_pass_hz * self.low_pass_hz) ** 0.5


def kind_of(stream_type: str) -> EmgKind:
    """Return what the type of a stream says about its rows."""
    return "envelope" if stream_type == ENVELOPE_TYPE else "raw"


def notch(mains_hz: float, rate_hz: float) -> Filter:
    """Design the notch against hum: Q 30, rings 190 ms (metric reference, 11)."""
    from scipy.signal import iirnotch  # slow to load, so not before

    b, a = iirnotch(mains_hz, _NOTCH_Q, fs=rate_hz)
    sos = np.array([[*b, *a]], dtype=np.float64)
    return Filter(sos, rate_hz, round(_NOTCH_SETTLE_S * rate_hz))


class EmgRows(NamedTuple):
    """What the chain made of some rows.

    Attributes
    ----------
    t_s
        Middle of the windows behind ``smooth`` and ``envelope``, shape (rows,).
    smooth
        25 ms mean of the rectified signal, shape (rows, channels).
    envelope
        50 ms RMS, shape (rows, channels).
    band_s
        Time of ``rectified``, shape (rows,): of the rows, less the filters' delay.
    rectified
        Band-passed and rectified, shape (rows, channels).

    Values are in the unit of the input; NaN = missing, or too soon after a hole.
    """

    t_s: Floats
    smooth: Floats
    envelope: Floats
    band_s: Floats
    rectified: Floats


class EmgStage:
    """Run the chain on a stream, the same bits for any cut.

    Parameters
    ----------
    settings
        Filters, the same for all channels.
    channels
        Columns of the rows.

    Attributes
    ----------
    band_delay_s
        Of the filters before rectification, at the middle of their band.
    delay_s
        Of ``smooth`` and ``envelope`` behind the newest row, already taken off.
    """

    def __init__(self, settings: EmgSettings, channels: int) -> None:
        self._channels = channels
        self._raw = settings.kind == "raw"
        self._hole_s = settings.hole_s
        self.band_delay_s = self.delay_s = 0.0
        if not self._raw:
            return
        rate = settings.rate_hz
        self._wide = max(2, round(ENVELOPE_S * rate))
        # of the same parity, so that both windows have one middle row
        half_rows = round((SMOOTH_S * rate - self._wide % 2) / 2)
        self._narrow = max(1, 2 * half_rows + self._wide % 2)
        settle_s = _NOTCH_SETTLE_S if settings.notch_hz else _SETTLE_S
        self._settle = self._wide + round(settle_s * rate)
        design = settings.design()
        self.band_delay_s = design.delay_s(settings.middle_hz)
        self.delay_s = self.band_delay_s + (self._wide - 1) / 2 / rate
        # state: filter, newest time, rectified rows and value, rows since a hole
        self._filter = CausalFilter(design, channels)
        self._last_s = -np.inf
        self._kept = np.zeros((self._wide - 1, channels))
        self._held = np.zeros(channels)
        self._clean = np.zeros(channels, dtype=np.int64)

    def feed(self, t_s: Floats, x: Values) -> EmgRows:
        """Take the next rows.

        Parameters
        ----------
        t_s
            Time of the rows, shape (rows,), increasing.
        x
            Channels, shape (rows, channels), NaN = missing.

        Returns
        -------
        rows : as many as came in
        """
        x = np.asarray(x, np.float64)
        if not self._raw:
            return EmgRows(t_s, x, x, t_s, x)
        if not len(t_s):
            nothing = np.empty((0, self._channels))
            return EmgRows(t_s, nothing, nothing, t_s, nothing)
        # one sum is cheaper than looking at all; None = no value is missing
        whole = math.isfinite(np.add.reduce(x, axis=None))
        there = None if whole else np.isfinite(x)
        rectified = np.abs(self._filter.feed(t_s, self._hold(x, there)))
        rows = np.concatenate((self._kept, rectified))
        self._kept = rows[len(rows) - self._wide + 1 :].copy()
        margin = (self._wide - self._narrow) // 2
        inner = rows[margin : len(rows) - margin]
        smooth = sliding_sum(inner, self._narrow) / self._narrow
        envelope = np.sqrt(sliding_sum(rows * rows, self._wide) / self._wide)
        unsettled = self._unsettled(t_s, there)
        if unsettled is not None:
            for values in (rectified, smooth, envelope):
                values[unsettled] = np.nan
        middle_s, band_s = t_s - self.delay_s, t_s - self.band_delay_s
        return EmgRows(middle_s, smooth, envelope, band_s, rectified)

    def _hold(self, x: Floats, there: NDArray[np.bool_] | None) -> Floats:
        """Return the rows with the value before in place of every missing one.

        The filter would take a row with one missing channel for missing altogether.
        """
        if there is not None:
            known = np.concatenate((self._held[None], x))
            row = np.arange(1, len(known))[:, None]
            newest = np.maximum.accumulate(np.where(there, row, 0), axis=0)
            x = np.take_along_axis(known, newest, axis=0)
        self._held = x[-1].copy()
        return x

    def _unsettled(
        self, t_s: Floats, there: NDArray[np.bool_] | None
    ) -> NDArray[np.bool_] | None:
        """Tell which values stand on rows of, or too soon after, a hole."""
        steps_s = np.empty(len(t_s))
        steps_s[0] = t_s[0] - self._last_s
        np.subtract(t_s[1:], t_s[:-1], out=steps_s[1:])
        self._last_s = float(t_s[-1])
        no_hole = there is None and np.maximum.reduce(steps_s) <= self._hole_s
        if no_hole and np.minimum.reduce(self._clean) >= self._settle:
            return None
        good = np.broadcast_to(
            (steps_s <= self._hole_s)[:, None], (len(t_s), self._channels)
        )
        if there is not None:
            good = good & there
        row = np.arange(1, len(good) + 1)[:, None]
        bad = np.maximum.accumulate(np.where(good, 0, row), axis=0)
        clean = np.where(bad > 0, row - bad, row + self._clean)
        self._clean = np.minimum(clean[-1], self._settle)
        return clean < self._settle


class DisplayCurve:
    """A calm curve of one stream's activity for the screen: 6 Hz low-pass.

    Parameters
    ----------
    settings, channels
        Those of the :class:`EmgStage` whose rows are drawn.

    Attributes
    ----------
    delay_s
        Behind the newest row, already taken off.
    """

    def __init__(self, settings: EmgSettings, channels: int) -> None:
        self._raw = settings.kind == "raw"
        design = butterworth("lowpass", DISPLAY_HZ, settings.rate_hz)
        self.delay_s = design.delay_s() if self._raw else 0.0
        self._filter = CausalFilter(design, channels)

    def feed(self, rows: EmgRows) -> tuple[Floats, Floats]:
        """Return times (rows,) and curve (rows, channels), NaN = missing."""
        if not self._raw:
            return rows.t_s, rows.envelope
        missing = np.isnan(rows.rectified)
        known = np.where(missing, 0.0, rows.rectified)
        curve = self._filter.feed(rows.band_s, known)
        curve[missing] = np.nan
        return rows.band_s - self.delay_s, curve


def sliding_sum(x: Floats, rows: int) -> Floats:
    """Return the sum of every ``rows`` consecutive rows, shape (n - rows + 1, ...).

    Sums of 1, 2, 4 ... rows are put together, so that each result has the same bits
    whatever came before: a running sum would depend on the cut and drift.
    """
    end = len(x) - rows + 1
    total, done, size, power = None, 0, 1, x
    while True:
        if rows & size:
            part = power[done : done + end]
            total = part if total is None else total + part
            done += size
        if 2 * size > rows:
            assert total is not None
            return total
        power = power[:-size] + power[size:]
        size *= 2
