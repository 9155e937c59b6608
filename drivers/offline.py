"""Decoders of captured bytes: profiles, and drivers whose bytes have framers of theirs.

A dialogue driver learns from the device what it sends. Captured bytes cannot be asked,
so that is worked out from the bytes themselves.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

import msgspec

from drivers.bitalino import BitalinoFramer, bitalino_profile
from drivers.framing import SyncFramer
from drivers.ftms_capture import FtmsFramer, ftms_profile
from drivers.profile_files import load_profile, profile_names
from drivers.trigno_capture import WholeRows, capture_profile, row_size
from drivers.witmotion_frames import ACC, GYRO, QUAT, TIME, Settings, WitFramer
from drivers.witmotion_frames import wit_profile as witmotion_profile
from drivers.xbus_frames import (
    COUNTER,
    DATA,
    FINE_TIME,
    QUANTITIES,
    WIRE,
    XbusFramer,
    content,
    items,
    xbus_profile,
)
from lablive.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from drivers.framing import Framer
    from drivers.profile import Profile

_RATE_HZ: Final = {
    "witmotion": 200.0, "xbus": 100.0, "bitalino": 1000.0,
    "trigno": 2000.0, "trigno_aux": 2 / 0.0135, "ftms": 1.0,
}  # fmt: skip
_SETUP: Final = "_setup"


def profile_of(name: str, pieces: Sequence[bytes], rate_hz: float = 0.0) -> Profile:
    """Return the profile of captured bytes.

    Parameters
    ----------
    name
        A profile's name or file, or a driver of :data:`BY_DRIVER`.
    pieces
        The bytes, which tell what a dialogue driver's device was set to.
    rate_hz
        Rows per second, which such bytes do not tell; 0 = the usual ones.

    Raises
    ------
    ConfigError
        There is no such profile or driver, or the profile is wrong.
    """
    known = name.removesuffix(_SETUP)
    if known in BY_DRIVER and known not in profile_names():
        return BY_DRIVER[known](pieces, rate_hz or _RATE_HZ[known])
    try:
        profile = load_profile(name)
    except ConfigError as error:
        if "There is no device profile" not in error.what:
            raise
        names = ", ".join((*profile_names(), *BY_DRIVER))
        raise ConfigError(
            error.what, todo=f"Use one of {names}, or the path of a TOML file."
        ) from error
    if rate_hz <= 0:
        return profile
    messages = tuple(
        msgspec.structs.replace(m, rate_hz=rate_hz) if m.rate_hz else m
        for m in profile.messages
    )
    return msgspec.structs.replace(profile, messages=messages)


def framer_of(name: str, profile: Profile, *, live: bool) -> Framer | None:
    """Return the framer of a driver's own; None = as the profile says."""
    known = name.removesuffix(_SETUP)
    if known in profile_names():
        return None
    if known == "witmotion":
        return WitFramer(timed=profile.clock is not None, confirm=live)
    if known == "xbus":
        names = profile.streams[0].fields
        origins = tuple(o for o, what in QUANTITIES.items() if what.name in names)
        told = {"counted": profile.counter is not None}
        return XbusFramer(origins, **told, timed=profile.clock is not None)
    if known == "ftms":
        return FtmsFramer(numbered=live)
    if known in ("trigno", "trigno_aux") and not live:
        return WholeRows(row_size(profile))
    if known == "bitalino":
        # counter and two digital inputs stand among the fields of the message
        return BitalinoFramer(len(profile.messages[0].fields) - 3)
    return None


def _witmotion(pieces: Sequence[bytes], rate_hz: float) -> Profile:
    framer = SyncFramer(load_profile("witmotion_wt901").framing, confirm=False)
    seen = {frame.type for frame in framer.feed(pieces, 0.0)}
    sends = frozenset(kind for kind in (TIME, ACC, GYRO, QUAT) if kind in seen)
    return witmotion_profile(Settings(sends, rate_hz))


def _xbus(pieces: Sequence[bytes], rate_hz: float) -> Profile:
    seen: Counter[int] = Counter()
    messages = 0
    for frame in SyncFramer(WIRE, confirm=False).feed(pieces, 0.0):
        parts = items(content(frame.body)) if frame.type == DATA else None
        if parts is not None:
            messages += 1
            seen.update(parts.keys())
    origins = tuple(o for o in QUANTITIES if seen[o])
    if not origins:
        raise ConfigError(
            "These bytes hold no data message of an MTi (MTData2).",
            todo="Check that they are a capture of its data, as bytes.",
        )
    return xbus_profile(
        origins,
        rate_hz,
        counted=seen[COUNTER] == messages,
        timed=seen[FINE_TIME] == messages,
    )


def _trigno(pieces: Sequence[bytes], rate_hz: float) -> Profile:
    return capture_profile(pieces, rate_hz, aux=False)


def _trigno_aux(pieces: Sequence[bytes], rate_hz: float) -> Profile:
    return capture_profile(pieces, rate_hz, aux=True)


def _ftms(pieces: Sequence[bytes], rate_hz: float) -> Profile:
    del pieces
    return ftms_profile(rate_hz)


def _bitalino(pieces: Sequence[bytes], rate_hz: float) -> Profile:
    def frames(inputs: int) -> int:
        return len(BitalinoFramer(inputs).feed(pieces, 0.0))

    # five and six inputs have frames of one size: the sixth is 0 then
    inputs = max(range(6, 0, -1), key=frames)
    return bitalino_profile(tuple(range(1, inputs + 1)), round(rate_hz), {})


BY_DRIVER: Final[dict[str, Callable[[Sequence[bytes], float], Profile]]] = {
    "witmotion": _witmotion,
    "xbus": _xbus,
    "bitalino": _bitalino,
    "trigno": _trigno,
    "trigno_aux": _trigno_aux,
    "ftms": _ftms,
}
