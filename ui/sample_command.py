"""``lablive sample``: a recording to look at, made by the simulated runner."""

from __future__ import annotations

from pathlib import Path  # noqa: TC003 - typer reads it
from typing import Annotated

import typer

from lablive.programs import own_program
from ui.ending import OK
from ui.progress import run_worker


def sample(
    out_file: Annotated[Path, typer.Option("--out", help="new trial file (.xdf)")],
    drill: Annotated[str, typer.Option(help="a set of this drill instead")] = "",
    leg: Annotated[str, typer.Option(help="left or right, of that drill")] = "",
    mistake: Annotated[
        list[str] | None, typer.Option(help='what goes wrong: "3=other foot touched"')
    ] = None,
    quiet: Annotated[bool, typer.Option("--quiet", help="no progress bar")] = False,
) -> None:
    """Make the sample recording: 60 s of the simulated runner, no real person."""
    command = own_program("drivers.sim.sample", "--out", str(out_file))
    if drill:
        wrong = [word for told in mistake or () for word in ("--mistake", told)]
        asked = ("--drill", drill, "--leg", leg, *wrong)
        command = own_program("drivers.sim.drills", "--out", str(out_file), *asked)
    code = run_worker(command, "sample", quiet=quiet)
    if code == OK and not quiet:
        typer.echo(
            f"Sample written to {out_file}. Look at it: lablive replay {out_file}"
        )
    raise typer.Exit(code)
