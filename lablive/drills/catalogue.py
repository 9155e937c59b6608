"""The drills there are: those that come with the program and a lab's own."""

from __future__ import annotations

from importlib.resources import files
from typing import TYPE_CHECKING

import msgspec

from lablive.config import load_toml, parse_toml
from lablive.drills.plan import Drill
from lablive.drills.plan_check import FIRST_SET, drill_problems
from lablive.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


def parse_drill(text: str, name: str, drill_id: str) -> Drill:
    """Read a drill from TOML text.

    Raises
    ------
    ConfigError
        Every mistake at once, with its line.
    """
    found = parse_toml(text, Drill, name, drill_problems)
    return msgspec.structs.replace(found, id=drill_id)


def load_drill(drill_id: str, own: Path | None = None) -> Drill:
    """Return a drill by its id: the lab's own, else the shipped one.

    Parameters
    ----------
    drill_id
        File name without ``.toml``.
    own
        Folder of the lab's own drills.

    Raises
    ------
    ConfigError
        There is none of this id, or the file is wrong (every mistake at once).
    """
    if drill_id not in drill_ids(own):
        raise ConfigError(
            f"There is no drill {drill_id!r}.",
            todo=f"Choose one of: {', '.join(drill_ids(own))}.",
        )
    if own is not None and (own / f"{drill_id}.toml").is_file():
        found = load_toml(own / f"{drill_id}.toml", Drill, drill_problems)
        return msgspec.structs.replace(found, id=drill_id)
    path = files("configs").joinpath("drills", f"{drill_id}.toml")
    return parse_drill(path.read_text(encoding="utf-8"), str(path), drill_id)


def drill_ids(own: Path | None = None) -> tuple[str, ...]:
    """Return the ids of the drills there are."""
    shipped = (it.name for it in files("configs").joinpath("drills").iterdir())
    mine = (it.name for it in own.glob("*.toml")) if own and own.is_dir() else ()
    names = {*shipped, *mine}
    return tuple(sorted(name[:-5] for name in names if name.endswith(".toml")))


def load_catalogue(
    own: Path | None = None,
) -> tuple[dict[str, Drill], tuple[ConfigError, ...]]:
    """Return all drills, lowest on the ladder first, and what is wrong with the rest.

    A wrong file of the lab's own leaves the others as they are.
    """
    found: list[Drill] = []
    problems: list[ConfigError] = []
    for drill_id in drill_ids(own):
        try:
            found.append(load_drill(drill_id, own))
        except ConfigError as error:
            problems.append(error)
    found.sort(key=lambda drill: (drill.order == 0, drill.order, drill.id))
    known = {drill.id: drill for drill in found}
    problems += [
        ConfigError(f"The drill {drill_id}: {told}.")
        for drill_id, told in _links(known)
    ]
    return known, tuple(problems)


def _links(known: Mapping[str, Drill]) -> list[tuple[str, str]]:
    """Return drills that name others which are not there."""
    found: list[tuple[str, str]] = []
    for drill in known.values():
        others = [("next", drill.next)]
        others += [("against", score.against) for score in drill.scores]
        found += [
            (drill.id, f'{key} = "{other}": there is no such drill')
            for key, other in others
            if other and other != FIRST_SET and other not in known
        ]
    return found
