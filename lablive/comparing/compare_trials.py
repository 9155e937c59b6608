"""A comparison made in a process of its own with progress on stdout.

``python -m lablive.comparing.compare_trials A [B] --out C.json`` prints one JSON line
per step, ``{"progress": 0.4, "step": "reading trial-01.xdf"}``; exit code 1 and one
message on stderr when there is no result.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from lablive.comparing.comparison import Wanted, compare, comparison_json
from lablive.comparing.curves import CURVES, USUAL
from lablive.errors import LabLiveError, RecordingError
from lablive.progress_lines import ProgressLines
from lablive.whole_file import replace_file

if TYPE_CHECKING:
    from collections.abc import Sequence


def main(arguments: Sequence[str] | None = None) -> int:
    """Compare two trials, or the feet of one; 1 and one message when it fails."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("a")
    parser.add_argument("b", nargs="?")
    parser.add_argument("--out", required=True, type=Path)
    for side in ("a", "b"):
        parser.add_argument(f"--from-{side}", type=float)
        parser.add_argument(f"--until-{side}", type=float)
    parser.add_argument("--curve", action="append", choices=tuple(CURVES))
    given = parser.parse_args(arguments)
    try:
        found = compare(
            Wanted(given.a, given.from_a, given.until_a),
            Wanted(given.b, given.from_b, given.until_b) if given.b else None,
            curves=given.curve or USUAL,
            progress=ProgressLines(),
        )
        _save(given.out, comparison_json(found))
    except LabLiveError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


def _save(out: Path, data: bytes) -> None:
    try:
        replace_file(out, data)
    except OSError as error:
        raise RecordingError(
            f"{out} cannot be written ({error.strerror or error}).",
            still="The trials are as they were.",
            todo="Free some space, or choose another folder.",
        ) from error


if __name__ == "__main__":
    sys.exit(main())
