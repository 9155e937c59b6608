"""The sound library behind one lock; every driver that opens sound takes it here.

PortAudio lists devices once, when it begins, and may not be called from two threads
at once. So it begins anew before a microphone is opened, to see what was plugged in;
that is possible only while none is open.
"""

from __future__ import annotations

import contextlib
import threading
from typing import TYPE_CHECKING, Any, Final, TypeVar

from drivers.audio_search import (
    STILL,
    SoundInput,
    SoundOutput,
    listed,
    load_sound,
    loudspeakers,
    same_name,
    sound_inputs,
)
from lablive.errors import DeviceError

if TYPE_CHECKING:
    from collections.abc import Generator

P = TypeVar("P", SoundInput, SoundOutput)

_LOCK_S: Final = 5.0

_lock = threading.Lock()
_open: set[int] = set()  # streams, by id


@contextlib.contextmanager
def sound_alone() -> Generator[Any]:
    """Give :mod:`sounddevice` to one thread; raises DeviceError.

    ``library``: it is missing, or would end this process. ``timeout``: it hangs.
    """
    if not _lock.acquire(timeout=_LOCK_S):
        raise DeviceError(
            "timeout",
            "The sound system does not answer.",
            still=STILL,
            todo="Pull the microphone out and put it in again; else restart LabLive.",
        )
    try:
        yield load_sound()
    finally:
        _lock.release()


def newest_list(sound: Any) -> list[tuple[int, SoundInput]]:
    """Return the inputs with their numbers, looked for again unless a stream is open.

    Call within :func:`sound_alone`.
    """
    return listed(renewed(sound))


def renewed(sound: Any) -> Any:
    """Let the library look for devices again unless a stream is open; return it.

    Call within :func:`sound_alone`.
    """
    if not _open:
        # the library's own way to see what was plugged in (its documentation)
        with contextlib.suppress(sound.PortAudioError):
            sound._terminate()  # noqa: SLF001
        with contextlib.suppress(sound.PortAudioError):
            sound._initialize()  # noqa: SLF001
    return sound


def survives() -> None:
    """Try the sound system in another process first; raises DeviceError."""
    if not _open:
        sound_inputs()


def opened(stream: Any) -> None:
    """Note an open stream, within :func:`sound_alone`."""
    _open.add(id(stream))


def end(stream: Any) -> None:
    """Close a stream, however long it takes; raises DeviceError ``timeout``."""
    with sound_alone():
        try:
            stream.close(ignore_errors=True)
        finally:
            _open.discard(id(stream))


def find_input(
    inputs: list[tuple[int, SoundInput]], wanted: str
) -> tuple[int, SoundInput]:
    """Return the input named ``wanted``; "" = the system's default.

    Raises
    ------
    DeviceError
        ``missing`` or ``ambiguous`` with what there is; ``protocol`` for a microphone
        that cannot measure.
    """
    hits = _hits(inputs, wanted)
    if not hits:
        what = f'microphone "{wanted}"' if wanted else "default microphone"
        names = ", ".join(f'"{found.name}"' for _, found in inputs) or "none"
        raise DeviceError(
            "missing",
            f"There is no {what} (there: {names}).",
            still=STILL,
            todo="Plug it in; it comes back by itself.",
        )
    if len(hits) > 1:
        raise DeviceError(
            "ambiguous",
            f'The microphone "{wanted}" is there {len(hits)} times.',
            still=STILL,
            todo="Choose one by its whole name, with its card number.",
        )
    if hits[0][1].problem:
        raise DeviceError("protocol", hits[0][1].problem, still=STILL)
    return hits[0]


def find_output(sound: Any, wanted: str) -> tuple[int, SoundOutput]:
    """Return the output named ``wanted``; "" = the system's default.

    Raises
    ------
    DeviceError
        ``missing`` or ``ambiguous``, with what there is.
    """
    outputs = loudspeakers(sound)
    hits = _hits(outputs, wanted)
    if len(hits) != 1:
        what = f'loudspeaker "{wanted}"' if wanted else "default loudspeaker"
        names = ", ".join(f'"{found.name}"' for _, found in outputs) or "none"
        raise DeviceError(
            "ambiguous" if hits else "missing",
            f"There is {'more than one' if hits else 'no'} {what} (there: {names}).",
            still="Everything but sound works.",
            todo="Connect one, or choose another in the sound settings.",
        )
    return hits[0]


def _hits(ports: list[tuple[int, P]], wanted: str) -> list[tuple[int, P]]:
    """Return the ports of a name, with or without card number; "" = the default."""
    if not wanted:
        return [port for port in ports if port[1].is_default][:1]
    return [port for port in ports if port[1].name == wanted] or [
        port for port in ports if same_name(port[1].name) == same_name(wanted)
    ]
