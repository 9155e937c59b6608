"""``lablive compare``: two ranges, trials or sessions, or the feet of one."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from lablive.errors import ConfigError
from ui.ending import OK
from ui.progress import bar

if TYPE_CHECKING:
    from lablive.comparing.comparison import Comparison, StretchTold

# no markup: names of trials may hold brackets
_out = Console(soft_wrap=True, highlight=False, markup=False, emoji=False)


def compare(
    trials: Annotated[
        list[Path],
        typer.Argument(
            help="then and now: trials (.xdf) or session folders; one: two ranges "
            "of it, or --left-right",
            metavar="A [B]",
        ),
    ],
    begin: Annotated[
        list[float] | None,
        typer.Option("--from", help="seconds from the start: of A, again for B"),
    ] = None,
    end: Annotated[
        list[float] | None, typer.Option("--until", help="of A, again for B")
    ] = None,
    left_right: Annotated[
        bool, typer.Option("--left-right", help="the left foot against the right")
    ] = False,
    curve: Annotated[
        list[str] | None,
        typer.Option(help="stride curves for the JSON; default: all but rotations"),
    ] = None,
    montage: Annotated[Path | None, typer.Option(help="montage TOML")] = None,
    calibration: Annotated[
        Path | None, typer.Option(help="made by calibrate, for both")
    ] = None,
    json_out: Annotated[
        Path | None, typer.Option("--json", help="result file, - for the screen")
    ] = None,
    quiet: Annotated[bool, typer.Option("--quiet", help="no progress bar")] = False,
) -> None:
    """Compare: each metric with change, interval, detectable change, a sentence."""
    from lablive.calibrating.record import load_record
    from lablive.comparing.comparison import Wanted, compare, comparison_json
    from lablive.comparing.curves import USUAL
    from lablive.signals.montage import load_montage

    begins, ends = begin or [], end or []
    two = len(trials) == 2 or (not left_right and len(trials) == 1)
    if len(trials) > 2 or (left_right and len(trials) > 1):
        raise ConfigError(
            "Compare two trials or sessions, or with --left-right the feet of one.",
            todo="See lablive compare --help.",
        )
    if len(trials) == 1 and two and max(len(begins), len(ends)) < 2:
        raise ConfigError(
            "One trial alone has nothing to compare with.",
            todo="Name a second one, give --from and --until twice, or --left-right.",
        )
    wanted = [
        Wanted(str(path), _at(begins, number), _at(ends, number))
        for number, path in enumerate([*trials, *trials][: 2 if two else 1])
    ]
    with bar("compare", quiet=quiet) as shown:
        task = shown.add_task("", total=1.0)
        found = compare(
            wanted[0],
            wanted[1] if two else None,
            montage=load_montage(montage) if montage else None,
            calibrations=load_record(calibration).calibrations if calibration else None,
            curves=curve or USUAL,
            progress=lambda share, step: shown.update(
                task, completed=share, description=step
            ),
        )
    if json_out is None:
        _tell(found)
    else:
        _write(comparison_json(found), json_out)
    raise typer.Exit(OK)


def _at(values: list[float], number: int) -> float | None:
    return values[number] if number < len(values) else None


def _tell(found: Comparison) -> None:
    _out.print(_described(found.a))
    if found.rows:
        _out.print(f"against {_described(found.b)}")
    for doubt in found.doubts:
        _out.print(f"! {doubt.text[:1].upper()}{doubt.text[1:]}.")
    for row in (*found.rows, *found.feet):
        _out.print(row.sentence)
    if not (found.rows or found.feet):
        _out.print("Nothing was measured on both sides.")


def _described(told: StretchTold) -> str:
    return f"{told.name}: {told.strides} strides in {told.seconds:.0f} s, {told.gait}"


def _write(text: bytes, target: Path) -> None:
    if str(target) == "-":
        sys.stdout.write(text.decode() + "\n")
        return
    try:
        Path(target).write_bytes(text + b"\n")
    except OSError as error:
        raise ConfigError(
            f"{target} cannot be written ({error.strerror}).",
            todo="Choose another place for the result.",
        ) from error
