"""Row numbers for chunks that were found without an index."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from lablive.recording import index

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from lablive.messages import Floats
    from lablive.recording.index import Records


def needs_clock(records: Records) -> bool:
    """Tell whether counting cannot number a stream's rows.

    True when no chunk carries a number from an index, or when one was found behind
    damage: who knows how many rows are gone.
    """
    indexed = records.flags & index.HAS_CRC != 0
    return bool((records.flags & index.AFTER_DAMAGE).any() or not indexed.any())


def misplaced(records: Records) -> NDArray[np.bool_]:
    """Tell which chunks of one stream, found by a scan, cannot belong where they are.

    They start before the end of an indexed chunk that precedes them in the file.
    """
    indexed = records.flags & index.HAS_CRC != 0
    t1_s = np.where(indexed, records.t1_s, -np.inf)
    return ~indexed & (records.t0_s <= np.maximum.accumulate(t1_s))


def row_numbers(records: Records, clock: Floats) -> NDArray[np.int64]:
    """Return the number of the first row of every chunk of one stream.

    Parameters
    ----------
    records
        The stream's sample chunks in file order.
    clock
        The stream's clock rows (time and number of the first row, ...), shape (n, 5);
        a clock row of the same time tells a chunk's number.
    """
    known = records.flags & index.HAS_CRC != 0
    first = records.first_row.copy()
    counted = np.cumsum(records.rows, dtype=np.int64) - records.rows
    clock = _believable(clock)
    if len(clock):
        place = np.searchsorted(clock[:, 0], records.t0_s)
        place = np.minimum(place, len(clock) - 1)
        told = np.flatnonzero(~known & (clock[place, 0] == records.t0_s))
        first[told] = clock[place[told], 1]
        known[told] = True
    # between two known chunks count on: number = rows so far + the last known shift
    anchors = np.flatnonzero(known)
    if not len(anchors):
        return counted
    last = np.searchsorted(anchors, np.arange(len(records)), side="right") - 1
    anchor = anchors[np.maximum(last, 0)]
    return counted + (first - counted)[anchor]


def _believable(clock: Floats) -> Floats:
    """Return the clock rows, in time order, that continue or are continued by another.

    Without checksums a clock row may be damaged itself.
    """
    clock = clock[np.isfinite(clock[:, :3]).all(axis=1)]
    clock = clock[np.argsort(clock[:, 0], kind="stable")]
    first, rows = clock[:, 1], clock[:, 2]
    linked = first[:-1] + rows[:-1] == first[1:]
    shared = np.append(linked, False) | np.insert(linked, 0, False)
    return clock[(shared | (len(clock) == 1)) & (abs(first) < 1 << 52)]
