"""Files of this program are for the log-in that made them, and for nobody else."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


def keep_private() -> None:
    """Make files and folders 0600 and 0700 from now on; programs started here, too.

    On Windows nothing changes: a folder in the user's profile is closed to others.
    """
    os.umask(0o077)


def open_to_others(folder: Path) -> bool:
    """Tell whether other users of this computer can look into a folder."""
    return (
        os.name == "posix" and folder.is_dir() and bool(folder.stat().st_mode & 0o077)
    )
