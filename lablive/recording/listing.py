"""The records of one file: in memory, or left in its sidecar until all are wanted."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

from lablive.recording import xdf
from lablive.recording.index import NO_STREAM, Records

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from lablive.recording.sidecar import Sidecar


class Listing:
    """Where every chunk lies.

    Parameters
    ----------
    found
        The records of a scanned or damaged file, or the sidecar of a whole one: there
        they stay (30 MB for an hour of a whole lab) until :attr:`records` is asked.

    Attributes
    ----------
    owner
        Whose rows a record holds; NO_STREAM for other chunks, shape (records,).
    is_plain
        True when the sidecar describes the whole file.
    """

    def __init__(self, found: Records | Sidecar) -> None:
        self._sidecar = None if isinstance(found, Records) else found
        self.is_plain = self._sidecar is not None
        if isinstance(found, Records):
            self.records = found
            # one contiguous column, since it is asked often
            self.owner = found.stream.copy()
            self.owner[(found.tag != xdf.SAMPLES) | (found.rows == 0)] = NO_STREAM
        else:
            self.owner = found.owner

    def __len__(self) -> int:
        return len(self.owner)

    @cached_property
    def records(self) -> Records:
        """Every readable chunk in file order."""
        assert self._sidecar is not None  # else set when it was made
        return self._sidecar.everything()

    @cached_property
    def row_counts(self) -> NDArray[np.uint32]:
        """Rows of every record, shape (records,)."""
        return self.records.rows if self._in_memory else self._stored.row_counts()

    @property
    def footers(self) -> set[int]:
        """Streams that have a footer."""
        if self._sidecar is not None:
            return self._sidecar.footers
        records = self.records
        return set(records.stream[records.tag == xdf.STREAM_FOOTER].tolist())

    @property
    def _in_memory(self) -> bool:
        return "records" in self.__dict__

    @property
    def _stored(self) -> Sidecar:
        assert self._sidecar is not None  # asked only while nothing is in memory
        return self._sidecar

    def some(self, places: NDArray[np.integer[Any]]) -> Records:
        """Return a few of the records, by ascending places."""
        if self._in_memory:
            return self.records.pick(places)
        table = self._stored.pick(places)
        records = Records.empty(len(table))
        records.fill(0, table)
        return records

    def columns(
        self, places: NDArray[np.integer[Any]], *names: str
    ) -> tuple[list[int], ...]:
        """Return some properties of a few records, by ascending places."""
        if self._in_memory:
            records = self.records
            return tuple(getattr(records, name)[places].tolist() for name in names)
        table = self._stored.pick(places)
        return tuple(table[name].tolist() for name in names)

    def within(self, stream: int, t0_s: float, t1_s: float) -> NDArray[np.intp] | None:
        """Return the records of a stream that touch a time; None: ask its columns."""
        if self._sidecar is None:
            return None
        places = self._sidecar.within(t0_s, t1_s)
        return places[self.owner[places] == stream]

    def close(self) -> None:
        """Let go of the sidecar."""
        if self._sidecar is not None:
            self._sidecar.close()
