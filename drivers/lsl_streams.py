"""Which LSL streams there are, and what each says about itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import msgspec

from drivers.lsl_library import load_lsl
from lablive.errors import DeviceError
from lablive.messages import ChannelInfo, StreamInfo

if TYPE_CHECKING:
    import threading
    from collections.abc import Mapping

_LOOK_S: Final = 0.5
_LOOKS: Final = 5
_MANY: Final = 1024
_STILL: Final = "Other devices and the recording go on."


class LslFound(msgspec.Struct, frozen=True, order=True):
    """An LSL stream that answers; ``usable`` is False for streams of text."""

    name: str
    type: str
    channels: int
    rate_hz: float
    source_id: str
    hostname: str
    usable: bool


def lsl_streams(look_s: float = _LOOK_S) -> list[LslFound]:
    """Return the LSL streams that answer within ``look_s`` seconds, by name.

    Raises
    ------
    DeviceError
        ``library``: LSL is not installed.
    """
    lsl = load_lsl()
    found = [
        LslFound(
            name=stream.name(),
            type=stream.type(),
            channels=stream.channel_count(),
            rate_hz=stream.nominal_srate(),
            source_id=stream.source_id(),
            hostname=stream.hostname(),
            usable=stream.channel_format() != lsl.cf_string,
        )
        for stream in lsl.resolve_streams(look_s)
    ]
    return sorted(found)


def find_stream(lsl: Any, match: Mapping[str, str], stop: threading.Event) -> Any:
    """Return the one stream that fits, looking for about three seconds.

    Raises
    ------
    DeviceError
        ``missing``, ``ambiguous`` or ``protocol`` (a stream of text).
    """
    fitting: list[Any] = []
    for _ in range(_LOOKS):
        fitting = answering(lsl, match)
        if fitting or stop.is_set():
            break
    wanted = ", ".join(f'{key} "{value}"' for key, value in match.items())
    if not fitting:
        raise DeviceError(
            "missing",
            f"No LSL stream with {wanted}; streams seen: "
            f"{_listing(lsl.resolve_streams(_LOOK_S))}.",
            still=_STILL,
            todo="Start its app; for another machine set LABLIVE_LSL_SCOPE=link.",
        )
    if len(fitting) > 1:
        raise DeviceError(
            "ambiguous",
            f"{len(fitting)} LSL streams have {wanted}: {_listing(fitting)}.",
            still=_STILL,
            todo="Name the one you mean by its source_id or hostname as well.",
        )
    if fitting[0].channel_format() == lsl.cf_string:
        raise DeviceError(
            "protocol",
            f'The stream "{fitting[0].name()}" carries text, not numbers.',
            still=_STILL,
            todo="Choose a stream of measurements; mark events in LabLive itself.",
        )
    return fitting[0]


def answering(lsl: Any, match: Mapping[str, str]) -> list[Any]:
    """Return the streams that fit and answer within half a second."""
    # a minimum never reached: wait the whole time, so that a second one is seen
    answers = lsl.resolve_bypred(_predicate(match), _MANY, _LOOK_S)
    return [
        stream
        for stream in answers
        if all(getattr(stream, key)() == value for key, value in match.items())
    ]


def stream_info(lsl: Any, whole: Any, counter_bits: int) -> StreamInfo:
    """Return what a stream says of itself, from its full description.

    Labels that are missing become ``ch1``, ``ch2`` ...
    """
    count = whole.channel_count()
    channels = whole.desc().child("channels").child("channel")
    listed: list[ChannelInfo] = []
    for number in range(1, count + 1):
        label, unit, kind = (
            "" if channels.empty() else channels.child_value(key)
            for key in ("label", "unit", "type")
        )
        listed.append(ChannelInfo(label or f"ch{number}", unit, kind))
        if not channels.empty():
            channels = channels.next_sibling("channel")
    acquisition = whole.desc().child("acquisition")
    maker = (acquisition.child_value(key) for key in ("manufacturer", "model"))
    narrow = (lsl.cf_float32, lsl.cf_int16, lsl.cf_int8)
    return StreamInfo(
        id=0,
        name=whole.name(),
        type=whole.type(),
        rate_hz=float(whole.nominal_srate()),
        channels=tuple(listed),
        source_id=whole.source_id(),
        hostname=whole.hostname(),
        device=" ".join(word for word in maker if word),
        sample_format="float32" if whole.channel_format() in narrow else "double64",
        counter_bits=counter_bits,
    )


def _predicate(match: Mapping[str, str]) -> str:
    """Return the XPath that the streams themselves check, so that few answer."""
    parts: list[str] = []
    for key, value in match.items():
        quote = '"' if "'" in value else "'"
        if quote not in value:
            parts.append(f"{key}={quote}{value}{quote}")
    return " and ".join(parts) or "true()"


def _listing(streams: list[Any]) -> str:
    told = [
        f'"{s.name()}" (type {s.type() or "-"}, source_id {s.source_id() or "-"}, '
        f"host {s.hostname()})"
        for s in streams
    ]
    return "; ".join(sorted(told)) or "none"
