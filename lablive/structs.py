"""JSON and plain data to structs, from any thread.

msgspec looks at a type when it first meets it. Two threads that meet one at the same
time end the process (segmentation fault, msgspec 0.22), and the host has a thread per
device and per app. So every type is looked at under one lock; ruff forbids the calls
of msgspec that would go past it.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec

if TYPE_CHECKING:
    from msgspec.json import Decoder  # noqa: TID251

T = TypeVar("T")

_lock = threading.Lock()
_decoders: dict[Any, Decoder[Any]] = {}


def from_json(text: bytes | str, kind: type[T]) -> T:
    """Read JSON text as ``kind``.

    Raises
    ------
    msgspec.DecodeError
        It is no JSON, or not of this kind.
    """
    return _decoder(kind).decode(text)


def from_msgpack(data: bytes, kind: type[T]) -> T:
    """Read MessagePack as ``kind``: unlike JSON it keeps NaN and every bit.

    Raises
    ------
    msgspec.DecodeError
        It is none, or not of this kind.
    """
    with _lock:
        decoder = msgspec.msgpack.Decoder(kind)
    return decoder.decode(data)


def from_plain(raw: Any, kind: type[T], *, strict: bool = True) -> T:
    """Turn tables, lists, texts and numbers into ``kind``.

    Parameters
    ----------
    raw
        What a TOML or JSON reader returned.
    kind
        The type wanted.
    strict
        False: texts may stand for numbers.

    Raises
    ------
    msgspec.ValidationError
        It is not of this kind.
    """
    _decoder(kind)
    return msgspec.convert(raw, kind, strict=strict)  # noqa: TID251


def _decoder(kind: type[T]) -> Decoder[T]:
    found = _decoders.get(kind)
    if found is None:
        with _lock:
            made = msgspec.json.Decoder(kind)  # noqa: TID251
            found = _decoders.setdefault(kind, made)
    return found
