"""Whether an EMG channel can be trusted: flags of every 10 s, each with its reason.

Metric reference, section 7: clipping, silence, mains hum, movement artefacts, too
little signal over the rest, electrode off.
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import TYPE_CHECKING, Final, Literal

import msgspec
import numpy as np

from lablive.signals.emg_activation import LEAST_SNR_DB, ONSET_SD, snr_db

if TYPE_CHECKING:
    from lablive.messages import Floats
    from lablive.signals.emg import EmgRows, EmgSettings
    from lablive.signals.emg_reference import EmgRest

WINDOW_S: Final = 10.0
FlagKind = Literal["clip", "flat", "hum", "movement", "low SNR", "lead-off"]

_CLIP_SHARE, _CLIP_LEVEL = 0.001, 0.98
_FLAT_ROWS: Final = 3
_LEVELS: Final = 64  # a coarser signal stands on its extremes without being clipped
_FLAT_V: Final = 1e-6
_HUM_SHARE, _HUM_HALF_HZ = 0.15, 2.0
_MOVEMENT_SHARE, _MOVEMENT_HZ = 0.50, 20.0
_BAND_HZ: Final = (20.0, 450.0)
_SEGMENT_S: Final = 1.0
# a spike locked to contact: within 15 ms of it, narrower than 25 ms
_SPIKE_AT_S, _SPIKE_WIDTH_S = 0.015, 0.025
_SPIKE_ROW_S, _SPIKE_REACH_S = 0.002, 0.075
_SPIKE_HEIGHT: Final = 2.0  # [design] times what surrounds it
_FEWEST_CONTACTS: Final = 5


class EmgFlag(msgspec.Struct, frozen=True):
    """One thing that is wrong with a channel, and what to do about it."""

    kind: FlagKind
    reason: str


class EmgQuality(msgspec.Struct, frozen=True):
    """Quality of one channel in one window; no flags = good.

    Attributes
    ----------
    flags
        Everything found.
    hum_pct
        Share of the signal's power within 2 Hz of the mains.
    mains_hz
        Which mains hums, None when the hum flag is not set: the notch to choose.
    movement_pct
        Share of the raw power below 20 Hz.
    snr_db
        Activity over rest; NaN when it was not judged.
    """

    flags: tuple[EmgFlag, ...]
    hum_pct: float
    mains_hz: Literal[50, 60] | None
    movement_pct: float
    snr_db: float


def judge(
    raw: Floats,
    rows: EmgRows,
    channel: int,
    settings: EmgSettings,
    *,
    ic_s: Floats,
    rest: EmgRest | None,
    unit: str = "V",
    full_scale: float | None = None,
    lead_off: bool = False,
) -> EmgQuality:
    """Judge one channel in one window of 10 s.

    Parameters
    ----------
    raw
        The channel as it came, shape (rows,), in ``unit``; NaN = missing.
    rows, channel, settings
        The same time through the chain, and which column.
    ic_s
        Initial contacts of the channel's side in the window, shape (steps,). With
        fewer than five nobody runs: activity and contact spikes are not judged.
    rest
        The muscle at rest; None = activity is not judged.
    unit
        Silence is less than 1 uV, and a constant in any other unit.
    full_scale
        Largest value the amplifier can send; None = seen from the rows themselves.
    lead_off
        The device says that the electrode is off.
    """
    x = raw if _whole(raw) else raw[np.isfinite(raw)]
    flags: list[EmgFlag] = []
    if lead_off:
        flags.append(
            EmgFlag("lead-off", "the device reports an electrode off: press it on")
        )
    if len(x) < settings.rate_hz * _SEGMENT_S:
        nothing = float("nan")
        return EmgQuality(tuple(flags), nothing, None, nothing, nothing)
    flags += _clip_flags(x, full_scale)
    flat = float(np.std(x)) < (_FLAT_V if unit == "V" else np.finfo(float).tiny)
    if flat:
        flags.append(
            EmgFlag("flat", "no signal: check the electrode, its cable and plug")
        )
    hum_pct = movement_pct = float("nan")
    mains_hz: Literal[50, 60] | None = None
    if settings.kind == "raw" and not flat:
        hum_pct, worst_hz, movement_pct = _shares(x, settings.rate_hz)
        if hum_pct > 100 * _HUM_SHARE:
            mains_hz = worst_hz
            flags.append(
                EmgFlag(
                    "hum",
                    f"{hum_pct:.0f} % of the power is {mains_hz} Hz mains: check the "
                    "reference electrode, move cables from the motor",
                )
            )
        flags += _movement_flags(movement_pct, rows, channel, ic_s)
    ratio_db = float("nan")
    if rest is not None and len(ic_s) >= _FEWEST_CONTACTS and not flat:
        ratio_db = _activity_db(rows, channel, rest)
        if ratio_db < LEAST_SNR_DB:
            told = f"{ratio_db:.0f} dB" if np.isfinite(ratio_db) else "nothing"
            flags.append(
                EmgFlag(
                    "low SNR",
                    f"activity stands {told} out of the rest, {LEAST_SNR_DB:g} dB are "
                    "needed: the muscle is silent, or the electrode is off its place",
                )
            )
    return EmgQuality(tuple(flags), hum_pct, mains_hz, movement_pct, ratio_db)


def _clip_flags(x: Floats, full_scale: float | None) -> list[EmgFlag]:
    if full_scale is not None:
        clipped = np.abs(x) >= _CLIP_LEVEL * full_scale
    else:
        clipped = _stands_on_extremes(x)
    share = int(np.count_nonzero(clipped)) / len(clipped)
    if share <= _CLIP_SHARE:
        return []
    return [
        EmgFlag("clip", f"{100 * share:.1f} % of the samples are clipped: lower gain")
    ]


def _stands_on_extremes(x: Floats) -> Floats:
    """Tell which samples stand, three or more in a row, on the highest or lowest."""
    extreme = np.zeros(len(x), dtype=bool)
    for edge in (float(np.max(x)), float(np.min(x))):
        at = x == edge
        if np.count_nonzero(at) < _FLAT_ROWS:
            continue
        run = at[2:] & at[1:-1] & at[:-2]
        extreme[2:] |= run
        extreme[1:-1] |= run
        extreme[:-2] |= run
    if extreme.any() and len(np.unique(x)) < _LEVELS:
        extreme[:] = False
    return extreme


def _shares(x: Floats, rate_hz: float) -> tuple[float, Literal[50, 60], float]:
    """Return % of hum, of which mains, and % of power below 20 Hz."""
    hz, power = _spectrum(x, rate_hz)
    band = power[(hz >= _BAND_HZ[0]) & (hz <= _BAND_HZ[1])].sum()
    hum: dict[Literal[50, 60], float] = {}
    mains: tuple[Literal[50, 60], ...] = (50, 60)
    for mains_hz in mains:
        near = power[np.abs(hz - mains_hz) <= _HUM_HALF_HZ].sum()
        hum[mains_hz] = 100 * float(near / band) if band > 0 else 0.0
    worst: Literal[50, 60] = 50 if hum[50] >= hum[60] else 60
    slow = power[hz < _MOVEMENT_HZ].sum()
    return hum[worst], worst, 100 * float(slow / power.sum())


def _spectrum(x: Floats, rate_hz: float) -> tuple[Floats, Floats]:
    """Return frequencies and power, 1 s segments with half overlap, offset removed."""
    size = round(_SEGMENT_S * rate_hz)
    x = x - x.mean()
    every = np.lib.stride_tricks.sliding_window_view(x, size)[:: size // 2]
    spectra = np.fft.rfft(every * _window(size), axis=1)
    power = (spectra.real**2 + spectra.imag**2).mean(axis=0)
    hz = np.arange(len(power), dtype=np.float64) * (rate_hz / size)
    return hz, power


@lru_cache(maxsize=8)
def _window(rows: int) -> Floats:
    return np.hanning(rows)


def _whole(x: Floats) -> bool:
    """Tell whether no value is missing; one sum is cheaper than looking at all."""
    return math.isfinite(np.add.reduce(x))


def _movement_flags(
    movement_pct: float, rows: EmgRows, channel: int, ic_s: Floats
) -> list[EmgFlag]:
    found: list[EmgFlag] = []
    if movement_pct > 100 * _MOVEMENT_SHARE:
        found.append(
            EmgFlag(
                "movement",
                f"{movement_pct:.0f} % of the power is below 20 Hz: tape cable and "
                "sensor to the skin",
            )
        )
    if _spike_at_contact(rows.band_s, rows.rectified[:, channel], ic_s):
        found.append(
            EmgFlag(
                "movement",
                "a spike of less than 25 ms at every contact: the sensor knocks, tape "
                "it down",
            )
        )
    return found


def _spike_at_contact(t_s: Floats, rectified: Floats, ic_s: Floats) -> bool:
    """Tell whether the mean over all contacts has a narrow peak at contact."""
    t, values = t_s, rectified
    if not _whole(rectified):
        known = np.isfinite(rectified)
        t, values = t_s[known], rectified[known]
    reach = np.arange(-_SPIKE_REACH_S, _SPIKE_REACH_S + 1e-9, _SPIKE_ROW_S)
    edges = np.append(reach, reach[-1] + _SPIKE_ROW_S) - _SPIKE_ROW_S / 2
    if not len(t):
        return False
    inside = (ic_s + edges[0] >= t[0]) & (ic_s + edges[-1] <= t[-1])
    if np.count_nonzero(inside) < _FEWEST_CONTACTS:
        return False
    place = t.searchsorted(ic_s[inside, None] + edges)
    if place[-1, -1] == len(values):
        values = np.append(values, 0.0)  # the last edge lies behind the rows
    sums = np.add.reduceat(values, place.reshape(-1)).reshape(place.shape)[:, :-1]
    rows = np.diff(place, axis=1)
    count = rows.sum(axis=0)
    if not (count > 0).all():
        return False
    total = np.where(rows > 0, sums, 0.0).sum(axis=0)
    mean = total / count
    around = float(np.median(mean))
    near = np.abs(reach) <= _SPIKE_AT_S + 1e-9
    top = int(np.argmax(np.where(near, mean, -np.inf)))
    if mean[top] < _SPIKE_HEIGHT * around or mean[top] < float(np.max(mean)):
        return False
    over = mean > (mean[top] + around) / 2
    left, right = top, top
    while left > 0 and over[left - 1]:
        left -= 1
    while right + 1 < len(over) and over[right + 1]:
        right += 1
    return (right - left + 1) * _SPIKE_ROW_S < _SPIKE_WIDTH_S


def _activity_db(rows: EmgRows, channel: int, rest: EmgRest) -> float:
    """Return the power of all rows over the burst threshold, over the rest."""
    active = rows.smooth[:, channel] > rest.mean + ONSET_SD * rest.sd
    if not active.any():
        return -np.inf
    return snr_db(rows.envelope[active, channel], rest)
