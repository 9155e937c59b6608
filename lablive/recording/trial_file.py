"""One recorded file: its streams, its chunks, and what of it is damaged."""

from __future__ import annotations

import stat
import zlib
from typing import TYPE_CHECKING, Any

import numpy as np

from lablive.errors import RecordingError
from lablive.recording import companions, header, index, xdf
from lablive.recording.damage import CUT_OFF, TORN_END, Damage, attributed
from lablive.recording.header import FileHeader, StreamHeader
from lablive.recording.index import Records
from lablive.recording.listing import Listing
from lablive.recording.numbering import misplaced, needs_clock, row_numbers
from lablive.recording.pages import Pages
from lablive.recording.scan import is_plausible, scan
from lablive.recording.sidecar import open_sidecar, places

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from numpy.typing import NDArray

    from lablive.messages import Floats
    from lablive.recording.sidecar import Sidecar

_UNCHECKED, _GOOD, _BAD = 0, 1, 2
_READ_AT_ONCE = 4096  # records whose columns become Python numbers at a time


class TrialFile:
    """Read one XDF file by its sidecar, by a scan, or both.

    Attributes
    ----------
    listing
        Where every chunk lies (:class:`lablive.recording.listing.Listing`).
    damage
        What was found damaged so far; reading more chunks may find more.
    keep
        False for records whose rows another part of the recording has as well.
    index_note
        Empty, or why not every chunk has a checksum.

    Raises
    ------
    RecordingError
        When the file is no recording at all.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.damage: list[Damage] = []
        self.streams: dict[int, StreamHeader] = {}
        self.file_header = FileHeader({}, "", 1)
        self.index_note = ""
        self._mended: set[int] = set()  # damaged headers that are told already
        self.pages = _open(path)
        sidecar = self._found_sidecar()
        if bytes(self.pages.read(0, 4)) != xdf.MAGIC:
            if sidecar is None:
                raise self._refusal("it does not start as an XDF file")
            self._note(0, 4, "the first bytes are not those of an XDF file")
        found = self._scan_all() if sidecar is None else self._by_sidecar(sidecar)
        if sidecar is not None and not self.streams:  # its disk fails while it is read
            self.index_note = "the index beside the file cannot be read"
            self.damage.clear()
            found = self._scan_all()
        self.listing = Listing(found)
        if not self.streams:
            raise self._refusal("no stream header can be read")
        self.own = any(stream.own for stream in self.streams.values())
        self._owner = self.listing.owner
        self._state = np.zeros(len(self.listing), np.uint8)
        self.keep = np.ones(len(self.listing), bool)
        if not self.listing.is_plain:
            self._number_rows()

    # ------------------------------------------------------------------ open

    def _refusal(self, why: str) -> RecordingError:
        """Return what is told when nothing can be read: of the file, or of its disk."""
        if not self.pages.fault:
            return _no_recording(self.path, why)
        return RecordingError(
            f"{self.path}: the disk does not give it: {self.pages.fault}.",
            todo="Copy the file to another disk and open the copy.",
        )

    def _found_sidecar(self) -> Sidecar | None:
        found = open_sidecar(index.sidecar(self.path))
        if found is None:
            self.index_note = "no index with checksums beside the file"
        elif not found.describes(self.pages):
            self.index_note = "the index beside the file belongs to another file"
            found.close()
            return None
        elif found.dropped:
            self.index_note = f"{found.dropped} damaged entries in the index"
        return found

    def _scan_all(self) -> Records:
        start, end = len(xdf.MAGIC), self.pages.size
        found = scan(self.pages, start, end, self.streams)
        for offset, length in found.holes:
            self._note(offset, length, _hole(offset + length == end))
        self._read_file_header(self.pages.read(start, _header_size(found.records)))
        return found.records

    def _by_sidecar(self, sidecar: Sidecar) -> Records | Sidecar:
        size = self.pages.size
        self._read_headers(sidecar)
        if sidecar.is_plain and sidecar.end == size:
            return sidecar
        records = sidecar.everything()
        sidecar.close()
        is_cut = sidecar.end > size
        if is_cut:
            inside = records.offset + records.length <= size
            self._note_cut(records.pick(~inside))
            records = records.pick(inside)
        pieces = [records]
        for start, end in index.uncovered(records, size):
            found = scan(self.pages, start, end, self.streams)
            pieces.append(found.records)
            for offset, length in found.holes:
                if not (is_cut and offset + length == size):  # told by _note_cut
                    self._note(offset, length, _hole(offset + length == size))
        return records if len(pieces) == 1 else Records.together(pieces)

    def _read_headers(self, sidecar: Sidecar) -> None:
        """Read all headers, each from its copy when the file's own is damaged."""
        for offset, length, crc in places(sidecar.pick(sidecar.heads)):
            data = self.pages.read(offset, length)
            if zlib.crc32(data) != crc:
                copy = sidecar.headers.get(offset)
                if offset + length <= self.pages.size:
                    what = "header damaged" + ("; the index has a copy" if copy else "")
                    self._note(offset, length, what)
                    self._mended.add(offset)
                if copy is None:
                    continue
                data = copy
            head = xdf.read_head(data)
            if head is None or head.tag == xdf.FILE_HEADER:
                self._read_file_header(data)
            elif stream := header.parse_stream_header(data):
                self.streams.setdefault(head.stream, stream)

    def _read_file_header(self, data: xdf.Buffer) -> None:
        self.file_header = header.parse_file_header(data) or self.file_header

    def _number_rows(self) -> None:
        """Give scanned chunks row numbers, and tell which rows the holes took."""
        records = self.records
        if (records.flags & index.HAS_CRC).all():
            return
        for stream in [s.info.id for s in self.data_streams() if self.own]:
            late = self.places(stream)[misplaced(records.pick(self.places(stream)))]
            for place in late.tolist():
                self._blame(place)
            self.drop(late)
        for stream in self.streams:
            places = self.places(stream)
            mine = records.pick(places)
            clock = np.empty((0, companions.CLOCK_COLUMNS))
            if needs_clock(mine) and stream < companions.MAX_STREAMS:
                clock = self.clock(stream)
            records.first_row[places] = row_numbers(mine, clock)
        if self.own:
            holes = [d for d in self.damage if d.stream is None and d.length]
            rest = [d for d in self.damage if d not in holes]
            data_ids = [stream.info.id for stream in self.data_streams()]
            mine = {key: records.pick(self.places(key)) for key in data_ids}
            self.damage = rest + attributed(holes, mine)

    def _note(self, offset: int, length: int, what: str) -> None:
        self.damage.append(
            Damage(offset, length, None, None, None, None, what, self.path.name)
        )

    def _note_cut(self, missing: Records) -> None:
        """Tell, stream by stream, what a shortened file no longer has."""
        missing = missing.pick(missing.tag == xdf.SAMPLES)
        for stream in np.unique(missing.stream):
            lost = missing.pick(missing.stream == stream)
            self.damage.append(
                Damage(
                    self.pages.size, 0, int(stream), int(lost.rows.sum()),
                    float(lost.t0_s[0]), float(lost.t1_s[-1]), CUT_OFF, self.path.name,
                )
            )  # fmt: skip
        if not len(missing):
            self._note(self.pages.size, 0, "the file was cut off behind the last rows")

    # ------------------------------------------------------------------ read

    @property
    def records(self) -> Records:
        """Every readable chunk in file order; 30 MB for an hour of a whole lab."""
        return self.listing.records

    def chunk(self, place: int) -> xdf.Buffer | None:
        """Return the bytes of one record's chunk; None, and noted, when damaged."""
        return next(self.chunks(np.array([place])))

    def chunks(self, places: NDArray[np.integer[Any]]) -> Iterator[xdf.Buffer | None]:
        """Yield what :meth:`chunk` returns for many records."""
        for data, _ in self._counted_chunks(places):
            yield data

    def _counted_chunks(
        self, places: NDArray[np.integer[Any]]
    ) -> Iterator[tuple[xdf.Buffer | None, int]]:
        for start in range(0, len(places), _READ_AT_ONCE):
            yield from self._chunks(places[start : start + _READ_AT_ONCE])

    def _chunks(
        self, places: NDArray[np.integer[Any]]
    ) -> Iterator[tuple[xdf.Buffer | None, int]]:
        names = "offset", "length", "crc", "flags", "rows"
        columns = self.listing.columns(places, *names)
        states = self._state[places].tolist()
        for place, offset, length, crc, flags, rows, state in zip(
            places.tolist(), *columns, states, strict=True
        ):
            data = None if state == _BAD else self.pages.read(offset, length)
            if state == _UNCHECKED and data is not None:
                if flags & index.HAS_CRC:
                    is_good = zlib.crc32(data) == crc
                else:
                    is_good = len(data) == length and self._makes_sense(place, data)
                self._state[place] = _GOOD if is_good else _BAD
                if not is_good:
                    self._blame(place)
                    data = None
            yield data, rows

    def _makes_sense(self, place: int, data: xdf.Buffer) -> bool:
        """Check a chunk without a checksum by what it says."""
        stream = self.streams.get(int(self.records.stream[place]))
        if self.records.tag[place] != xdf.SAMPLES or stream is None:
            return True
        if stream.layout is None:
            return xdf.decode_texts(data, len(stream.info.channels)) is not None
        decoded = xdf.decode_samples(data, stream.layout)
        return decoded is not None and (
            not stream.own or is_plausible(decoded[0], own=True)
        )

    def _blame(self, place: int) -> None:
        records, offset = self.records, int(self.records.offset[place])
        if offset in self._mended:
            return
        stream = int(records.stream[place])
        is_rows = records.tag[place] == xdf.SAMPLES
        what = "the bytes changed after they were written"
        if not records.flags[place] & index.HAS_CRC:
            what = "the time stamps make no sense"
        self.damage.append(
            Damage(
                offset, int(records.length[place]),
                None if stream == index.NO_STREAM else stream,
                int(records.rows[place]),
                float(records.t0_s[place]) if is_rows else None,
                float(records.t1_s[place]) if is_rows else None,
                what, self.path.name,
            )
        )  # fmt: skip

    def rows(
        self, stream: StreamHeader, places: NDArray[np.integer[Any]]
    ) -> Iterator[tuple[Floats, NDArray[np.generic]] | None]:
        """Yield stamps (rows,) and values (rows, channels) of a stream's records.

        As stored: views of the file's bytes, a missing stamp is NaN. None when
        damaged.
        """
        layout = stream.layout
        for data, count in self._counted_chunks(places):
            if data is None or layout is None:
                yield None
            elif stream.own and count * layout.row.itemsize < len(data):
                yield xdf.stamped_rows(data, layout, count)
            else:
                yield xdf.decode_samples(data, layout)

    def texts(self, stream: int) -> list[tuple[float, tuple[str, ...]]]:
        """Return (time, one text per channel) of every row of a string stream."""
        channels = len(self.streams[stream].info.channels)
        found: list[tuple[float, tuple[str, ...]]] = []
        for data in self.chunks(self.places(stream)):
            decoded = None if data is None else xdf.decode_texts(data, channels)
            if decoded is not None:
                found += zip(*decoded, strict=True)
        return found

    def places(self, stream: int) -> NDArray[np.intp]:
        """Return where the samples of a stream stand in ``records``."""
        return np.flatnonzero(self._owner == stream)

    def drop(self, places: NDArray[np.integer[Any]]) -> None:
        """Leave out records whose rows another part of the recording has as well."""
        self.keep[places] = False
        self._owner[places] = index.NO_STREAM

    def good_rows(self, stream: int) -> int:
        """Return the rows of a stream, without those found damaged so far."""
        places = self.places(stream)
        good = self._state[places] != _BAD
        return int(self.listing.row_counts[places][good].sum())

    def clock(self, stream: int) -> Floats:
        """Return the clock rows of a data stream, shape (rows, 6).

        Columns: time of the first row, its number, rows, first counter (NaN without
        one), an arrival in seconds, the row that it belongs to.
        """
        columns = companions.CLOCK_COLUMNS
        companion = self.streams.get(companions.clock_id(stream))
        if (
            not self.own
            or companion is None
            or len(companion.info.channels) != columns - 1
        ):
            return np.empty((0, columns))
        places = self.places(companion.info.id)
        table = np.empty((int(self.listing.row_counts[places].sum()), columns))
        done = 0
        for found in self.rows(companion, places):
            if found is not None:
                behind = done + len(found[0])
                table[done:behind, 0], table[done:behind, 1:] = found
                done = behind
        return table[:done]

    def check_all(self) -> None:
        """Read every chunk, so that ``damage`` tells all there is."""
        for _ in self.chunks(np.flatnonzero(self.keep)):
            pass

    def is_closed(self) -> bool:
        """Tell whether the file ends with the footer of every stream."""
        return set(self.streams) <= self.listing.footers

    def data_streams(self) -> list[StreamHeader]:
        """Return the numeric streams, without LabLive's companions."""
        return [
            stream
            for key, stream in self.streams.items()
            if stream.layout is not None
            and not (self.own and key >= companions.MAX_STREAMS)
        ]

    def close(self) -> None:
        """Close the file."""
        self.pages.close()
        self.listing.close()


def _header_size(records: Records) -> int:
    is_header = len(records) > 0 and records.tag[0] == xdf.FILE_HEADER
    return int(records.length[0]) if is_header else 0


def _hole(at_end: bool) -> str:
    return TORN_END if at_end else "unreadable bytes"


def _open(path: Path) -> Pages:
    try:
        if not stat.S_ISREG(path.stat().st_mode):  # a pipe would let us wait for ever
            raise _no_recording(path, "it is no file")
        pages = Pages(path)
    except OSError as error:
        raise RecordingError(
            f"{path}: cannot be opened: {error.strerror or error}.",
            todo="Check the path and the permissions.",
        ) from error
    if pages.size == 0:
        pages.close()
        raise _no_recording(path, "it is empty")
    return pages


def _no_recording(path: Path, why: str) -> RecordingError:
    return RecordingError(
        f"{path}: this is not a recording: {why}.",
        todo="Choose an .xdf file made by LabLive, LabRecorder or another XDF writer.",
    )
