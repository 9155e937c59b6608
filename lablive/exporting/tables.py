"""A folder of tables, CSV or Parquet: raw rows per stream, strides, metrics, events.

Units stand in the headers; ``about.json`` says what the tables are (docs/exports.md).
"""

from __future__ import annotations

import csv
import re
from collections import Counter
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, Final, Protocol

import numpy as np

from lablive.errors import LabLiveError
from lablive.exporting import results
from lablive.exporting.results import Column

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from lablive.exporting.source import Progress, Source
    from lablive.messages import StreamInfo

_RAW: Final = 0.6  # share of the time that raw rows take
_ROWS: Final = 1 << 16  # that are written at once


class Write(Protocol):
    """Write pieces of one table to a file; pieces have the same columns."""

    def __call__(self, path: Path, pieces: Iterable[list[Column]]) -> None:
        """Write them."""
        ...


def write_csv_folder(source: Source, folder: Path, progress: Progress) -> None:
    """Write the tables as UTF-8 CSV, missing values as empty cells."""
    _write_all(source, folder, progress, ".csv", write_csv)


def write_parquet_folder(source: Source, folder: Path, progress: Progress) -> None:
    """Write the tables as Parquet; units also in the metadata of each column.

    Raises
    ------
    LabLiveError
        pyarrow is not installed.
    """
    need_pyarrow()
    _write_all(source, folder, progress, ".parquet", write_parquet)


def need_pyarrow() -> None:
    """Raise LabLiveError when pyarrow is not installed."""
    if find_spec("pyarrow") is None:
        raise LabLiveError(
            "Parquet needs the library pyarrow, which is not installed.",
            still="All other formats can be exported; csv holds the same tables.",
            todo='Install it: pip install "lablive[parquet]".',
        )


def _write_all(
    source: Source, folder: Path, progress: Progress, ending: str, write: Write
) -> None:
    progress(0.0, "analysing")
    raw = folder / "raw"
    raw.mkdir()
    count = max(1, len(source.streams))
    for number, (info, name) in enumerate(file_names(source.streams)):
        begin = 0.3 + _RAW * number / count

        def told(share: float, begin: float = begin, name: str = name) -> None:
            progress(begin + share * _RAW / count, f"writing {name}")

        pieces = (
            raw_columns(info, t_s, x)
            for t_s, x in joined(
                (chunk.t_s, chunk.x) for chunk in source.rows(info.id, told)
            )
        )
        write(raw / f"{name}{ending}", _or_empty(pieces, info))
    for name, make in (
        ("strides", results.strides),
        ("metrics", results.metrics),
        ("reps", results.reps),
        ("events", results.events),
        ("markers", results.markers),
    ):
        progress(0.95, f"writing {name}")
        write(folder / f"{name}{ending}", [make(source)])
    (folder / "about.json").write_bytes(source.about_json())


def file_names(streams: Iterable[StreamInfo]) -> list[tuple[StreamInfo, str]]:
    """Return every stream with a file name of its own."""
    streams = list(streams)
    plain = [re.sub(r"[^A-Za-z0-9._-]+", "_", it.name).strip("._") for it in streams]
    plain = [name or f"stream_{it.id}" for it, name in zip(streams, plain, strict=True)]
    held = Counter(name.casefold() for name in plain)
    return [
        (it, name if held[name.casefold()] == 1 else f"{name}_{it.id}")
        for it, name in zip(streams, plain, strict=True)
    ]


def labels_of(info: StreamInfo) -> list[str]:
    """Return the channel labels, numbered where two are the same or empty."""
    held = Counter(info.labels)
    return [
        label if label and held[label] == 1 else f"{label or 'channel'}_{number}"
        for number, label in enumerate(info.labels)
    ]


def raw_columns(info: StreamInfo, t_s: Any, x: Any) -> list[Column]:
    """Return time and channels of some rows, as the file has them."""
    units = (channel.unit for channel in info.channels)
    named = zip(labels_of(info), units, strict=True)
    return [
        Column("t", "s", t_s),
        *(Column(name, unit, x[:, at]) for at, (name, unit) in enumerate(named)),
    ]


def _or_empty(
    pieces: Iterator[list[Column]], info: StreamInfo
) -> Iterator[list[Column]]:
    """Yield the pieces, one without rows when there is none."""
    empty = True
    for piece in pieces:
        empty = False
        yield piece
    if empty:
        none = np.empty((0, len(info.channels)), np.float32)
        yield raw_columns(info, np.empty(0), none)


def joined(pieces: Iterable[tuple[Any, Any]]) -> Iterator[tuple[Any, Any]]:
    """Yield rows in longer pieces: times, shape (rows,), and values."""
    waiting: list[tuple[Any, Any]] = []
    rows = 0
    for piece in pieces:
        waiting.append(piece)
        rows += len(piece[0])
        if rows >= _ROWS:
            yield _together(waiting)
            waiting, rows = [], 0
    if waiting:
        yield _together(waiting)


def _together(pieces: list[tuple[Any, Any]]) -> tuple[Any, Any]:
    return (
        np.concatenate([t_s for t_s, _ in pieces]),
        np.concatenate([x for _, x in pieces]),
    )


# ------------------------------------------------------------------------------- CSV
def write_csv(path: Path, pieces: Iterable[list[Column]]) -> None:
    """Write a table as CSV; numbers so that reading gives the same bits."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        for number, columns in enumerate(pieces):
            if not number:
                writer.writerow([column.header for column in columns])
            if all(column.values.dtype.kind == "f" for column in columns):
                file.write(_number_lines(columns))
            else:
                texts = [_cells(column.values) for column in columns]
                writer.writerows(zip(*texts, strict=True))


def _number_lines(columns: list[Column]) -> str:
    """Return rows of numbers as lines: 9 digits tell a float32, 17 a double."""
    rows = len(columns[0].values)
    formats = ("%.9g" if it.values.dtype == np.float32 else "%.17g" for it in columns)
    line = ",".join(formats) + "\n"
    table = np.column_stack([it.values.astype(np.float64) for it in columns])
    text = (line * rows) % tuple(table.ravel().tolist())
    return text.replace("nan", "") if np.isnan(table).any() else text


def _cells(values: Any) -> list[str]:
    if values.dtype.kind == "f":
        return ["" if it != it else repr(it) for it in values.tolist()]
    if values.dtype.kind == "b":
        return ["true" if it else "false" for it in values.tolist()]
    return [str(it) for it in values.tolist()]


# --------------------------------------------------------------------------- Parquet
def write_parquet(path: Path, pieces: Iterable[list[Column]]) -> None:
    """Write a table as Parquet, NaN kept as NaN."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    writer = schema = None
    try:
        for columns in pieces:
            arrays = [
                pa.array(it.values.tolist(), pa.string())
                if it.values.dtype.kind == "O"
                else pa.array(it.values)
                for it in columns
            ]
            if writer is None:
                fields = (
                    pa.field(it.header, array.type, metadata={"unit": it.unit})
                    for it, array in zip(columns, arrays, strict=True)
                )
                schema = pa.schema(list(fields))
                writer = pq.ParquetWriter(path, schema)
            writer.write_table(pa.table(arrays, schema=schema))
    finally:
        if writer is not None:
            writer.close()
