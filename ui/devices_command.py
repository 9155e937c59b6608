"""``lablive devices``: what is connected, by a program of its own."""

from __future__ import annotations

import subprocess
from typing import Annotated

import typer

from lablive.programs import own_program


def devices(
    as_json: Annotated[bool, typer.Option("--json", help="machine-readable")] = False,
    bluetooth: Annotated[
        bool, typer.Option("--bluetooth", help="search there, too: 8 s longer")
    ] = False,
) -> None:
    """List what is connected, and the profile that fits."""
    command = own_program("drivers.discovery")
    command += ["--json"] * as_json + ["--bluetooth"] * bluetooth
    raise typer.Exit(subprocess.run(command, check=False).returncode)
