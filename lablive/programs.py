"""How one part of LabLive starts another: from Python, or from the bundle."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Final

# on Windows a program of the bundle would open a black console window of its own
NO_CONSOLE: Final = int(getattr(subprocess, "CREATE_NO_WINDOW", 0))


def own_program(module: str, *arguments: str) -> list[str]:
    """Return the command line that runs a module of LabLive as a program of its own.

    A bundle has no Python to call: its one executable takes ``-m MODULE`` as Python
    does (installers/bundle_entry.py), and its twin with a console does so where the
    window's own has none (Windows).

    >>> own_program("drivers.host", "--idle-s", "60")[1:]
    ['-m', 'drivers.host', '--idle-s', '60']
    """
    executable = Path(sys.executable)
    if is_bundled():
        executable = executable.with_name(f"lablive{executable.suffix}")
    return [str(executable), "-m", module, *arguments]


def is_bundled() -> bool:
    """Tell whether this program runs from the bundle, without Python beside it."""
    return bool(getattr(sys, "frozen", False))
