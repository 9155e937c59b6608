"""What is told about bytes of a trial that cannot be trusted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import msgspec
import numpy as np

if TYPE_CHECKING:
    from lablive.recording.index import Records

TORN_END: Final = "incomplete chunk at the end: the recording was interrupted or cut"
CUT_OFF: Final = "the file was cut off"
UNREADABLE: Final = "a part of the file cannot be read"


class Damage(msgspec.Struct, frozen=True):
    """Bytes of a trial that cannot be trusted, and the rows lost with them.

    ``stream`` and ``rows`` are None when nobody can know; then more than these rows
    may be missing. Times are those of the nearest good rows.
    """

    offset: int
    length: int
    stream: int | None
    rows: int | None
    t0_s: float | None
    t1_s: float | None
    what: str
    file: str = ""


def attributed(holes: list[Damage], records: dict[int, Records]) -> list[Damage]:
    """Return what holes took, stream by stream, by the row numbers around them.

    Parameters
    ----------
    holes
        Unreadable bytes, in file order.
    records
        The readable chunks of every data stream in file order.
    """
    told: list[Damage] = []
    last_offset = -1
    for hole in holes:
        found: list[Damage] = []
        is_known = True
        for stream, mine in records.items():
            behind = int(np.searchsorted(mine.offset, hole.offset))
            if not 0 < behind < len(mine):
                is_known = False
                continue
            end_row = int(mine.first_row[behind - 1] + mine.rows[behind - 1])
            rows = int(mine.first_row[behind]) - end_row
            if rows > 0 and mine.offset[behind - 1] > last_offset:
                found.append(
                    msgspec.structs.replace(
                        hole,
                        stream=stream,
                        rows=rows,
                        t0_s=float(mine.t1_s[behind - 1]),
                        t1_s=float(mine.t0_s[behind]),
                    )
                )
        told += found if found and is_known else [*found, hole]
        last_offset = hole.offset
    return told
