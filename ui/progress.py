"""A progress bar for long work, also of a worker process."""

from __future__ import annotations

import json
import os
import subprocess
import sys

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from lablive.library import cipher


def bar(title: str, *, quiet: bool) -> Progress:
    """Return a progress bar that shows only where somebody sits."""
    return Progress(
        TextColumn(title),
        BarColumn(),
        TextColumn("{task.description}"),
        TimeElapsedColumn(),
        console=Console(stderr=True),
        disable=quiet or not sys.stderr.isatty(),
    )


def run_worker(command: list[str], title: str, *, quiet: bool) -> int:
    """Run a worker that prints JSON progress lines; show them as a bar."""
    with (
        bar(title, quiet=quiet) as shown,
        subprocess.Popen(
            command,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, **cipher.handed_on()},
        ) as worker,
    ):
        task = shown.add_task("starting", total=1.0)
        for line in worker.stdout or ():
            try:
                told = json.loads(line)
            except ValueError:
                continue
            shown.update(
                task,
                completed=float(told.get("progress", 0.0)),
                description=str(told.get("step", "")),
            )
        return worker.wait()
