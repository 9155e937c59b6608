"""Where trials lie: the library folder, one folder a session, numbered trials."""

from __future__ import annotations

import os
import re
from datetime import datetime
from pathlib import Path

from platformdirs import user_data_dir

from lablive.errors import ConfigError, RecordingError

_CODE = re.compile(r"[A-Za-z0-9]([A-Za-z0-9._-]{0,38}[A-Za-z0-9_-])?")
# no folder may have these names on Windows
_DEVICES = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)
_TRIAL = re.compile(r"trial-(\d+)")


def home() -> Path:
    """Return the library folder: LABLIVE_HOME or the platform's user-data folder."""
    chosen = os.environ.get("LABLIVE_HOME")
    return Path(chosen) if chosen else Path(user_data_dir("lablive", appauthor=False))


def spill_folder() -> Path:
    """Return where a recording goes on when its own folder fails."""
    return Path(user_data_dir("lablive", appauthor=False)) / "spill"


def check_code(code: str) -> str:
    """Return a pseudonymous person code that is safe as a file name.

    Raises
    ------
    ConfigError
        When it is empty, too long or has other characters.
    """
    if not _CODE.fullmatch(code) or _DEVICES.fullmatch(code):
        raise ConfigError(
            f"The person code {code!r} cannot be used in file names.",
            todo="Use 1 to 40 letters, digits, '.', '_' or '-', no name, no '.' at "
            "the end.",
        )
    return code


def next_trial(library: Path, code: str, when: datetime | None = None) -> Path:
    """Make today's session folder of a person and return its next free trial path.

    Raises
    ------
    RecordingError
        When the folder cannot be made.
    """
    return next_trial_in(session_folder(library, code, when))


def session_folder(library: Path, code: str, when: datetime | None = None) -> Path:
    """Return where the session of a person on a day (None: today) lies."""
    day = (when or datetime.now().astimezone()).strftime("%Y-%m-%d")
    return library / "sessions" / f"{day}_{check_code(code)}"


def next_trial_in(folder: Path) -> Path:
    """Make a session folder and return its next free trial path; see above."""
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        taken = [_TRIAL.match(path.name) for path in folder.iterdir()]
    except OSError as error:
        raise RecordingError(
            f"The session folder {folder} cannot be made ({error.strerror}).",
            still="Live view goes on.",
            todo="Choose another library folder or free this one.",
        ) from error
    last = max((int(found[1]) for found in taken if found), default=0)
    return folder / f"trial-{last + 1:02d}.xdf"
