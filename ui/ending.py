"""How every command ends: exit codes, and errors as one readable message."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Final, NoReturn

from lablive.errors import ConfigError, LabLiveError

if TYPE_CHECKING:
    from collections.abc import Callable

OK: Final = 0
FINDING: Final = 1
WRONG_USE: Final = 2


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
