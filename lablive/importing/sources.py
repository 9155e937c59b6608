"""Which kind of file it is, by its content, and who reads it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from lablive.errors import ConfigError
from lablive.importing.c3d import is_c3d, read_c3d
from lablive.importing.fscan import is_fscan, read_fscan
from lablive.importing.imported import Options, unreadable
from lablive.importing.lines import head_of, text_of
from lablive.importing.loadsol import is_loadsol, read_loadsol
from lablive.importing.opensim import (
    is_markers,
    is_storage,
    read_markers,
    read_storage,
)
from lablive.importing.pedar import is_pedar, read_pedar
from lablive.importing.text import read_table
from lablive.importing.xsens_text import is_xsens, read_xsens
from lablive.importing.xsensor import is_xsensor, read_xsensor
from lablive.recording import xdf

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from lablive.importing.imported import Imported, Progress

    Read = Callable[[Path, Options, Progress], Imported]


class Kind(NamedTuple):
    """A kind of file.

    Attributes
    ----------
    name
        In a few words.
    options
        Which options of the operator it uses.
    read
        Its reader.
    """

    name: str
    options: tuple[str, ...]
    read: Read

    def used(self, options: Options) -> Options:
        """Return the options with only those the kind uses."""
        return Options(**{name: getattr(options, name) for name in self.options})


_C3D: Final = Kind("C3D", (), read_c3d)
_TABLE: Final = Kind("table of numbers", Options._fields, read_table)
_TEXTS: Final[tuple[tuple[Callable[[str], bool], Kind], ...]] = (
    (is_loadsol, Kind("novel loadsol", (), read_loadsol)),
    (is_pedar, Kind("novel pedar", (), read_pedar)),
    (is_fscan, Kind("Tekscan F-Scan", (), read_fscan)),
    (is_xsensor, Kind("XSENSOR", (), read_xsensor)),
    (is_markers, Kind("TRC markers", (), read_markers)),
    (is_storage, Kind("OpenSim storage", (), read_storage)),
    (is_xsens, Kind("Xsens MT", ("rate_hz",), read_xsens)),
)
KINDS: Final = (_C3D.name, *(kind.name for _, kind in _TEXTS), _TABLE.name)


def kind_of(path: Path) -> Kind:
    """Tell what a file is, by its first bytes and never by its name.

    Raises
    ------
    RecordingError
        It cannot be read, is empty, or is of no known kind.
    ConfigError
        There is no such file.
    """
    if not path.is_file():
        what = f"{path} is a folder." if path.is_dir() else f"There is no file {path}."
        raise ConfigError(what, todo="Name the files to import.")
    try:
        head = head_of(path)
    except OSError as error:
        why = error.strerror or str(error)
        raise unreadable(path, f"the file cannot be read ({why})") from error
    if not head.strip():
        raise unreadable(path, "the file is empty", todo="Export it again.")
    if head.startswith(xdf.MAGIC):
        todo = "Open it as it is: lablive analyze, lablive replay, lablive verify."
        raise unreadable(path, "this is an XDF recording already", todo=todo)
    if is_c3d(head):
        return _C3D
    text = text_of(head)
    if not text:
        raise unreadable(
            path,
            "this is no kind of file that can be imported",
            todo=f"Kinds: {', '.join(KINDS)}.",
        )
    return next((kind for fits, kind in _TEXTS if fits(text)), _TABLE)


def check_options(kinds: dict[Path, Kind], options: Options) -> None:
    """Refuse options that no file of the import uses.

    Raises
    ------
    ConfigError
        Names the option and what the files are.
    """
    given = [
        name
        for name, value in options._asdict().items()
        if value != Options._field_defaults[name]
    ]
    for name in given:
        if not any(name in kind.options for kind in kinds.values()):
            told = ", ".join(
                f"{path.name}: {kind.name}" for path, kind in kinds.items()
            )
            flag = f"--{name.removesuffix('_hz').replace('_', '-')}"
            flag = flag.replace("--time-column", "--time")
            raise ConfigError(
                f"{flag} is for tables that do not say it themselves ({told}).",
                todo="Leave it out.",
            )
