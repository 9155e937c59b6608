"""What is wrong with a device that sends, in words: one fault, and what to do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from drivers.base import StreamTally
    from drivers.profile import Profile
    from drivers.profile_decoder import ProfileDecoder

NO_FRAME_S: Final = 1.0  # told before a silent wire is opened again
_RATE_AFTER_S: Final = 2.0
_RATE_TOLERANCE: Final = 0.05
_JUMPS: Final = 10
_LOST_PER_ROW: Final = 50  # more than any device loses that still sends
_DAMAGED: Final = 20
_DAMAGED_SHARE: Final = 0.2
_HUGE: Final = 1e15
_TINY: Final = 1e-20


def wire_fault(
    profile: Profile,
    decoder: ProfileDecoder,
    tally: StreamTally,
    came_bytes: int,
    open_for: Callable[[float], bool],
) -> str:
    """Return the fault that matters most, "" = none.

    Parameters
    ----------
    came_bytes
        Since the wire was opened.
    open_for
        Tells whether it has been open (and settled) for so many seconds.
    """
    stats = decoder.stats
    if not decoder.began:
        return (
            _nothing_fits(profile, decoder, came_bytes) if open_for(NO_FRAME_S) else ""
        )
    counted = profile.counter or profile.clock
    rows = max(tally.rows, _JUMPS)
    if counted and (2 * decoder.jumps > rows or tally.lost > _LOST_PER_ROW * rows):
        return (
            f'"{counted.field}" jumps from frame to frame: its place, type or byte '
            "order in the profile is wrong."
        )
    if stats.checksum_errors > max(_DAMAGED, _DAMAGED_SHARE * stats.frames):
        return (
            f"{stats.checksum_errors} frames came damaged and {stats.frames} whole: "
            "check cable and baud rate; in your own profile checksum and byte order."
        )
    if _looks_swapped(tally):
        return (
            "The numbers are those of the other byte order: change le and be in the "
            "profile."
        )
    if stats.bad_lines and decoder.hint:
        return f"{stats.bad_lines} lines refused: {decoder.hint}."
    if decoder.incomplete_rows:
        return f"{decoder.incomplete_rows} rows have a message missing."
    if decoder.late:
        return f"{decoder.late} datagrams came too late and were left out."
    nominal_hz = tally.info.rate_hz
    rate_hz = tally.status("streaming").rate_hz
    if nominal_hz and rate_hz and open_for(_RATE_AFTER_S):
        off = abs(rate_hz / nominal_hz - 1.0)
        if off > _RATE_TOLERANCE:
            return f"{rate_hz:.0f} rows/s come, {nominal_hz:g} are announced."
    return ""


def _nothing_fits(profile: Profile, decoder: ProfileDecoder, came_bytes: int) -> str:
    if not came_bytes:
        return ""
    why = f" ({decoder.hint})" if decoder.hint else ""
    if profile.transport.type == "serial":
        cause = f"wrong baud rate ({profile.transport.baud}), or another device"
    else:
        cause = "another device, or it is set otherwise"
    return (
        f"{came_bytes} bytes came, but none fits the profile{why}: {cause}. A profile "
        "of your own: check sync, size, checksum and byte order with lablive decode."
    )


def _looks_swapped(tally: StreamTally) -> bool:
    """Tell whether the newest numbers are those of the other byte order.

    No sensor sends 1e20 or 1e-30; four swapped bytes of a float nearly always do.
    """
    kind = np.float32 if tally.info.sample_format == "float32" else np.float64
    size = np.abs(np.frombuffer(tally.newest, kind))
    told = size[np.isfinite(size) & (size > 0)]
    odd = (told > _HUGE) | (told < _TINY)
    return 2 * int(odd.sum()) > len(told) > 0
