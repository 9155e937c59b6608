"""Drivers of devices that need a dialogue or a library: one name each."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Final, Literal, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

    from drivers.base import Driver

Wire = Literal["serial", "network", "none"]


class Dialogue(NamedTuple):
    """A driver by name.

    Attributes
    ----------
    title
        The device as a person calls it; says when something is written into it.
    module, driver, fixed
        Where the driver class is, and options that belong to the name.
    wire
        ``serial``: it is offered for serial ports.
    usb
        USB identities that are this device and no other.
    """

    title: str
    module: str
    driver: str
    wire: Wire
    usb: tuple[tuple[int, int], ...] = ()
    fixed: Mapping[str, str | float | bool] = {}


_SETUP: Final = {"setup": True}

DIALOGUES: Final[dict[str, Dialogue]] = {
    "witmotion": Dialogue("WitMotion", "witmotion", "WitMotionDriver", "serial"),
    "witmotion_setup": Dialogue(
        "WitMotion: set to 200 Hz, 115200 baud (kept in the sensor)",
        "witmotion",
        "WitMotionDriver",
        "serial",
        fixed=_SETUP,
    ),
    "xbus": Dialogue("Xsens / Movella MTi", "xbus", "XbusDriver", "serial"),
    "xbus_setup": Dialogue(
        "Xsens / Movella MTi: set its output (kept in the sensor)",
        "xbus",
        "XbusDriver",
        "serial",
        fixed=_SETUP,
    ),
    "bitalino": Dialogue("BITalino", "bitalino", "BitalinoDriver", "serial"),
    "ftms": Dialogue("Treadmill (FTMS)", "ftms_treadmill", "FtmsTreadmill", "none"),
    "trigno": Dialogue("Delsys Trigno", "trigno", "TrignoDriver", "network"),
    "microphone": Dialogue("Microphone", "audio_input", "AudioInput", "none"),
    "manual_speed": Dialogue(
        "Belt speed by hand", "manual_speed", "ManualSpeed", "none"
    ),
    "brainflow": Dialogue(
        "BrainFlow board", "brainflow_board", "BrainFlowDriver", "serial"
    ),
    "ximu3": Dialogue("x-io x-IMU3", "ximu3_imu", "Ximu3Driver", "serial"),
    "shimmer3": Dialogue("Shimmer3", "shimmer3", "Shimmer3Driver", "serial"),
}


def dialogue_of(driver: str, options: Mapping[str, str | float | bool]) -> str:
    """Return the name that a source asks for; "" when it is none of these.

    A serial port is offered with profiles and with these names in one list, so a
    source may carry the name where a profile's would stand.
    """
    name = str(options.get("profile", "")) if driver == "profile" else driver
    return name if name in DIALOGUES else ""


def make_dialogue(name: str, options: Mapping[str, str | float | bool]) -> Driver:
    """Build a driver; its module and libraries are loaded only now.

    Raises
    ------
    ConfigError
        An option is unknown or wrong.
    """
    known = DIALOGUES[name]
    module = importlib.import_module(f"drivers.{known.module}")
    given = {key: value for key, value in options.items() if key != "profile"}
    return getattr(module, known.driver).from_options({**given, **known.fixed})


def serial_dialogues() -> tuple[str, ...]:
    """Return the names that a serial port can be opened with."""
    return tuple(name for name, known in DIALOGUES.items() if known.wire == "serial")
