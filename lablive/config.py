"""TOML files checked against frozen structs: every problem at once, with its line."""

from __future__ import annotations

import re
import tomllib
import types
import typing
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Literal, TypeVar

import msgspec

from lablive.errors import ConfigError
from lablive.structs import from_plain

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

T = TypeVar("T")
Key = tuple[str | int, ...]
Problem = tuple[Key, str]  # where (key path, list positions from 0) and what is wrong

MAX_TOLD = 30  # a file of something else would fill the screen
_TABLE = re.compile(r"^\s*(\[\[?)\s*([^\[\]]+?)\s*\]\]?\s*(#.*)?$")
_ASSIGN = re.compile(r"""^\s*([A-Za-z0-9_."'-]+)\s*=""")


def load_toml(
    path: Path,
    kind: type[T],
    check: Callable[[T], Sequence[str | Problem]] | None = None,
) -> T:
    """Read a TOML file into the struct ``kind``.

    Parameters
    ----------
    path
        The file.
    kind
        A :class:`msgspec.Struct` type; unknown keys are errors.
    check
        Further rules; returns one sentence per problem, or a (key path, sentence)
        pair, which is told with its line.

    Raises
    ------
    ConfigError
        Names the file, each wrong key with its line, and the fix.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        why = (isinstance(error, OSError) and error.strerror) or "it is no UTF-8 text"
        raise ConfigError(
            f"{path}: cannot be read: {why}.",
            todo="Check that the file exists and is a UTF-8 text file.",
        ) from error
    return parse_toml(text, kind, str(path), check)


def parse_toml(
    text: str,
    kind: type[T],
    name: str,
    check: Callable[[T], Sequence[str | Problem]] | None = None,
) -> T:
    """Parse TOML text like :func:`load_toml`; ``name`` stands in messages."""
    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(
            f"{name}: not valid TOML: {error}.", todo="Mend that line."
        ) from error
    found: list[str | Problem] = list(_problems(raw, kind, ()))
    try:  # unknown keys do not stop the rules from being checked as well
        value = from_plain(raw, kind)
    except msgspec.ValidationError as error:
        raise _error(name, found or [str(error)], text) from error
    if check:
        found += check(value)
    if found:
        raise _error(name, found, text)
    return value


def _error(name: str, problems: list[str | Problem], text: str) -> ConfigError:
    lines = _key_lines(text)
    count = "1 problem" if len(problems) == 1 else f"{len(problems)} problems"
    listing = ""
    for problem in problems[:MAX_TOLD]:
        if isinstance(problem, str):
            listing += f"\n  {problem}"
        else:
            listing += f"\n  line {_line_of(problem[0], lines)}: {problem[1]}"
    if len(problems) > MAX_TOLD:
        listing += f"\n  ... and {len(problems) - MAX_TOLD} more"
    return ConfigError(f"{name}: {count}:{listing}")


def _problems(raw: Any, kind: Any, at: Key) -> Iterator[tuple[Key, str]]:
    """Yield (key path, sentence) for everything wrong below ``at``."""
    kind = _concrete(kind, raw)
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        yield from _struct_problems(raw, kind, at)
        return
    origin, args = typing.get_origin(kind), typing.get_args(kind)
    if origin in (list, tuple) and isinstance(raw, list):
        variadic = origin is list or (len(args) == 2 and args[1] is Ellipsis)
        if variadic:
            for index, item in enumerate(raw):
                yield from _problems(item, args[0], (*at, index))
            return
    if origin is dict and isinstance(raw, dict):
        for key, item in raw.items():
            yield from _problems(item, args[1], (*at, key))
        return
    try:
        from_plain(raw, kind)
    except msgspec.ValidationError as error:
        choices = f"; known: {', '.join(map(str, args))}" if origin is Literal else ""
        yield at, f"{_dotted(at)}: {_plain(error, raw)}{choices}"


@lru_cache(maxsize=256)
def _fields(kind: type[msgspec.Struct]) -> dict[str, msgspec.structs.FieldInfo]:
    """Return the fields of a struct by key; asked of many tables of one kind."""
    return {field.encode_name: field for field in msgspec.structs.fields(kind)}


@lru_cache(maxsize=256)
def _hints(kind: type[msgspec.Struct]) -> dict[str, Any]:
    """Return what each field of a struct may hold, by its name."""
    return typing.get_type_hints(kind, include_extras=True)


def _struct_problems(
    raw: Any, kind: type[msgspec.Struct], at: Key
) -> Iterator[tuple[Key, str]]:
    if not isinstance(raw, dict):
        yield at, f"{_dotted(at)}: expected a table, got {raw!r}"
        return
    fields = _fields(kind)
    hints = _hints(kind)
    for key, value in raw.items():
        if key not in fields:
            known = ", ".join(sorted(fields))
            yield (*at, key), f"unknown key {_dotted((*at, key))}; known: {known}"
        else:
            yield from _problems(value, hints[fields[key].name], (*at, key))
    for name, field in fields.items():
        if field.required and name not in raw:
            yield at, f"{_dotted((*at, name))} is missing"


def _concrete(kind: Any, raw: Any) -> Any:
    """Pick the member of a union that a table or list can only mean."""
    if isinstance(kind, types.UnionType) or typing.get_origin(kind) is typing.Union:
        for member in typing.get_args(kind):
            origin = typing.get_origin(member) or member
            is_struct = isinstance(origin, type) and issubclass(origin, msgspec.Struct)
            if isinstance(raw, dict) and is_struct:
                return member
            if isinstance(raw, list) and origin in (list, tuple):
                return member
    return kind


def _plain(error: msgspec.ValidationError, raw: Any) -> str:
    said = str(error).partition(" - at")[0].partition(", got ")[0].replace("`", "")
    return f"{said[0].lower()}{said[1:]}, got {raw!r}"


def _dotted(key: Key) -> str:
    text = ""
    for part in key:
        text += f"[{part + 1}]" if isinstance(part, int) else f".{part}"
    return text.lstrip(".") or "the file"


def _key_lines(text: str) -> dict[Key, int]:
    """Map key paths to line numbers (tomllib keeps none)."""
    lines: dict[Key, int] = {}
    counts: dict[Key, int] = {}
    table: Key = ()
    for number, line in enumerate(text.splitlines(), 1):
        header = _TABLE.match(line)
        if header:
            table = ()
            parts = [part.strip().strip("\"'") for part in header[2].split(".")]
            for depth, part in enumerate(parts, 1):
                table = (*table, part)
                if depth == len(parts) and header[1] == "[[":
                    counts[table] = counts.get(table, -1) + 1
                if table in counts:
                    table = (*table, counts[table])
            lines.setdefault(table, number)
            continue
        assign = _ASSIGN.match(line)
        if assign:
            parts = [part.strip("\"'") for part in assign[1].split(".")]
            lines.setdefault((*table, *parts), number)
    return lines


def _line_of(key: Key, lines: dict[Key, int]) -> int:
    while key and key not in lines:
        key = key[:-1]
    return lines.get(key, 1)
