"""``lablive validate``: our numbers against public recordings, with a bar."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from ui.ending import FINDING, OK
from ui.progress import bar

if TYPE_CHECKING:
    from collections.abc import Sequence


def validate(
    data: Annotated[Path, typer.Option(help="folder of the public recordings")],
    out_file: Annotated[
        Path, typer.Option("--out", help="report; written as .md and .pdf")
    ] = Path("validation"),
    sets: Annotated[
        list[str] | None, typer.Option("--set", help="only this one; repeat")
    ] = None,
    quiet: Annotated[bool, typer.Option("--quiet", help="no progress bar")] = False,
) -> None:
    """Compare our numbers with public recordings; exit 1 when a goal is missed."""
    console = Console(soft_wrap=True, highlight=False, markup=False, emoji=False)
    raise typer.Exit(
        run_validate(data, out_file, sets or (), console=console, quiet=quiet)
    )


def run_validate(
    data: Path, out: Path, names: Sequence[str], *, console: Console, quiet: bool
) -> int:
    """Compare, write both reports, tell where goals were missed.

    Returns
    -------
    int
        0 when every set that is there reaches its goals, else 1.

    Raises
    ------
    LabLiveError
        The data are not there, or the reports cannot be written.
    """
    # scipy and typst wait until somebody asks for them
    from lablive.report.paper import check_folder
    from lablive.validation.paper import places, write_reports
    from lablive.validation.printed import document
    from lablive.validation.run import validate as compare

    text, pdf = places(out)
    check_folder(pdf)
    with bar("validation", quiet=quiet) as shown:
        task = shown.add_task("", total=1.0)
        found = compare(
            data,
            names,
            lambda share, step: shown.update(task, completed=share, description=step),
        )
        told = document(found, date.today())
        shown.update(task, description="writing")
        write_reports(told, out)
    if not quiet:
        _show(told, console)
        console.print(f"Report written to {text} and {pdf}")
    return OK if found.ok else FINDING


def _show(told: dict[str, Any], console: Console) -> None:
    console.print(told["summary"])
    if told["short"]:
        table = Table("not reached", "set", "wanted", "seen", box=None, pad_edge=False)
        for one in told["short"]:
            table.add_row(one["what"], one["set"], one["wanted"], one["seen"])
        console.print(table)
    for one in told["absent"]:
        console.print(f"{one['set']}: {one['why']}")
