"""What ``lablive`` does first: without arguments the window opens at once.

The command line with all its commands is loaded only when something is asked of it.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Final, NoReturn

from lablive.errors import ConfigError, LabLiveError
from lablive.live.link import run_dir
from ui.display import has_display
from ui.host_process import begin

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from lablive.signals.montage import Montage

OK: Final = 0
FINDING: Final = 1
WRONG_USE: Final = 2


def open_window(trial: Path | None = None, montage: Montage | None = None) -> int:
    """Open the window, with a trial in it if asked; return the exit code.

    ``montage``: of the room, or of the trial that is opened.

    Raises
    ------
    ConfigError
        There is no display.
    """
    start_host = None
    if has_display():  # the host starts while Qt is being loaded
        start_host = begin(run_dir())
    from ui.app import run_app

    return run_app(trial, montage, start_host)


def end_with(action: Callable[[], int]) -> NoReturn:
    """End the program with what ``action`` returns; errors are one readable message."""
    try:
        sys.exit(action())
    except ConfigError as error:
        sys.stderr.write(f"{error}\n")
        sys.exit(WRONG_USE)
    except LabLiveError as error:
        sys.stderr.write(f"{error}\n")
        sys.exit(FINDING)
    except KeyboardInterrupt:
        sys.exit(130)


def main() -> NoReturn:
    """Open the window, or do what the command line says."""
    if len(sys.argv) > 1:
        from ui import cli

        end_with(cli.app)
    end_with(open_window)


if __name__ == "__main__":
    main()
