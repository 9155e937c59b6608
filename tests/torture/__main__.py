"""Run tortures and write docs/reliability.md: ``python -m tests.torture --help``."""

from __future__ import annotations

import argparse
import os
import secrets
import sys
import tempfile
from pathlib import Path

from lablive.clock import now_s
from tests.torture.outcome import Job
from tests.torture.reliability import PAGE, keep, kept, page, result_of
from tests.torture.tortures import TORTURES


def alone(folder: Path) -> None:
    """Keep away from every other LabLive on this computer."""
    os.environ["LABLIVE_HOME"] = str(folder / "home")
    os.environ["LABLIVE_RUN"] = str(folder / "run")
    os.environ["LABLIVE_LSL_SESSION"] = f"torture-{os.getpid()}"


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="python -m tests.torture", description="What LabLive stands."
    )
    parser.add_argument("names", nargs="*", help=", ".join(TORTURES))
    parser.add_argument("--short", action="store_true", help="as in the tests")
    parser.add_argument("--count", type=int, help="so often instead")
    parser.add_argument("--seed", type=int, help="repeats a run")
    parser.add_argument("--first", type=int, default=0, help="first case")
    parser.add_argument("--minutes", type=float, help="for each torture at most")
    parser.add_argument("--dry", action="store_true", help="do not write the page")
    options = parser.parse_args()
    unknown = set(options.names) - set(TORTURES)
    if unknown:
        parser.error(f"no such torture: {', '.join(unknown)}")
    seed = secrets.randbelow(1 << 31) if options.seed is None else options.seed
    _say(f"seed {seed}")
    broken = 0
    for name in options.names or TORTURES:
        broken += _run(name, options, seed)
    return 1 if broken else 0


def _run(name: str, options: argparse.Namespace, seed: int) -> int:
    torture = TORTURES[name]
    count = options.count or (torture.short if options.short else torture.full)
    began_s = now_s()
    with tempfile.TemporaryDirectory(prefix=f"torture-{name}-") as folder:
        alone(Path(folder))
        work = Path(folder) / "work"
        work.mkdir()
        until_s = began_s + 60.0 * (options.minutes or float("inf"))
        seen = torture.run(Job(count, seed, work, options.first, until_s))
    took_s = now_s() - began_s
    _say(f"{name}: {seen.done} times, {seen.counts['broken']} broken, {took_s:.0f} s")
    for case in seen.broken:
        _say(f"  {case}")
    if not options.dry:
        arguments = [name, "--count", str(seen.done), "--seed", str(seed)]
        command = " ".join(["python -m tests.torture", *arguments])
        results = kept() | {name: result_of(seen, torture, took_s, seed, command)}
        keep(results)
        PAGE.write_text(page(results, TORTURES), encoding="utf-8")
    return seen.counts["broken"]


if __name__ == "__main__":
    sys.exit(main())
