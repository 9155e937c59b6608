"""``lablive align``: how far the clocks of a trial's devices are apart."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import msgspec
import typer
from rich.console import Console
from rich.table import Table

from lablive.alignment_file import IN_THE_OFFSETS, alignment_path, save
from lablive.errors import ConfigError
from ui.ending import FINDING, OK

if TYPE_CHECKING:
    from lablive.alignment_file import Alignment, SensorOffset

HOW_TO_STOMP = (
    "No clocks could be compared. Stomp about once a second but not in step, and mark "
    "it as stomps or say where it is with --span."
)
# no markup: names of streams may hold brackets
_out = Console(soft_wrap=True, highlight=False, markup=False, emoji=False)


def _there(path: Path) -> Path:
    """Return the path of a trial that is there."""
    if Path(path).is_file():
        return path
    raise ConfigError(f"There is no file {path}.", todo="Name a trial file (.xdf).")


def align(
    trial: Annotated[
        Path,
        typer.Argument(help="trial file (.xdf)", metavar="T.xdf", callback=_there),
    ],
    montage: Annotated[
        Path | None, typer.Option(help="montage TOML; default: the trial's own")
    ] = None,
    reference: Annotated[
        str, typer.Option(help="role to hold others against; default: an insole")
    ] = "",
    span: Annotated[
        list[str] | None,
        typer.Option(help="where the stomps are, FROM:TO in seconds; repeat"),
    ] = None,
    json_out: Annotated[
        Path | None, typer.Option("--json", help="result file, - for the screen")
    ] = None,
) -> None:
    """Compare the clocks of devices by stomps; exit 1 when none can be compared."""
    from lablive.recording.replay import Trial
    from lablive.signals.montage import load_montage
    from lablive.trial_alignment import align as align_trial

    spans = [_span(text) for text in span or []]
    opened = Trial(trial)
    try:
        laid = load_montage(montage) if montage else None
        found = align_trial(opened, laid, reference=reference, spans=spans)
    finally:
        opened.close()
    if found.known:
        save(found, trial)
    if json_out is None:
        _tell(found)
        if found.known:
            _out.print(f"kept in {alignment_path(trial)}; {trial} was not changed")
    else:
        _write(msgspec.json.format(msgspec.json.encode(found), indent=1), json_out)
    raise typer.Exit(OK if found.known else FINDING)


def _span(text: str) -> tuple[float, float]:
    begin, _, end = text.partition(":")
    try:
        span = (float(begin), float(end))
    except ValueError:
        span = (0.0, 0.0)
    if not 0.0 <= span[0] < span[1]:
        raise ConfigError(
            f"The span {text!r} cannot be understood.",
            todo="Write FROM:TO in seconds from the trial's start, 12:32.",
        )
    return span


def _tell(found: Alignment) -> None:
    table = Table(
        "sensor", "offset ms", "residual ms", "n", "seen", "", box=None, pad_edge=False
    )
    for it in found.sensors:
        table.add_row(it.sensor, *_numbers(it, found.reference), it.note)
    _out.print(f"by {found.where}, against {found.reference}")
    _out.print(table)
    if found.known:
        _out.print(IN_THE_OFFSETS)
    else:
        _out.print(HOW_TO_STOMP)


def _numbers(it: SensorOffset, reference: str) -> tuple[str, str, str, str]:
    if it.offset_ms != it.offset_ms:
        return "-", "-", str(it.n), str(it.impulses)
    if it.sensor == reference:
        return "reference", "-", str(it.n), str(it.impulses)
    error = f"{it.offset_ms:+.1f} ± {it.error_ms:.1f}"
    return error, f"{it.residual_ms:.1f}", str(it.n), str(it.impulses)


def _write(text: bytes, target: Path) -> None:
    if str(target) == "-":
        sys.stdout.write(text.decode() + "\n")
        return
    try:
        target.write_bytes(text + b"\n")
    except OSError as error:
        raise ConfigError(
            f"{target} cannot be written ({error.strerror}).",
            todo="Choose another place for the result.",
        ) from error
