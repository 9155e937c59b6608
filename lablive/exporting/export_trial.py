"""A trial in another format, made in a process of its own with progress on stdout.

``python -m lablive.exporting.export_trial TRIAL --to c3d --out OUT`` prints one JSON
line per step, ``{"progress": 0.4, "step": "writing"}``; exit code 1 and one message on
stderr when there is no export. Ending it at any time leaves nothing behind.
"""

from __future__ import annotations

import argparse
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal, NamedTuple, get_args

from lablive import journal
from lablive.errors import ConfigError, LabLiveError, LibraryError
from lablive.exporting.bids import write_bids
from lablive.exporting.c3d import write_c3d
from lablive.exporting.opensim import write_mot, write_sto
from lablive.exporting.source import Source, names_of
from lablive.exporting.tables import (
    need_pyarrow,
    write_csv_folder,
    write_parquet_folder,
)
from lablive.exporting.whole import check_place, whole
from lablive.exporting.xdf_cut import write_xdf
from lablive.names import HeaderKey
from lablive.progress_lines import ProgressLines
from lablive.recording.continued import header_texts
from lablive.recording.folders import home
from lablive.recording.replay import Trial
from lablive.signals.montage import load_montage

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from lablive.exporting.source import Progress
    from lablive.exporting.whole import Kind
    from lablive.signals.montage import Montage

Format = Literal["c3d", "csv", "parquet", "sto", "mot", "xdf", "bids"]
FORMATS: Final[tuple[Format, ...]] = get_args(Format)


class _Made(NamedTuple):
    """How a format is written: file or folder, by what, what must be there."""

    kind: Kind
    write: Callable[[Source, Path, Progress], None]
    need: Callable[[], None] | None = None


_MADE: Final[dict[Format, _Made]] = {
    "c3d": _Made("file", write_c3d),
    "csv": _Made("folder", write_csv_folder),
    "parquet": _Made("folder", write_parquet_folder, need_pyarrow),
    "sto": _Made("file", write_sto),
    "mot": _Made("file", write_mot),
    "xdf": _Made("group", write_xdf),
    "bids": _Made("folder", write_bids),
}


def export(
    trial_path: Path,
    form: Format,
    out: Path,
    *,
    from_s: float | None = None,
    until_s: float | None = None,
    montage: Montage | None = None,
    with_name: bool = False,
    progress: Progress = lambda share, step: None,
) -> tuple[str, ...]:
    """Write a trial, or a range of it, in another format (docs/exports.md).

    Returns what is not in it, one sentence each.

    Parameters
    ----------
    trial_path
        The trial (XDF); it is not changed.
    form
        The format.
    out
        New file or folder; whole or not there at all.
    from_s, until_s
        The range, in seconds from the trial's start; None = all.
    montage
        Which channel measures what; None = the trial's own, else the labels.
    with_name
        The person's name from the library goes with it. Otherwise the code alone
        does, and stands for the name wherever a text holds it.
    progress
        Told the share done and the step; what it raises ends the export.

    Raises
    ------
    LabLiveError
        One message: no trial, nothing to write, a library that is missing, no place.
    """
    made = _MADE[form]
    if made.need is not None:
        made.need()
    check_place(out)
    trial = Trial(trial_path)
    try:
        names: tuple[str, ...] = ()
        unread = ""
        try:
            names = names_of(home(), trial.header.get("code", ""))
        except LibraryError as error:
            if with_name:
                raise
            unread = (
                f"Texts were not searched for the person's name: {error.what} Look "
                "through markers before you give the export away."
            )
        if with_name and not names:
            raise ConfigError(
                "The library of this computer knows no name for this trial.",
                still="Nothing was written.",
                todo="Leave --with-name out: the code is exported.",
            )
        source = Source(
            trial,
            from_s,
            until_s,
            montage=montage,
            name="".join(names[:1]) if with_name else "",
            hidden=() if with_name else names,
        )
        with whole(out, made.kind) as place:
            made.write(source, place, progress)
        return tuple(it for it in (unread, *source.told) if it)
    finally:
        trial.close()


def main(arguments: Sequence[str] | None = None) -> int:
    """Export a trial; 1 and one message when there is no export."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("trial", type=Path)
    parser.add_argument("--to", required=True, choices=FORMATS)
    parser.add_argument("--out", required=True, type=Path)
    parser.add_argument("--from", dest="from_s", type=float)
    parser.add_argument("--until", dest="until_s", type=float)
    parser.add_argument("--montage", type=Path)
    parser.add_argument("--with-name", action="store_true")
    given = parser.parse_args(arguments)
    signal.signal(signal.SIGTERM, _stop)
    try:
        told = export(
            given.trial,
            given.to,
            given.out,
            from_s=given.from_s,
            until_s=given.until_s,
            montage=load_montage(given.montage) if given.montage else None,
            with_name=given.with_name,
            progress=ProgressLines(),
        )
        code = (header_texts(given.trial) or {}).get(HeaderKey.CODE, "anonymous")
        shows = "name" if given.with_name else "code"
        journal.handed_on(home(), code, "export", given.out, to=given.to, shows=shows)
    except ConfigError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    except LabLiveError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    except MemoryError:
        sys.stderr.write(
            "The range is too large for the memory of this computer. Nothing was "
            "written. Export a shorter one with --from and --until.\n"
        )
        return 1
    sys.stderr.writelines(f"{it}\n" for it in told)
    return 0


def _stop(number: int, frame: object) -> None:
    """End as Ctrl+C does, so that what was begun is taken away."""
    del number, frame
    raise KeyboardInterrupt


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
