"""What goes into the bundle and what does not: packages, libraries, left-outs.

Used by the PyInstaller recipe, by the list of parts and by the tests.
"""

from __future__ import annotations

import ctypes.util
import re
import subprocess
import sys
import tomllib
from fnmatch import fnmatch
from functools import cache
from importlib.metadata import PackageNotFoundError, distribution, requires
from importlib.metadata import version as version_of
from pathlib import Path
from typing import TYPE_CHECKING, Final

from packaging.requirements import Requirement

if TYPE_CHECKING:
    from collections.abc import Iterator

LIBRARY_LIST: Final = Path(__file__).with_name("system_libraries.toml")

# extras that are bundled; "shimmer" is GPL and never is, "validate" is for engineers
EXTRAS: Final = ("c3d", "emg", "ximu3")

# Python packages no program of LabLive needs
LEFT_OUT: Final = [
    "tkinter", "IPython", "matplotlib", "pandas", "pytest", "h5py", "pyshimmer",
    "setuptools", "pip", "readline", "_gdbm", "_dbm", "_curses", "nis", "PyQt5",
    "PyQt6", "OpenGL", "pyqtgraph.opengl", "keyring",
    "pyqtgraph.examples", "pyqtgraph.jupyter", "PySide6.QtQml", "PySide6.QtQuick",
    "PySide6.QtNetwork", "PySide6.QtTest",
]  # fmt: skip

# files, by their place in the bundle: what Qt brings along and nobody uses
UNWANTED: Final = (
    "PySide6/Qt/translations/*", "PySide6/translations/*",
    "PySide6/Qt/qml/*", "PySide6/qml/*",
    "*/plugins/xcbglintegrations/*", "*/plugins/egldeviceintegrations/*",
    "*/plugins/platforms/*eglfs*", "*/plugins/platforms/*vnc*",
    "*/plugins/platforms/*linuxfb*", "*/plugins/platforms/*vkkhr*",
    "*/plugins/platforminputcontexts/*virtualkeyboard*",
    "*/plugins/platformthemes/*gtk3*", "*/plugins/imageformats/*pdf*",
    "*/plugins/networkinformation/*", "*/plugins/tls/*",
    "*/plugins/printsupport/*", "*/plugins/sqldrivers/*",
    "*Qt6Qml*", "*Qt6Quick*", "*Qt6VirtualKeyboard*", "*Qt6Pdf*", "*Qt6EglF*",
    "*Qt6Wl*", "*Qt6Wayland*", "*/plugins/wayland-*", "*/plugins/platforms/*wayland*",
    "*/plugins/platforms/*minimalegl*", "*/plugins/generic/*", "*Qt6Network.*",
    "*Qt6Network", "*opengl32sw.dll", "*d3dcompiler*",
)  # fmt: skip
# of BrainFlow only its own library stays: boards on a serial port. The others belong to
# other makers, under licences of their own
BRAINFLOW_OWN: Final = re.compile(r"(lib)?BoardController(32)?\.(so|dylib|dll)$")

# what Qt opens by name, what PyInstaller leaves to the system. PortAudio is not here:
# that of Debian needs JACK, and JACK a database under the Sleepycat licence.
OPENED_BY_NAME: Final = (
    "EGL", "GL", "GLX", "GLdispatch", "X11", "xcb", "xcb-cursor", "fontconfig",
    "dbus-1",
)  # fmt: skip


def version() -> str:
    """Return the version of LabLive."""
    return version_of("lablive")


def distributions() -> list[str]:
    """Return the Python packages LabLive needs on this system, itself first."""
    return list(_closure())


def _closure() -> dict[str, None]:
    found: dict[str, None] = {}
    open_names = [("lablive", EXTRAS)]
    while open_names:
        name, extras = open_names.pop(0)
        try:
            found[_plain(distribution(name).metadata["Name"])] = None
        except PackageNotFoundError:
            continue  # another system's; an own one would fail at its first import
        for line in requires(name) or ():
            wanted = Requirement(line)
            unused = wanted.name in LEFT_OUT or _plain(wanted.name) in found
            if _applies(wanted, extras) and not unused:
                open_names.append((wanted.name, tuple(wanted.extras)))
    return found


def _applies(wanted: Requirement, extras: tuple[str, ...]) -> bool:
    if wanted.marker is None:
        return True
    return any(wanted.marker.evaluate({"extra": extra}) for extra in ("", *extras))


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def found_by_name() -> list[str]:
    """Return modules that others look up by name, where no import shows it."""
    return ["sqlalchemy.dialects.sqlite", "alembic.ddl.sqlite", "logging.config"]


def libraries() -> list[tuple[str, str]]:
    """Return the system's libraries that are bundled, each with its folder there."""
    found: list[tuple[str, str]] = []
    brainflow = distribution("brainflow").locate_file("brainflow/lib")
    for file in sorted(Path(str(brainflow)).iterdir()):
        if BRAINFLOW_OWN.fullmatch(file.name) and file.suffix == _suffix():
            found.append((str(file), "brainflow/lib"))
    if sys.platform == "linux":
        found += [(str(path), ".") for path in _linux_libraries()]
    return found


def _suffix() -> str:
    return {"win32": ".dll", "darwin": ".dylib"}.get(sys.platform, ".so")


def _linux_libraries() -> Iterator[Path]:
    told = subprocess.run(
        ["/sbin/ldconfig", "-p"], capture_output=True, text=True, check=True
    ).stdout
    line = re.compile(r"^\s*(\S+) \(libc6,x86-64[^)]*\) => (\S+)$", re.MULTILINE)
    places = dict(line.findall(told))
    for name in OPENED_BY_NAME:
        file = ctypes.util.find_library(name)
        if file is None or file not in places:
            sys.exit(f"The library {name} is missing: sh installers/system_packages.sh")
        yield Path(places[file])


def is_wanted(place: str, source: str) -> bool:
    """Tell whether a file belongs into the bundle, by its place there and origin."""
    place = place.replace("\\", "/")
    name = place.rpartition("/")[2]
    if place.startswith("brainflow/lib/"):
        return BRAINFLOW_OWN.fullmatch(name) is not None
    if source.startswith(("/lib", "/usr/lib")):
        return plain_library(name) in system_libraries()
    return not any(fnmatch(place, pattern) for pattern in UNWANTED)


def plain_library(file: str) -> str:
    """Return the name of a library without its versions and marks.

    >>> plain_library("libxcb-cursor.so.0"), plain_library("libudev-56b81fde.so.1.6")
    ('libxcb-cursor', 'libudev')
    """
    return re.sub(r"(-[0-9a-f]{8})+$", "", file.partition(".")[0])


def system_libraries() -> dict[str, dict[str, str]]:
    """Return package and licence of each library of the system that is bundled."""
    return _listed()["system"]


def inner_libraries() -> dict[str, dict[str, str]]:
    """Return package and licence of each library inside a Python package."""
    return _listed()["inside"]


@cache
def _listed() -> dict[str, dict[str, dict[str, str]]]:
    return tomllib.loads(LIBRARY_LIST.read_text("utf-8"))
