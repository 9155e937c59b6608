"""Foreign files into one trial: read, given roles, written."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from functools import partial
from typing import TYPE_CHECKING, Final

import msgspec

from lablive import __version__
from lablive.errors import ConfigError
from lablive.importing.imported import (
    NO_OPTIONS,
    ImportedStream,
    Options,
    unreadable,
)
from lablive.importing.sources import check_options, kind_of
from lablive.importing.storing import exists, write_trial
from lablive.importing.template import free_roles, montage_template
from lablive.importing.together import together
from lablive.messages import StreamInfo
from lablive.names import HeaderKey
from lablive.signals.auto_montage import auto_montage
from lablive.signals.binding import bind, fits
from lablive.signals.montage import SCHEMA, Montage, to_toml

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from lablive.importing.imported import Imported, Progress
    from lablive.importing.sources import Kind
    from lablive.importing.together import Everything

    Tell = Callable[[float, str], None]  # share done, what is being done

_READ: Final = 0.7  # share of the time that reading takes


class ImportReport(msgspec.Struct, frozen=True):
    """What an import made of the files.

    Attributes
    ----------
    kinds
        File name -> what it was.
    streams, rows
        Streams of the trial, and how many rows each got.
    markers
        Number of events.
    roles
        Role -> name of the stream that feeds it.
    notes
        What a reader must know, one sentence each.
    free
        Roles that nothing feeds, by site; only when nothing has a role.
    template
        A montage to start from; only when nothing has a role.
    """

    kinds: dict[str, str]
    streams: tuple[StreamInfo, ...]
    rows: tuple[int, ...]
    markers: int
    roles: dict[str, str]
    notes: tuple[str, ...]
    free: tuple[str, ...] = ()
    template: str = ""


def import_trial(
    paths: Sequence[Path],
    out: Path,
    *,
    montage: Montage | None = None,
    options: Options = NO_OPTIONS,
    code: str = "",
    progress: Tell = lambda share, step: None,
) -> ImportReport:
    """Bring foreign files into one new trial.

    Times stay those of the files; Unix time stamps become seconds since the first
    row. Values stay as they are, missing ones are NaN.

    Parameters
    ----------
    paths
        One file, or several of one recording whose times are on one clock.
    out
        The trial to write; complete or not there at all.
    montage
        Which channel measures what; None = what the files themselves say.
    options
        Time axis of tables that do not say it.
    code
        Pseudonymous person code.
    progress
        Told the share done and the step.

    Raises
    ------
    RecordingError
        A file cannot be read, or the trial cannot be written.
    ConfigError
        A file is not there or the trial is, the montage fits nothing, or a time axis
        is not known.
    """
    _check_place(out)
    paths = list(dict.fromkeys(paths))
    if not paths:
        raise ConfigError("No file was given.", todo="Name what is to be imported.")
    kinds = {path: kind_of(path) for path in paths}
    check_options(kinds, options)
    found: list[Imported] = []
    for number, (path, kind) in enumerate(kinds.items()):
        told = partial(_tell, progress, path.name, number, len(kinds))
        found.append(_read(kind, path, options, told))
    everything = together(paths, found)
    streams, chosen = _with_montage(everything, montage, paths)
    header = {
        HeaderKey.CODE.value: code,
        HeaderKey.SOFTWARE.value: f"LabLive {__version__}",
        HeaderKey.SOURCE.value: _sources(paths),
        HeaderKey.STARTED.value: everything.started,
        HeaderKey.MONTAGE.value: to_toml(chosen) if chosen else "",
    }
    write_trial(
        out,
        {key: text for key, text in header.items() if text},
        streams,
        everything.markers,
        lambda share: progress(_READ + (1 - _READ) * share, "writing"),
    )
    return _report(kinds, streams, everything, chosen)


def _read(kind: Kind, path: Path, options: Options, progress: Progress) -> Imported:
    try:
        return kind.read(path, kind.used(options), progress)
    except MemoryError as error:
        what = "it is too large for the memory of this computer"
        raise unreadable(path, what, todo="Split it.") from error
    except UnicodeError as error:
        what = f"its text is damaged ({error})"
        raise unreadable(path, what, todo="Save it again as UTF-8.") from error
    except OSError as error:
        why = error.strerror or str(error)
        raise unreadable(path, f"the file cannot be read ({why})") from error


def _tell(progress: Tell, name: str, number: int, count: int, share: float) -> None:
    progress(_READ * (number + share) / count, f"reading {name}")


def _check_place(out: Path) -> None:
    if out.exists():
        raise exists(out)
    if not out.parent.is_dir():
        raise ConfigError(
            f"{out}: the folder does not exist.", todo="Make it, or choose another."
        )


def _sources(paths: Sequence[Path]) -> str:
    """Return names and hashes of the files, as JSON."""
    told: list[dict[str, str]] = []
    for path in paths:
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        told.append({"name": path.name, "sha256": digest})
    return json.dumps(told, ensure_ascii=False)


# -------------------------------------------------------------------- montage


def _with_montage(
    everything: Everything, given: Montage | None, paths: Sequence[Path]
) -> tuple[list[ImportedStream], Montage | None]:
    """Return the streams as the montage calls them, and the montage to store."""
    streams = everything.streams
    infos = [stream.info for stream in streams]
    if given is None:
        return streams, _own_montage(everything, infos)
    streams = _adopted(streams, given)
    infos = [stream.info for stream in streams]
    binding = bind(given, infos, strict=False)
    if not binding.sources:
        there = "; ".join(f'name "{i.name}", type "{i.type}"' for i in infos)
        wanted = "; ".join(rule.match.describe() for rule in given.streams)
        raise ConfigError(
            f"The montage {given.name or ''} fits no stream of"
            f" {', '.join(path.name for path in paths)}: it wants {wanted}; there"
            f" are {there}.",
            still="No trial was written.",
            todo="Correct its match, or leave --montage out to see a template.",
        )
    if binding.missing:
        everything.notes.append(
            f"The montage also names {', '.join(binding.missing)}: not in these files."
        )
    return streams, given


def _adopted(streams: list[ImportedStream], given: Montage) -> list[ImportedStream]:
    """Call tables what the montage calls them.

    A table has no name but its file's and no type: a lone one is what a montage for
    one stream means, any other is what a rule means that gives its file's name.
    """
    matches = [rule.match for rule in given.streams]
    lone = len(streams) == len(matches) == 1
    found: list[ImportedStream] = []
    for stream in streams:
        info = stream.info
        named = [match for match in matches if lone or match.name == info.name]
        if info.type == "Table" and len(named) == 1 and not fits(named[0], info):
            keys = {key: getattr(named[0], key) for key in named[0].__struct_fields__}
            info = msgspec.structs.replace(
                info, **{key: value for key, value in keys.items() if value}
            )
        found.append(ImportedStream(info, stream.timing, stream.x, stream.counter))
    return found


def _own_montage(everything: Everything, infos: list[StreamInfo]) -> Montage | None:
    """Return what the formats and the labels say themselves; None = nothing."""
    rules = [rule for one in everything.proposals for rule in one.streams]
    others = [i for i in infos if not any(fits(rule.match, i) for rule in rules)]
    try:
        rules += auto_montage(others).streams
    except ConfigError as error:
        everything.notes.append(str(error))
    counts = Counter(channel.role for rule in rules for channel in rule.channels)
    twice = [role for role, count in counts.items() if count > 1]
    if twice or not rules:
        if twice:
            everything.notes.append(
                f"Several streams bring {', '.join(twice)}: none was given a role."
            )
        return None
    names = [one.name for one in everything.proposals] or ["from the stream labels"]
    chosen = Montage(SCHEMA, tuple(rules), name=", ".join(dict.fromkeys(names)))
    try:
        bind(chosen, infos)
    except ConfigError as error:  # two equal files: a montage must tell them apart
        everything.notes.append(str(error))
        return None
    return chosen


def _report(
    kinds: dict[Path, Kind],
    streams: Sequence[ImportedStream],
    everything: Everything,
    chosen: Montage | None,
) -> ImportReport:
    infos = tuple(stream.info for stream in streams)
    roles: dict[str, str] = {}
    if chosen is not None:
        by_id = {info.id: info.name for info in infos}
        sources = bind(chosen, infos, strict=False).sources
        roles = {role: by_id[source.stream] for role, source in sources.items()}
    lost = [
        f"{s.info.name}: {sum(one.rows for one in s.timing.lost)} rows are missing in"
        f" {len(s.timing.lost)} places ({s.timing.lost[0].why})."
        for s in streams
        if s.timing.lost
    ]
    return ImportReport(
        kinds={path.name: kind.name for path, kind in kinds.items()},
        streams=infos,
        rows=tuple(len(stream.x) for stream in streams),
        markers=len(everything.markers),
        roles=roles,
        notes=(*everything.notes, *lost),
        free=() if roles else tuple(free_roles(())),
        template="" if roles else montage_template(infos, next(iter(kinds)).stem),
    )
