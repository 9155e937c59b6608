"""Time stamps of recordings made by other programs, brought to one clock.

LabLive stamps every row on its own clock; other recorders leave stamps out, record
one clock per machine with measured offsets, and keep the jitter of the network.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from lablive.recording import index, xdf

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from lablive.messages import Floats
    from lablive.recording.header import StreamHeader
    from lablive.recording.trial_file import TrialFile

_BREAK_S = 1.0  # a longer pause is no jitter
_BREAK_ROWS = 500


def stamps(file: TrialFile, stream: int) -> Floats:
    """Return the time of every row of a stream: filled in, synchronised, even.

    As other XDF readers do: missing stamps follow the nominal rate, clock offsets
    shift by a straight line, and a regular stream is evenly spaced between pauses
    unless its header says that it drops samples.
    """
    known = file.streams[stream]
    rate_hz = known.info.rate_hz
    places = file.places(stream)
    counts = file.records.rows[places]
    t_s = fill_missing(_raw(file, known, places), rate_hz)
    t_s += offsets_at(t_s, _offsets(file, stream))
    if known.can_drop_samples or rate_hz <= 0:
        return t_s
    is_cut = file.records.flags[places] & index.AFTER_DAMAGE != 0
    return even(t_s, rate_hz, (np.cumsum(counts, dtype=np.int64) - counts)[is_cut])


def _raw(file: TrialFile, known: StreamHeader, places: NDArray[np.intp]) -> Floats:
    """Return the stamps as stored, NaN where there is none."""
    if known.layout is None:
        return np.array([t for t, _ in file.texts(known.info.id)])
    counts = file.records.rows[places].tolist()
    pieces = [
        np.full(rows, np.nan) if found is None else found[0]
        for rows, found in zip(counts, file.rows(known, places), strict=True)
    ]
    return np.concatenate([np.empty(0), *pieces])


def fill_missing(t_s: Floats, rate_hz: float) -> Floats:
    """Return stamps in which each NaN follows the one before at the nominal rate."""
    there = np.flatnonzero(np.isfinite(t_s))
    step_s = 1.0 / rate_hz if rate_hz > 0 else 0.0
    rows = np.arange(len(t_s))
    if not len(there):
        return rows.astype(np.float64) * step_s
    last = there[np.maximum(np.searchsorted(there, rows, side="right") - 1, 0)]
    return t_s[last] + (rows - last) * step_s


def _offsets(file: TrialFile, stream: int) -> Floats:
    """Return the measured clock offsets of a stream, shape (n, 2): time, offset."""
    records = file.records
    mine = (records.stream == stream) & (records.tag == xdf.CLOCK_OFFSET)
    found = [
        offset
        for data in file.chunks(np.flatnonzero(mine))
        if data is not None and (offset := xdf.decode_offset(data)) is not None
    ]
    return np.array(found).reshape(-1, 2)


def offsets_at(t_s: Floats, offsets: Floats) -> Floats:
    """Return what to add to each stamp, from a robust line through the offsets."""
    if not len(offsets):
        return np.zeros(len(t_s))
    time, value = offsets[:, 0], offsets[:, 1]
    middle = np.median(time)
    if len(offsets) < 3 or np.ptp(time) == 0:
        return np.full(len(t_s), np.median(value))
    # Theil-Sen: one late answer of the network must not tilt the clock
    first, second = np.triu_indices(min(len(time), 300), 1)
    pick = np.linspace(0, len(time) - 1, min(len(time), 300)).astype(int)
    run = time[pick][second] - time[pick][first]
    rise = value[pick][second] - value[pick][first]
    slope = np.median(rise[run != 0] / run[run != 0])
    level = np.median(value - slope * (time - middle))
    return level + slope * (t_s - middle)


def even(t_s: Floats, rate_hz: float, cuts: NDArray[np.integer[Any]]) -> Floats:
    """Return stamps of a regular stream on straight lines between its pauses.

    Parameters
    ----------
    t_s
        Stamps, shape (rows,).
    rate_hz
        Nominal rate.
    cuts
        Rows before which an unknown number of rows is missing.
    """
    pause_s = max(_BREAK_S, _BREAK_ROWS / rate_hz)
    pauses = np.flatnonzero(np.abs(np.diff(t_s)) > pause_s) + 1
    pieces: list[Floats] = []
    for piece in np.split(t_s, np.union1d(pauses, cuts).astype(int)):
        rows = np.arange(len(piece))
        if len(piece) > 1:
            slope, level = np.polyfit(rows, piece - piece[0], 1)
            pieces.append(piece[0] + level + slope * rows)
        else:
            pieces.append(piece)
    return np.concatenate([np.empty(0), *pieces])
