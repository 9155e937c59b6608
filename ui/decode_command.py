"""``lablive decode``: captured bytes to rows, by a program of the drivers."""

from __future__ import annotations

import subprocess
from pathlib import Path  # noqa: TC003 - typer reads it
from typing import Annotated

import typer

from lablive.programs import own_program


def decode(
    file: Annotated[
        Path, typer.Option("--in", help="bytes, hexadecimal text, or .raw of a trial")
    ],
    profile: Annotated[
        str, typer.Option(help="profile, its TOML file, or driver; .raw needs none")
    ] = "",
    json_out: Annotated[
        str, typer.Option("--json", help="result file, - for the screen")
    ] = "-",
    messages: Annotated[
        bool, typer.Option("--messages", help="every field of every message")
    ] = False,
    rate: Annotated[
        float, typer.Option(min=0.0, help="rows per second, when the bytes do not tell")
    ] = 0.0,
) -> None:
    """Decode captured bytes with a device profile or driver; exit 1 when none fits."""
    command = own_program("drivers.decode", "--in", str(file))
    command += ["--profile", profile, "--json", json_out, "--rate", str(rate)]
    command += ["--messages"] * messages
    raise typer.Exit(subprocess.run(command, check=False).returncode)
