"""What the device search found, as things that can be connected."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from lablive.live.known_devices import is_typed, key_of
from lablive.messages import SourceSpec
from ui.numbers import counted, day_text, rate_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from lablive.live.known_devices import KnownDevice

_LSL_KEYS: Final = ("name", "type", "source_id", "hostname")
TWINS: Final = (
    "Two streams have this name and nothing tells them apart: give one another name "
    "or a source_id in its program."
)
FITS: Final = " · fits: "
RAW_AUDIO: Final = ("record_raw_audio", "Store the sound itself: speech is heard in it")
TEXT: Final = "Carries text, not numbers: mark events in LabLive itself."


class Offer(NamedTuple):
    """One thing that can be connected.

    Attributes
    ----------
    spec
        What the host is asked to open; without its profile if ``profiles`` are given.
    title, detail
        What it is, in two lines.
    profiles, fits
        Profiles to choose from (serial ports), and the one that fits, "" = unknown.
    problem
        Why it cannot be connected; "" = it can.
    switch
        An option that may be switched on, and its words; "" = none.
    private
        Never ticked by itself: it may hear people, or belong to somebody else.
    known
        How it was opened here before, None = never; it is then ticked by itself.
    maybe
        Nobody can tell whether it is there: its address was typed in.
    """

    spec: SourceSpec
    title: str
    detail: str
    profiles: tuple[str, ...] = ()
    fits: str = ""
    problem: str = ""
    switch: tuple[str, str] = ("", "")
    private: bool = False
    known: KnownDevice | None = None
    maybe: bool = False


def offers(
    found: Mapping[str, Any],
    open_now: Iterable[SourceSpec],
    known: Iterable[KnownDevice] = (),
) -> list[Offer]:
    """Return what can be connected and is not open yet.

    Parameters
    ----------
    found
        The host's answer to ``discover``.
    open_now
        Sources that are open.
    known
        Devices that were connected before.
    """
    before = {device.key: device for device in known}
    is_open = list(open_now)
    made = [_recognised(offer, before) for offer in _found(found, is_open)]
    shut = before.keys() - {key_of(spec) for spec in is_open}
    return [
        *made,
        *(
            _by_address(it)
            for it in before.values()
            if it.key in shut and is_typed(it.spec)
        ),
    ]


def absent(
    listed: Iterable[Offer],
    open_now: Iterable[SourceSpec],
    known: Iterable[KnownDevice],
) -> list[KnownDevice]:
    """Return known devices that are neither open nor found.

    Neither are LSL streams among them, whose programs give new names as they like,
    nor what is opened by an address, which no search finds.
    """
    there = {key_of(spec) for spec in open_now}
    there |= {offer.known.key for offer in listed if offer.known and not offer.maybe}
    return [
        device
        for device in known
        if device.key not in there
        and device.spec.driver != "lsl"
        and not is_typed(device.spec)
    ]


def _by_address(device: KnownDevice) -> Offer:
    where = device.spec.options.get("host") or "this computer"
    detail = f"at {where} · used last on {day_text(device.used)}"
    return Offer(device.spec, device.spec.id, detail, known=device, maybe=True)


def _recognised(offer: Offer, before: Mapping[str, KnownDevice]) -> Offer:
    """Return an offer as it was opened before, if it was."""
    known = before.get(key_of(offer.spec))
    if known is None:
        return offer
    profile = str(known.spec.options.get("profile", ""))
    return offer._replace(
        known=known,
        fits=profile if profile in offer.profiles else offer.fits,
        detail=f"{offer.detail.split(FITS)[0]} · used last on {day_text(known.used)}",
    )


def _found(found: Mapping[str, Any], known: list[SourceSpec]) -> list[Offer]:
    """Return what the search has found and is not open."""
    ports = [port for port in found.get("serial", []) if not _port_open(port, known)]
    streams = [it for it in found.get("lsl", []) if not _stream_open(it, known)]
    profiles = tuple(found.get("profiles", ()))
    every = found.get("lsl", [])  # an open one must be told apart, too
    named = Counter(stream["name"] for stream in every)
    sources = Counter(stream["source_id"] for stream in every)
    alike = Counter(_keys(stream) for stream in streams)
    made = [_port(port, ports, profiles) for port in ports]
    for keys, count in alike.items():
        stream = next(it for it in streams if _keys(it) == keys)
        made.append(
            _stream(
                stream,
                unique_name=named[stream["name"]] == 1,
                unique_source=sources[stream["source_id"]] == 1,
                twins=count > 1,
            )
        )
    made += [
        _microphone(entry)
        for entry in found.get("microphones", [])
        if not _is_open("microphone", "device", entry["name"], known)
    ]
    radio_profiles = tuple(found.get("bluetooth_profiles", ()))
    made += [
        _radio(device, radio_profiles)
        for device in found.get("bluetooth", [])
        if not _is_open("profile", "port", device["address"], known)
    ]
    return made


def _is_open(driver: str, key: str, value: str, known: list[SourceSpec]) -> bool:
    return any(
        spec.driver == driver and spec.options.get(key) == value for spec in known
    )


def _microphone(entry: Mapping[str, Any]) -> Offer:
    name = str(entry["name"])
    title = "Microphone the system has chosen" if name == "default" else name
    return Offer(
        SourceSpec(f"Microphone {name}", "microphone", {"device": name}),
        title,
        "Microphone · sound level at the belt",
        problem=str(entry["problem"]),
        switch=RAW_AUDIO,
        private=True,
    )


def _radio(device: Mapping[str, Any], profiles: tuple[str, ...]) -> Offer:
    name, address = str(device["name"]), str(device["address"])
    fitting = tuple(device["profiles"])
    return Offer(
        SourceSpec(f"{name} ({address})", "profile", {"port": address}),
        name,
        f"Bluetooth · {address} · {device['rssi_dbm']} dBm",
        profiles=(*fitting, *(it for it in profiles if it not in fitting)),
        fits=fitting[0] if len(fitting) == 1 else "",
        private=True,
    )


def _keys(stream: Mapping[str, Any]) -> tuple[Any, ...]:
    return tuple(stream[key] for key in _LSL_KEYS)


def _port_open(port: Mapping[str, Any], known: list[SourceSpec]) -> bool:
    names = (port["path"], port["identity"])
    return any(
        spec.driver == "profile" and spec.options.get("port") in names for spec in known
    )


def _stream_open(stream: Mapping[str, Any], known: list[SourceSpec]) -> bool:
    return any(
        spec.driver == "lsl"
        and bool(spec.options)
        and all(stream.get(key) == value for key, value in spec.options.items())
        for spec in known
    )


def _port(
    port: Mapping[str, Any],
    ports: Sequence[Mapping[str, Any]],
    profiles: tuple[str, ...],
) -> Offer:
    path, identity = str(port["path"]), str(port["identity"])
    title = str(port["description"]) or path
    # the identity finds the device again in another socket
    alone = sum(other["identity"] == identity for other in ports) == 1
    # VID:PID:SERIAL; a serial number may itself hold colons (a MAC address)
    numbered = identity != path and identity.count(":") >= 2
    name = identity if alone and numbered else path
    fitting = tuple(port["profiles"])
    where = path if title != path else "serial port"
    hint = f"{FITS}{', '.join(fitting)}" if fitting else ""
    others = tuple(profile for profile in profiles if profile not in fitting)
    return Offer(
        SourceSpec(f"{title} ({path})", "profile", {"port": name}),
        title,
        where + hint,
        profiles=(*fitting, *others),
        fits=fitting[0] if len(fitting) == 1 else "",
        problem=str(port["problem"]),
    )


def _stream(
    stream: Mapping[str, Any], *, unique_name: bool, unique_source: bool, twins: bool
) -> Offer:
    # a source_id alone finds a stream that was renamed, too
    enough = bool(stream["source_id"]) and unique_source
    options: dict[str, str | float | bool] = {
        key: stream[key]
        for key in (("source_id",) if enough else _LSL_KEYS)
        if stream[key]
    }
    name = str(stream["name"]) or "stream without a name"
    where = str(stream["source_id"] or stream["hostname"])
    rate = rate_text(float(stream["rate_hz"]))
    kind = stream["type"] or "no type"
    channels = counted(int(stream["channels"]), "channel")
    detail = f"{kind} · {channels} · {rate} · {stream['hostname']}"
    problem = "" if stream["usable"] else TEXT
    return Offer(
        SourceSpec(name if unique_name else f"{name} ({where})", "lsl", options),
        name,
        detail,
        problem=TWINS if twins else problem,
    )
