"""``lablive edit``: corrections beside a trial; the trial itself never changes."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer
from rich.console import Console

from lablive.errors import ConfigError
from ui.ending import FINDING, OK

if TYPE_CHECKING:
    from lablive.editing.edit import Edit, EditSide, EventKind, Pair
    from lablive.recording.replay import Trial

Task = Literal["list", "exclude", "side", "swap", "move", "undo"]
# no markup: reasons may hold brackets
_out = Console(soft_wrap=True, highlight=False, markup=False, emoji=False)


def edit(
    task: Annotated[Task, typer.Argument(help="what to do")],
    trial: Annotated[Path, typer.Argument(help="trial file (.xdf)", metavar="T.xdf")],
    begin: Annotated[
        float | None, typer.Option("--from", help="seconds from the trial's start")
    ] = None,
    end: Annotated[
        float | None, typer.Option("--until", help="left out: the stride at --from")
    ] = None,
    side: Annotated[Literal["left", "right", ""], typer.Option(help="foot")] = "",
    pair: Annotated[
        Literal["insole", "imu_foot", "imu_shank", "imu_thigh", "imu_forearm", "emg"]
        | None,
        typer.Option(help="of swap: which sensors"),
    ] = None,
    event: Annotated[
        Literal["ic", "to"] | None, typer.Option(help="of move: contact or toe-off")
    ] = None,
    to: Annotated[
        float | None, typer.Option(help="of move: where the event at --from belongs")
    ] = None,
    number: Annotated[int, typer.Option(help="of undo: which edit")] = 0,
    reason: Annotated[str, typer.Option(help="why; the report prints it")] = "",
) -> None:
    """Leave out strides, correct sides or an event; list edits, take one back."""
    from lablive.editing.edit import words
    from lablive.editing.noted import add_edit, undo
    from lablive.recording.replay import Trial

    if not Path(trial).is_file():
        raise ConfigError(
            f"There is no file {trial}.", todo="Name a trial file (.xdf)."
        )
    opened = Trial(trial)
    try:
        if task == "list":
            raise typer.Exit(_list(opened))
        if task == "undo":
            made = undo(opened, number, reason or "taken back")
        else:
            wanted = _made(task, opened.t0_s, begin, end, side, pair, event, to, reason)
            made = add_edit(opened, wanted)
        _out.print(f"{words(made, opened.t0_s)}; {trial} was not changed")
    finally:
        opened.close()


def _made(
    task: Task,
    t0_s: float,
    begin: float | None,
    end: float | None,
    side: EditSide,
    pair: Pair | None,
    event: EventKind | None,
    to: float | None,
    reason: str,
) -> Edit:
    """Return the edit that was asked for; times become those of the trial."""
    from lablive.editing import edit as edits

    if task == "swap":
        if pair is None:
            raise _needs("swap", "--pair")
        return edits.swap(pair, reason)
    if begin is None:
        raise _needs(task, "--from")
    if task == "move":
        if event is None or to is None:
            raise _needs("move", "--event and --to")
        return edits.move(event, side, t0_s + begin, t0_s + to, reason)
    if task == "side":
        if not side or end is None:
            raise _needs("side", "--until and --side")
        return edits.of_side(t0_s + begin, t0_s + end, side, reason)
    last = begin if end is None else end
    return edits.exclude(t0_s + begin, t0_s + last, reason, side)


def _needs(task: str, option: str) -> ConfigError:
    return ConfigError(
        f"lablive edit {task} needs {option}.",
        still="Nothing was changed.",
        todo="See lablive edit --help.",
    )


def _list(trial: Trial) -> int:
    """Print every edit; a finding when none can be applied."""
    from lablive.editing.edit import words
    from lablive.editing.edit_file import read_edits

    found = read_edits(trial)
    holding = {it.number for it in found.holding}
    for it in found.made:
        undone = "" if it.number in holding or it.kind == "undo" else "  (taken back)"
        _out.print(f"{it.made_at}  {words(it, trial.t0_s)}{undone}")
    if found.problem:
        _out.print(found.problem)
        return FINDING
    if not found.made:
        _out.print("no edits")
    return OK
