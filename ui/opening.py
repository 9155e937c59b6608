"""Open the window, the host begun meanwhile."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lablive.live.link import run_dir
from lablive.live.sharing import parse_wish
from ui.display import has_display
from ui.host_process import begin

if TYPE_CHECKING:
    from pathlib import Path

    from lablive.signals.montage import Montage


def open_window(
    trial: Path | None = None,
    montage: Montage | None = None,
    lsl: str | None = None,
) -> int:
    """Open the window, with a trial in it if asked; return the exit code.

    ``montage``: of the room, or of the trial that is opened. ``lsl``: what to publish
    on LSL, None = as ``lsl.toml`` says.

    Raises
    ------
    ConfigError
        There is no display, or ``lsl`` cannot be understood.
    """
    if lsl is not None:
        parse_wish(lsl)  # told here, before a window opens
    start_host = None
    if has_display():  # the host starts while Qt is being loaded
        start_host = begin(run_dir())
    from ui.app import run_app

    return run_app(trial, montage, start_host, lsl)
