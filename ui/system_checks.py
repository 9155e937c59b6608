"""What the system lets LabLive do: serial ports, unchanged sound, Bluetooth."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

import msgspec

from lablive.programs import NO_CONSOLE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

RULES: Final = "70-lablive.rules"
_RULE_FOLDERS: Final = (Path("/usr/lib/udev/rules.d"), Path("/etc/udev/rules.d"))
_RADIOS: Final = Path("/sys/class/bluetooth")
_SWITCHES: Final = Path("/sys/class/rfkill")
_PORT_GROUPS: Final = ("dialout", "uucp")  # of Debian and most others, of Arch
# what a sound server puts between microphone and programs, by its usual names
_CHANGED: Final = re.compile(r"echo.?cancel|rnnoise|denois|noise.?supp", re.IGNORECASE)
_ASK_S: Final = 3.0


class Check(msgspec.Struct, frozen=True):
    """One thing looked at; ``todo`` is empty when there is nothing to do."""

    name: str
    verdict: Literal["ok", "note", "fault"]
    found: str
    todo: str = ""


def serial_rights(groups: Callable[[], set[str]] | None = None) -> Iterator[Check]:
    """Tell whether serial ports may be opened, also before one is plugged in."""
    name = "Serial rights"
    if sys.platform != "linux":
        return
    if os.geteuid() == 0:
        yield Check(name, "ok", "administrator")
        return
    if any((folder / RULES).is_file() for folder in _RULE_FOLDERS):
        yield Check(name, "ok", "rules of LabLive are installed")
        return
    mine = (groups or _groups)() & set(_PORT_GROUPS)
    if mine:
        yield Check(name, "ok", f"group {', '.join(sorted(mine))}")
        return
    todo = "Type: sudo usermod -aG dialout $USER, then log out and in."
    yield Check(name, "note", "your account is not in the group of the ports", todo)


def _groups() -> set[str]:
    import grp  # not on Windows

    found: set[str] = set()
    for number in {os.getgid(), *os.getgroups()}:
        try:
            found.add(grp.getgrgid(number).gr_name)
        except KeyError:  # a group without a name, as in containers
            continue
    return found


def sound_untouched(ask: Callable[[str], str] | None = None) -> Iterator[Check]:
    """Look for what changes the level of a microphone: gain control, noise removal."""
    name = "Sound changes"
    if sys.platform != "linux":
        where = {
            "win32": "Settings, System, Sound, the microphone: audio enhancements off.",
            "darwin": "Control Centre, Mic Mode: Standard.",
        }.get(sys.platform, "Switch automatic gain and noise suppression off.")
        yield Check(name, "note", "not to be seen from here", where)
        return
    if ask is None and shutil.which("pactl") is None:
        return  # no sound server, nothing between microphone and LabLive
    told = [(ask or _pactl)(what) for what in ("get-default-source", "list modules")]
    if not any(told):
        return  # no server runs
    found = [
        line for text in told for line in text.splitlines() if _CHANGED.search(line)
    ]
    if found:
        todo = "Choose the microphone itself as input in the sound settings."
        yield Check(name, "note", f"the level is changed: {found[0].strip()}", todo)
    else:
        yield Check(name, "ok", "no gain control or noise removal seen")


def _pactl(what: str) -> str:
    words = {"list modules": ("list", "short", "modules")}.get(what, (what,))
    try:
        return subprocess.run(
            ("pactl", *words), capture_output=True, text=True, timeout=_ASK_S,
            check=False, creationflags=NO_CONSOLE,
        ).stdout  # fmt: skip
    except (OSError, subprocess.SubprocessError):
        return ""


def bluetooth(radios: Path = _RADIOS, switches: Path = _SWITCHES) -> Iterator[Check]:
    """Tell whether there is a Bluetooth adapter and whether it is switched on."""
    name = "Bluetooth"
    if sys.platform != "linux":
        return
    there = [p.name for p in radios.iterdir()] if radios.is_dir() else []
    if not any(re.fullmatch(r"hci\d+", one) for one in there):
        todo = "Only devices of Bluetooth need one; a USB adapter will do."
        yield Check(name, "note", "no adapter", todo)
        return
    for switch in sorted(switches.iterdir()) if switches.is_dir() else []:
        if _read(switch / "type") != "bluetooth":
            continue
        if _read(switch / "hard") == "1":
            yield Check(name, "note", "switched off by a key", "Press that key.")
            return
        if _read(switch / "soft") == "1":
            yield Check(name, "note", "switched off", "Type: rfkill unblock bluetooth")
            return
    yield Check(name, "ok", f"{len(there)} found")


def _read(path: Path) -> str:
    try:
        return path.read_text().strip()
    except OSError:
        return ""
