"""Where the bundled program begins: ``lablive ...``, or ``lablive -m MODULE ...``.

A bundle has no Python to call, so its executable runs LabLive's own modules as
``python -m`` does: the host, the workers and the simulators (lablive/programs.py).
Anything else after ``-m`` is refused: the bundle is no Python for other programs.
"""

from __future__ import annotations

import os
import runpy
import sys
from pathlib import Path

OWN = ("drivers", "lablive", "ui")
EXPECTED_WORDS = 3  # the program, -m, a module
SYSTEM_FONTS = Path("/etc/fonts/fonts.conf")


def main() -> None:
    """Run a module of LabLive, or LabLive itself."""
    if sys.stdout is None or sys.stderr is None:  # Windows, a window's program
        nowhere = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115
        sys.stdout = sys.stdout or nowhere
        sys.stderr = sys.stderr or nowhere
    _let_others_be()
    own_fonts = Path(__file__).with_name("fonts.conf")
    if not SYSTEM_FONTS.exists() and own_fonts.exists():  # a bare Linux
        os.environ.setdefault("FONTCONFIG_FILE", str(own_fonts))
    if len(sys.argv) < EXPECTED_WORDS or sys.argv[1] != "-m":
        from ui.start import main as lablive

        lablive()
    module = sys.argv[2]
    if module.partition(".")[0] not in OWN:
        sys.exit(f"{module} is no part of LabLive. Try: lablive --help")
    sys.argv[1:] = sys.argv[3:]
    runpy.run_module(module, run_name="__main__", alter_sys=True)


def _let_others_be() -> None:
    """Keep the bundle's libraries from programs of the system that are asked."""
    for name in ("LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH"):
        before = os.environ.pop(f"{name}_ORIG", None)
        if before:
            os.environ[name] = before
        elif getattr(sys, "frozen", False):
            os.environ.pop(name, None)


if __name__ == "__main__":
    main()
