"""The command ``lablive doctor``."""

from __future__ import annotations

import sys
from typing import Annotated

import msgspec
import typer

from ui.ending import FINDING, OK

_MARKS = {"ok": "ok  ", "note": "note", "fault": "FAIL"}


def doctor(
    as_json: Annotated[bool, typer.Option("--json", help="machine-readable")] = False,
) -> None:
    """Check this computer: libraries, ports, permissions, display, disk, LSL."""
    from ui.doctor import examine

    checks = examine()
    if as_json:
        text = msgspec.json.format(msgspec.json.encode(checks), indent=1).decode()
        sys.stdout.write(f"{text}\n")
    else:
        for check in checks:
            sys.stdout.write(f"{_MARKS[check.verdict]}  {check.name}: {check.found}\n")
            if check.todo:
                sys.stdout.write(f"      {check.todo}\n")
    bad = any(check.verdict == "fault" for check in checks)
    raise typer.Exit(FINDING if bad else OK)
