"""What is told about bytes of a trial that cannot be trusted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import msgspec

if TYPE_CHECKING:
    from lablive.recording.index import Records

TORN_END: Final = "incomplete chunk at the end: the recording was interrupted or cut"
CUT_OFF: Final = "the file was cut off"


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


def attributed(hole: Damage, records: dict[int, Records]) -> list[Damage]:
    """Return what a hole took, stream by stream, by the row numbers around it.

    Parameters
    ----------
    hole
        Unreadable bytes.
    records
        The readable chunks of every data stream in file order.
    """
    told: list[Damage] = []
    is_known = True
    for stream, mine in records.items():
        before = mine[mine["offset"] < hole.offset][-1:]
        behind = mine[mine["offset"] > hole.offset][:1]
        if not len(before) or not len(behind):
            is_known = False
            continue
        end_row = int(before["first_row"][0] + before["rows"][0])
        rows = int(behind["first_row"][0]) - end_row
        if rows > 0:
            t0_s, t1_s = float(before["t1_s"][0]), float(behind["t0_s"][0])
            told.append(
                msgspec.structs.replace(
                    hole, stream=stream, rows=rows, t0_s=t0_s, t1_s=t1_s
                )
            )
    return told if told and is_known else [*told, hole]
