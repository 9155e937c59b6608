"""Progress of a worker program as lines of JSON that whoever started it reads."""

from __future__ import annotations

import json
import sys


class ProgressLines:
    """Print ``{"progress": 0.4, "step": "reading"}`` once for every percent or step."""

    def __init__(self) -> None:
        self._told: tuple[int, str] = (-1, "")

    def __call__(self, share: float, step: str) -> None:
        """Tell the share done, 0 to 1, and the step."""
        now = (int(100 * share), step)
        if now != self._told:
            self._told = now
            line = json.dumps({"progress": round(share, 3), "step": step})
            sys.stdout.write(f"{line}\n")
            sys.stdout.flush()
