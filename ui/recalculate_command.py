"""``lablive recalculate``: other thresholds or calibration, a new result each time."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from lablive.errors import ConfigError
from ui.ending import OK
from ui.progress import bar

# no markup: reasons may hold brackets
_out = Console(soft_wrap=True, highlight=False, markup=False, emoji=False)


def recalculate(
    trial: Annotated[Path, typer.Argument(help="trial file (.xdf)", metavar="T.xdf")],
    bands: Annotated[
        Path | None, typer.Option(help="own metrics.toml; default: the program's")
    ] = None,
    calibration: Annotated[
        Path | None, typer.Option(help="made by calibrate; default: the trial's own")
    ] = None,
    montage: Annotated[
        Path | None, typer.Option(help="montage TOML; default: the trial's own")
    ] = None,
    reason: Annotated[str, typer.Option(help="why")] = "",
    listed: Annotated[
        bool, typer.Option("--list", help="list the results there are")
    ] = False,
    quiet: Annotated[bool, typer.Option("--quiet", help="no progress bar")] = False,
) -> None:
    """Work a trial out anew; the dated result lies beside it, the trial stays."""
    from lablive.calibrating.record import load_record
    from lablive.recalculation import read_result, recalculate, results_beside
    from lablive.signals.montage import load_montage

    trial = Path(trial)
    if not trial.is_file():
        raise ConfigError(
            f"There is no file {trial}.", todo="Name a trial file (.xdf)."
        )
    if listed:
        for path in results_beside(trial):
            found = read_result(path)
            _out.print(f"{path.name}  {found.made_at}  {found.reason}".rstrip())
        raise typer.Exit(OK)
    calibrated = load_record(calibration).calibrations if calibration else None
    laid = load_montage(montage) if montage else None
    with bar("recalculation", quiet=quiet) as shown:
        task = shown.add_task("reading", total=1.0)
        out = recalculate(
            trial,
            montage=laid,
            calibrations=calibrated,
            bands=bands,
            reason=reason,
            progress=lambda share: shown.update(task, completed=share),
        )
    found = read_result(out)
    for it in found.verdicts:
        if it.verdict != it.usual:
            _out.print(
                f"{it.metric}, {it.side}: {it.value:.4g} {it.unit} is "
                f"{it.verdict or 'not judged'} (by the program's bands "
                f"{it.usual or 'not judged'})"
            )
    _out.print(f"{out} written; {trial} was not changed")
