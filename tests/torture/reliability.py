"""docs/reliability.md: written from what was run, and from nothing else."""

from __future__ import annotations

import os
import platform
import subprocess
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from tests.torture.outcome import Seen, Torture

KEPT = Path(__file__).with_name("results.json")
PAGE = Path(__file__).parents[2] / "docs" / "reliability.md"

_HEAD = """\
# Proof under stress

Written by `python -m tests.torture` from what it ran: each line is the last run of
that torture, with its counts. "Broken" counts promises that did not hold; a case and
the seed repeat it (`--seed`, `--first`). `make torture` runs all of them in full,
`make test` a short form of each. The promises themselves: [promises](promises.md).

| torture | times | broken | took | when, version |
|---|---|---|---|---|
"""


class Result(msgspec.Struct, frozen=True):
    """The last run of one torture."""

    done: int
    full: int
    broken: int
    counts: dict[str, int]
    cases: list[str]
    notes: list[str]
    seconds: float
    seed: int
    command: str
    date: str
    commit: str
    machine: str


def result_of(
    seen: Seen, torture: Torture, seconds: float, seed: int, command: str
) -> Result:
    """Return what is kept of a run."""
    counts = {key: value for key, value in seen.counts.items() if key != "broken"}
    return Result(
        done=seen.done,
        full=torture.full,
        broken=seen.counts["broken"],
        counts=counts,
        cases=seen.broken,
        notes=seen.notes,
        seconds=round(seconds, 1),
        seed=seed,
        command=command,
        date=datetime.now().astimezone().strftime("%Y-%m-%d %H:%M"),
        commit=_commit(),
        machine=f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.0f} at the end, "
        f"{platform.system()}, Python {platform.python_version()}",
    )


def _commit() -> str:
    told = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"],
        cwd=PAGE.parent, capture_output=True, text=True, check=False,
    )  # fmt: skip
    return told.stdout.strip() or "unknown"


def kept(path: Path = KEPT) -> dict[str, Result]:
    """Return the last run of each torture."""
    if not path.exists():
        return {}
    return msgspec.convert(msgspec.json.decode(path.read_bytes()), dict[str, Result])


def keep(results: dict[str, Result], path: Path = KEPT) -> None:
    """Write the results for the next run."""
    data = msgspec.json.encode(dict(sorted(results.items())))
    path.write_bytes(msgspec.json.format(data) + b"\n")


def page(results: dict[str, Result], tortures: dict[str, Torture]) -> str:
    """Return the page: a table, then each torture with its counts."""
    known = {name: results[name] for name in tortures if name in results}
    rows = "".join(
        f"| [{tortures[name].title}](#{name}) | {told.done} | {told.broken} "
        f"| {told.seconds:.0f} s | {told.date}, {told.commit} |\n"
        for name, told in known.items()
    )
    never = [f"`{name}`" for name in tortures if name not in results]
    missing = f"\nNot run yet: {', '.join(never)}.\n" if never else ""
    parts = [_section(name, told, tortures[name]) for name, told in known.items()]
    return _HEAD + rows + missing + "".join(parts)


def _section(name: str, told: Result, torture: Torture) -> str:
    lines = [
        f"\n## {name}\n",
        f"{torture.title}. Must hold: {torture.must_hold}\n",
        f"`{told.command}` (seed {told.seed}), {told.machine}:\n",
        *(f"- {value} {key}" for key, value in sorted(told.counts.items())),
        *(f"- {note}" for note in told.notes),
        *(f"- **broken**: {case}" for case in told.cases),
    ]
    return "\n".join(lines) + "\n"
