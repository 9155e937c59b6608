"""Which LSL streams there are, and what each says about itself."""

from __future__ import annotations

import socket
from collections import Counter
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import msgspec

from drivers.lsl_groups import stay_in_groups
from drivers.lsl_library import load_lsl, only_this_machine
from drivers.lsl_outlet import own_id
from lablive.errors import DeviceError
from lablive.live.lsl_choices import LslIdentity, remembered
from lablive.live.sharing import OWN_ID, SETTINGS_NAME
from lablive.messages import ChannelInfo, StreamInfo
from lablive.recording.folders import home

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

    What LabLive publishes on this machine is no device and left out.

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
        for stream in _look(lsl, look_s)
        if not stream.source_id().startswith(own_id(""))
    ]
    return sorted(found)


class Match(NamedTuple):
    """The stream that was found, and by what it is known from now on."""

    stream: Any
    wanted: dict[str, str]


def find_stream(lsl: Any, match: Mapping[str, str], stop: threading.Event) -> Match:
    """Return the one stream that fits, looking for about three seconds.

    Of several, the one that a person has chosen before; what LabLive itself publishes
    is meant only when nothing else fits.

    Raises
    ------
    DeviceError
        ``missing``, ``ambiguous`` (with the choices) or ``protocol`` (a stream of
        text).
    """
    chosen = remembered(home(), match)
    fitting: list[Any] = []
    there: list[Any] = []
    for _ in range(_LOOKS):
        fitting = answering(lsl, match)
        others = [it for it in fitting if not it.source_id().startswith(OWN_ID)]
        fitting = others or fitting
        there = [it for it in fitting if identity(it) == chosen]
        if there or (fitting and chosen is None) or stop.is_set():
            break
    wanted = ", ".join(f'{key} "{value}"' for key, value in match.items())
    if not fitting:
        raise DeviceError(
            "missing",
            f"No LSL stream with {wanted}; streams seen: "
            f"{_listing(_look(lsl, _LOOK_S))}.",
            still=_STILL,
            todo="Start its app; a computer besides this one must be named in "
            f'{home() / SETTINGS_NAME}: machines = ["ADDRESS"].',
        )
    if len(there) != 1 and (len(fitting) > 1 or chosen is not None):
        raise _ambiguous(wanted, fitting, chosen)
    found = there[0] if there else fitting[0]
    if found.channel_format() == lsl.cf_string:
        raise DeviceError(
            "protocol",
            f'The stream "{found.name()}" carries text, not numbers.',
            still=_STILL,
            todo="Choose a stream of measurements; mark events in LabLive itself.",
        )
    return Match(found, {**match, **_apart(found, fitting)})


def identity(stream: Any) -> LslIdentity:
    """Return what tells a stream from others."""
    return LslIdentity(
        stream.name(), stream.type(), stream.source_id(), stream.hostname()
    )


def _apart(found: Any, fitting: list[Any]) -> dict[str, str]:
    """Return what tells a stream from the others; no more, for it may come back new."""
    others = [it for it in fitting if it.uid() != found.uid()]
    if not others:
        return {}
    if all(it.hostname() != found.hostname() for it in others):
        return {"hostname": found.hostname()}
    return {"hostname": found.hostname(), "source_id": found.source_id()}


def _ambiguous(
    wanted: str, fitting: list[Any], chosen: LslIdentity | None
) -> DeviceError:
    alike = Counter(identity(stream) for stream in fitting)
    choices = tuple(sorted(who for who, count in alike.items() if count == 1))
    if chosen is None:
        what = f"{len(fitting)} LSL streams have {wanted}: {_listing(fitting)}."
    else:
        what = (
            f"The stream chosen for {wanted} is not there: {chosen.words}. "
            f"There is {_listing(fitting)}."
        )
    todo = "Choose the one you mean; it is remembered."
    if not choices:
        todo = "Nothing tells them apart: give one another name or source_id."
    return DeviceError("ambiguous", what, still=_STILL, todo=todo, choices=choices)


def answering(lsl: Any, match: Mapping[str, str]) -> list[Any]:
    """Return the streams that fit and answer within half a second."""
    return [
        stream
        for stream in _look(lsl, _LOOK_S, _predicate(match))
        if all(getattr(stream, key)() == value for key, value in match.items())
    ]


def _look(lsl: Any, look_s: float, predicate: str = "true()") -> list[Any]:
    """Return the streams that answer, of those computers that are wanted."""
    stay_in_groups()
    # a minimum never reached: wait the whole time, so that a second one is seen
    answers = lsl.resolve_bypred(predicate, _MANY, look_s)
    if not only_this_machine():
        return answers
    here = socket.gethostname()
    return [stream for stream in answers if stream.hostname() == here]


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
    return "; ".join(sorted(identity(it).words for it in streams)) or "none"
