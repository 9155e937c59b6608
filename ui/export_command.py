"""``lablive export``: a trial or a range of it for other programs."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from lablive.errors import ConfigError
from lablive.programs import own_program
from lablive.recording.folders import home
from ui.ending import OK
from ui.progress import run_worker
from ui.typed import open_lock


def export(
    trial: Annotated[Path, typer.Argument(help="trial file (.xdf)", metavar="T.xdf")],
    to: Annotated[
        Literal["c3d", "csv", "parquet", "sto", "mot", "xdf", "bids"],
        typer.Option(help="format"),
    ],
    out: Annotated[
        Path, typer.Option("--out", help="new file; csv, parquet, bids: new folder")
    ],
    begin: Annotated[
        float | None, typer.Option("--from", help="seconds from the trial's start")
    ] = None,
    end: Annotated[
        float | None, typer.Option("--until", help="seconds from the trial's start")
    ] = None,
    montage: Annotated[
        Path | None, typer.Option(help="montage TOML; default: the trial's own")
    ] = None,
    with_name: Annotated[
        bool, typer.Option("--with-name", help="the person's name goes with it")
    ] = False,
    quiet: Annotated[bool, typer.Option("--quiet", help="no progress bar")] = False,
) -> None:
    """Write a trial as C3D, CSV, Parquet, OpenSim, BIDS, or cut it to a range."""
    if not Path(trial).is_file():
        raise ConfigError(
            f"There is no file {trial}.", todo="Name a trial file (.xdf)."
        )
    if with_name:
        open_lock(home())
    command = own_program("lablive.exporting.export_trial", str(trial))
    command += ["--to", to, "--out", str(out)]
    for name, value in (("--from", begin), ("--until", end), ("--montage", montage)):
        command += [] if value is None else [name, str(value)]
    command += ["--with-name"] if with_name else []
    code = run_worker(command, "export", quiet=quiet)
    if code == OK and not quiet:
        typer.echo(f"{out} written; {trial} was not changed")
    raise typer.Exit(code)
