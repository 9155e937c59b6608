"""What LabLive publishes for other programs: the streams, their rows, who asked.

The app computes results and says what is to be published; only the host knows LSL and
owns the outlets. Nothing published tells who the person is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import msgspec

from lablive.config import load_toml
from lablive.errors import ConfigError
from lablive.names import SIDES, Side

if TYPE_CHECKING:
    from pathlib import Path

SETTINGS_NAME: Final = "lsl.toml"
EVERY_DEVICE: Final = "*"
OWN_ID: Final = "lablive/"  # every source_id that LabLive publishes under begins so
TIME_KIND: Final = "Time"  # such a channel holds times: on the LSL clock when sent


class SharedChannel(msgspec.Struct, frozen=True):
    """One channel: label, unit, kind of quantity, side of the body or ""."""

    label: str
    unit: str = ""
    kind: str = ""
    side: str = ""


class SharedStream(msgspec.Struct, frozen=True):
    """A stream of results; ``text``: one channel of words instead of numbers."""

    name: str
    type: str
    channels: tuple[SharedChannel, ...]
    text: bool = False
    about: str = ""


class SharedRow(msgspec.Struct, frozen=True):
    """One row of a stream at a time of the lab clock; NaN travels as None."""

    stream: str
    t_s: float
    values: tuple[float | None, ...] = ()
    text: str = ""


class SharingReport(msgspec.Struct, frozen=True):
    """What is on the air.

    Attributes
    ----------
    results
        Whether results are published.
    devices
        Ids of the sources whose rows are.
    streams
        Names of all published streams.
    fault
        What a person must know; "" = nothing.
    """

    results: bool = False
    devices: tuple[str, ...] = ()
    streams: tuple[str, ...] = ()
    fault: str = ""


class SharingWish(msgspec.Struct, frozen=True):
    """What the operator wants published: results, and devices by their ids.

    ``devices`` may be ``("*",)``: every device that is no LSL stream itself.
    """

    results: bool = False
    devices: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return self.results or bool(self.devices)


class LslSettings(msgspec.Struct, frozen=True):
    """``lsl.toml`` of the library folder.

    Attributes
    ----------
    share_results
        Publish contacts, strides and metrics.
    share_devices
        Ids of devices to publish, or ``["*"]``.
    machines
        Other computers whose streams are looked for, by address or name.
    """

    share_results: bool = False
    share_devices: tuple[str, ...] = ()
    machines: tuple[str, ...] = ()

    @property
    def wish(self) -> SharingWish:
        """What is to be published."""
        return SharingWish(self.share_results, self.share_devices)


def lsl_settings(library: Path) -> LslSettings:
    """Read ``lsl.toml`` of a library; without one, nothing is published.

    Raises
    ------
    ConfigError
        The file is wrong; names every wrong key with its line.
    """
    path = library / SETTINGS_NAME
    if not path.is_file():
        return LslSettings()
    return load_toml(path, LslSettings, _check_machines)


def parse_wish(text: str) -> SharingWish:
    """Read what a person types: ``results``, ``devices``, ``all`` or device ids.

    >>> parse_wish("results,devices")
    SharingWish(results=True, devices=('*',))

    Raises
    ------
    ConfigError
        A part is empty.
    """
    parts = [part.strip() for part in text.split(",")]
    if not all(parts):
        raise ConfigError(
            f"What to publish on LSL ({text!r}) cannot be understood.",
            todo="Write results, devices, all, or ids of devices with commas between.",
        )
    everything = bool({"devices", "all"} & set(parts))
    named = [part for part in parts if part not in ("results", "devices", "all")]
    return SharingWish(
        results=bool({"results", "all"} & set(parts)),
        devices=(EVERY_DEVICE,) if everything else tuple(named),
    )


def side_in(label: str) -> Side | None:
    """Return the side of the body that a channel's label names.

    >>> side_in("insole_left.pressure.03")
    'left'
    """
    words = label.lower().replace(".", "_").replace(" ", "_").split("_")
    for side in SIDES:
        if side in words:
            return side
    return None


def _check_machines(settings: LslSettings) -> list[str]:
    wrong = [name for name in settings.machines if not _is_machine(name)]
    return [
        f'machines: "{name}" is neither an address nor the name of a computer'
        for name in wrong
    ]


def _is_machine(name: str) -> bool:
    return bool(name) and all(part.isalnum() or part in ".-:_" for part in name)
