"""What ``lablive`` does first: without arguments the window opens at once.

The command line with all its commands is loaded only when something is asked of it.
"""

from __future__ import annotations

import sys
from typing import NoReturn

from lablive.private import keep_private
from ui.ending import end_with
from ui.opening import open_window


def main() -> NoReturn:
    """Open the window, or do what the command line says."""
    keep_private()
    if len(sys.argv) > 1:
        from ui import cli

        end_with(cli.app)
    end_with(open_window)


if __name__ == "__main__":
    main()
