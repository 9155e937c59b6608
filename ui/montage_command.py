"""``lablive montage``: what the streams of a recording probably measure."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from lablive.errors import ConfigError
from ui.ending import FINDING, OK

_ROWS_S = 20.0  # enough to see gravity
# no markup: names of streams may hold brackets
_out = Console(soft_wrap=True, highlight=False, markup=False, emoji=False)


def montage(
    trial: Annotated[
        Path, typer.Argument(help="recording (.xdf), of any program", metavar="T.xdf")
    ],
    out: Annotated[
        Path | None, typer.Option("--out", help="new montage (.toml) of what is known")
    ] = None,
) -> None:
    """Propose roles for the streams of a recording; exit 1 when some are open."""
    from lablive.importing.mapping import save_montage
    from lablive.importing.proposing import propose
    from lablive.recording.replay import Trial

    if not Path(trial).is_file():
        raise ConfigError(f"There is no file {trial}.", todo="Name a recording (.xdf).")
    opened = Trial(trial)
    try:
        found = propose(
            opened.streams,
            lambda stream: opened.window(
                stream, opened.span(stream)[0], opened.span(stream)[0] + _ROWS_S
            ),
        )
    finally:
        opened.close()
    names = {info.id: info.name for info in found.streams}
    for it in found.groups:
        role, unit = it.role or "?", it.unit or "?"
        _out.print(f"{names[it.stream]}: {it.label} = {role} [{unit}]  ({it.why})")
    is_open = any(not it.role or not it.unit for it in found.groups)
    if out is not None:
        known = found
        for number, it in enumerate(found.groups):
            if it.role and not it.unit:
                known = known.given(number, role="")
        save_montage(known.montage(Path(trial).stem), Path(out))
        _out.print(f"{out} written" + ("; complete it by hand" if is_open else ""))
    raise typer.Exit(FINDING if is_open else OK)
