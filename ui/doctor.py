"""Look at this computer before the runner comes: what works, what does not, the fix."""

from __future__ import annotations

import json
import os
import platform
import shutil
import subprocess
import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING

from lablive.errors import LabLiveError
from lablive.live.link import run_dir
from lablive.private import open_to_others
from lablive.programs import NO_CONSOLE, is_bundled, own_program
from lablive.recording.folders import home
from ui.system_checks import Check, bluetooth, serial_rights, sound_untouched

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

LITTLE_DISK_BYTES = 10e9  # about three hours of the full lab load


def examine() -> list[Check]:
    """Run every check; a check that fails becomes a finding, never a traceback."""
    found: list[Check] = []
    checks: tuple[Callable[[], Iterator[Check]], ...] = (
        _python, _libraries, _folders, _display, _sound, sound_untouched, serial_rights,
        bluetooth, _devices,
    )  # fmt: skip
    for check in checks:
        found += check()
    return found


def _python() -> Iterator[Check]:
    told = f"{platform.python_version()} on {platform.platform()}"
    yield Check("Python", "ok", told)


def _libraries() -> Iterator[Check]:
    for name in ("PySide6-Essentials", "pyqtgraph", "numpy", "pylsl", "pyserial"):
        try:
            found = version(name)
        except PackageNotFoundError:
            again = "Install LabLive" if is_bundled() else "Run make setup"
            yield Check(name, "fault", "not installed", f"{again} again.")
            continue
        bad = name.startswith("PySide6") and found.startswith("6.12.0")
        if bad and sys.version_info < (3, 12):
            todo = 'Install "PySide6-Essentials>=6.11.1,<6.12".'
            yield Check(name, "fault", f"{found} aborts after seconds", todo)
        else:
            yield Check(name, "ok", found)


def _folders() -> Iterator[Check]:
    for name, folder in (("Library", home()), ("Run folder", run_dir())):
        yield _writable(name, folder)
    if open_to_others(home()):
        told = f"other users of this computer can look into {home()}"
        yield Check("Privacy", "note", told, f"chmod -R go-rwx {home()}")
    free = shutil.disk_usage(_existing(home())).free
    told = f"{free / 1e9:.0f} GB free"
    if free < LITTLE_DISK_BYTES:
        yield Check("Disk", "note", told, "Free some space before a long session.")
    else:
        yield Check("Disk", "ok", told)


def _existing(folder: Path) -> Path:
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    return folder


def _writable(name: str, folder: Path) -> Check:
    base = _existing(folder)
    if os.access(base, os.W_OK):
        return Check(name, "ok", str(folder))
    todo = f"Allow yourself to write to {base}, or set LABLIVE_HOME elsewhere."
    return Check(name, "fault", f"{folder} cannot be written", todo)


def _display() -> Iterator[Check]:
    if sys.platform != "linux":
        yield Check("Display", "ok", "the system's own")
        return
    shown = os.environ.get("WAYLAND_DISPLAY") or os.environ.get("DISPLAY")
    if shown:
        yield Check("Display", "ok", shown)
    else:
        todo = "The app needs a display; lablive demo --headless does not."
        yield Check("Display", "note", "none", todo)


def _sound(listed: Path = Path("/proc/asound/pcm")) -> Iterator[Check]:
    """Look for a microphone where the kernel lists them; elsewhere nothing is said."""
    if sys.platform != "linux":
        return
    lines = listed.read_text().splitlines() if listed.exists() else []
    inputs = sum("capture" in line for line in lines)
    if inputs:
        yield Check("Sound inputs", "ok", f"{inputs} found")
    else:
        todo = "Footfall sound then comes from a level meter's stream only."
        yield Check("Sound inputs", "note", "none", todo)


def _devices() -> Iterator[Check]:
    """Ask the device search, a program of its own, so that a bad driver stays there."""
    command = own_program("drivers.discovery", "--json")
    try:
        told = subprocess.run(
            command, capture_output=True, text=True, timeout=30, check=False,
            creationflags=NO_CONSOLE,
        )  # fmt: skip
        found = json.loads(told.stdout)
    except (OSError, subprocess.SubprocessError, ValueError, LabLiveError) as error:
        yield Check("Devices", "fault", f"the search failed: {error}", "Reinstall.")
        return
    ports = found.get("serial", [])
    yield Check("Serial ports", "ok", f"{len(ports)} found")
    for port in ports:
        if port.get("problem"):
            # the board's own ports are there whether anybody uses them or not
            built_in = port["path"].startswith("/dev/ttyS")
            yield Check(port["path"], "note" if built_in else "fault", port["problem"])
    for problem in found.get("problems", []):
        yield Check("LSL", "fault", problem)
    yield Check("LSL streams", "ok", f"{len(found.get('lsl', []))} found")
