"""What a person must say of a device before it is opened: its place, its address.

The app asks it (it knows no profiles); the answers become options of the source.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Final, Literal

import msgspec

from drivers.bitalino import INPUTS
from drivers.dialogues import DIALOGUES
from drivers.profile_files import load_profile, profile_names
from drivers.trigno_system import SLOTS

if TYPE_CHECKING:
    from drivers.profile import Profile

Answer = Literal["imu_site", "foot", "muscle", "text"]


class Question(msgspec.Struct, frozen=True):
    """One question.

    Attributes
    ----------
    option
        Option of the source that the answer becomes.
    words
        What is asked.
    answer
        ``imu_site``, ``foot`` and ``muscle`` are chosen from the vocabulary.
    usual
        The answer that is there already.
    required
        Nothing can be opened without it.
    """

    option: str
    words: str
    answer: Answer
    usual: str = ""
    required: bool = False


class NetworkKind(msgspec.Struct, frozen=True):
    """A device that no search finds: its computer is typed in.

    ``driver`` and ``profile`` ("" = none) are what a source is opened as.
    """

    title: str
    driver: str
    profile: str = ""


_WORN: Final = (Question("site", "Worn at", "imu_site"),)
_HOST: Final = Question("host", "Its computer or address", "text", "127.0.0.1", True)
_DIALOGUES: Final[dict[str, tuple[Question, ...]]] = {
    "witmotion": _WORN,
    "witmotion_setup": _WORN,
    "xbus": _WORN,
    "xbus_setup": _WORN,
    "ximu3": _WORN,
    "bitalino": tuple(
        Question(option, f"Input {option.upper()}", "muscle") for option in INPUTS
    ),
    "trigno": (
        _HOST,
        *(
            Question(f"sensor_{number}", f"Sensor {number}", "muscle")
            for number in range(1, SLOTS + 1)
        ),
    ),
}
_BY_NETWORK: Final = {
    "x-io x-IMU3 by Wi-Fi": (
        "ximu3",
        (
            Question("host", "Address of the sensor", "text", "192.168.1.1", True),
            Question("tcp_port", "TCP port", "text", "7000", True),
            *_WORN,
        ),
    ),
}


@cache
def questions() -> dict[str, tuple[Question, ...]]:
    """Return the questions of every profile, dialogue and network kind that has any.

    Network kinds are listed by their title, the others by their name.
    """
    found = {name: profile_questions(load_profile(name)) for name in profile_names()}
    found |= _DIALOGUES
    found[DIALOGUES["trigno"].title] = _DIALOGUES["trigno"]
    found |= {title: asked for title, (_, asked) in _BY_NETWORK.items()}
    for name in profile_names():
        profile = load_profile(name)
        if network := _network_questions(profile):
            found[profile.device.name] = (*network, *profile_questions(profile))
    return {name: asked for name, asked in found.items() if asked}


@cache
def network_kinds() -> tuple[NetworkKind, ...]:
    """Return the devices that are opened by an address."""
    found = [NetworkKind(DIALOGUES["trigno"].title, "trigno")]
    found += [NetworkKind(title, driver) for title, (driver, _) in _BY_NETWORK.items()]
    for name in profile_names():
        profile = load_profile(name)
        if profile.transport.type in ("tcp", "udp"):
            found.append(NetworkKind(profile.device.name, "profile", name))
    return tuple(found)


def profile_questions(profile: Profile) -> tuple[Question, ...]:
    """Return what a profile leaves open: the place of its only stream."""
    streams = profile.streams
    if len(streams) != 1 or streams[0].site:
        return ()
    kind = profile.device.kind
    if kind == "imu":
        return _WORN
    if kind == "insole" and profile.transport.type == "ble_notify":  # one foot a radio
        return (Question("site", "Foot", "foot", required=True),)
    message = profile.message(streams[0].message)
    fields = [message.find(name) for name in streams[0].fields] if message else []
    alone = len(fields) == 1 and fields[0] is not None and fields[0].count == 1
    if kind in ("emg", "emg_envelope") and alone:
        return (Question("site", "Muscle", "muscle"),)
    return ()


def _network_questions(profile: Profile) -> tuple[Question, ...]:
    transport = profile.transport
    port = Question("port", "Port", "text", str(transport.port), required=True)
    if transport.type == "tcp":
        return (msgspec.structs.replace(_HOST, usual=transport.host), port)
    return (port,) if transport.type == "udp" else ()
