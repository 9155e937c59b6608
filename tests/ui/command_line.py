"""The command line as a person types it, in a folder of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from lablive.errors import LabLiveError
from lablive.live.link import LinkClient

OK, FINDING, WRONG_USE = 0, 1, 2
REPO = Path(__file__).resolve().parents[2]
RUN_S = "4"


class Cli:
    """Run ``lablive`` in a folder of its own, without a display."""

    def __init__(self, folder):
        self.folder = folder
        self.run_dir = folder / "run"
        hidden = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
        self.env = {k: v for k, v in os.environ.items() if k not in hidden}
        self.env |= {
            "LABLIVE_RUN": str(self.run_dir),
            "LABLIVE_HOME": str(folder / "library"),
            "COLUMNS": "100",
            "NO_COLOR": "1",
        }

    def __call__(self, *words, code=OK):
        """Return what it printed; stdout and stderr must be free of tracebacks."""
        command = [sys.executable, "-m", "ui.start", *map(str, words)]
        done = subprocess.run(
            command, env=self.env, cwd=REPO, capture_output=True, text=True, timeout=90
        )
        said = done.stdout + done.stderr
        assert "Traceback" not in said, said
        assert code is None or done.returncode == code, said
        if code:
            assert done.stderr.strip() or done.stdout.strip(), "it ended without a word"
        return done

    def end_host(self):
        """End the host that a command has started."""
        try:
            link = LinkClient.connect(self.run_dir)
        except LabLiveError:
            return
        link.post("shutdown")
        link.close()
