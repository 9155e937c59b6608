"""Every error message of LabLive, read from its sources, as a page for people.

``python docs/tools/messages.py`` prints it; ``make docs`` puts it into the site.
"""

from __future__ import annotations

import ast
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

REPO: Final = Path(__file__).resolve().parents[2]
ANYTHING: Final = "…"
# where a message comes from, as a person looks for it; the first that fits counts
AREAS: Final = (
    ("drivers/sim", "Simulated runner"),
    ("drivers", "Devices"),
    ("lablive/recording", "Trials on disk"),
    ("lablive/live", "Recording program and live view"),
    ("lablive/library", "People and sessions"),
    ("lablive/importing", "Import"),
    ("lablive/exporting", "Export"),
    ("lablive/comparing", "Comparing"),
    ("lablive/editing", "Corrections"),
    ("lablive/calibrating", "Calibration"),
    ("lablive/signals", "Montage and signals"),
    ("lablive/protocol", "Protocols and blocks"),
    ("lablive/drills", "Drills"),
    ("lablive/report", "Report"),
    ("lablive/feedback", "Feedback"),
    ("lablive/validation", "Validation"),
    ("lablive", "Analysis and configuration"),
    ("ui", "Window and command line"),
)
# errors whose first argument is a kind, not a sentence
_WITH_KIND: Final = ("DeviceError", "LibraryError")
_ERRORS: Final = (
    *_WITH_KIND, "LabLiveError", "ConfigError", "RecordingError", "CalibrationError",
    "LinkError",
)  # fmt: skip


class Message(NamedTuple):
    """One message; "…" stands for a name or a number."""

    area: str
    what: str
    still: str
    todo: str


def messages(root: Path = REPO) -> list[Message]:
    """Return every message, by area, each once."""
    found: dict[Message, None] = {}
    for place, area in AREAS:
        for file in sorted((root / place).rglob("*.py")):
            relative = file.relative_to(root).as_posix()
            if next(a for p, a in AREAS if relative.startswith(f"{p}/")) == area:
                tree = ast.parse(file.read_text(encoding="utf-8"))
                found |= dict.fromkeys(_of_file(tree, area))
    return list(found)


def page(told: list[Message]) -> str:
    """Return the page: a table for each area, messages in alphabetical order."""
    lines = [
        "# Every message, and what to do",
        "",
        f"{len(told)} messages, read from the program. “{ANYTHING}” stands for a",
        "name, a number or another program's words. The most frequent ones, in plain",
        "words: [user guide](user-guide.md#when-something-goes-wrong).",
        "",
    ]
    for area in dict.fromkeys(message.area for message in told):
        lines += [f"## {area}", "", "| message | what still works | what to do |"]
        lines += ["|---|---|---|"]
        rows = sorted(message for message in told if message.area == area)
        lines += [
            f"| {_cell(row.what)} | {_cell(row.still)} | {_cell(row.todo)} |"
            for row in rows
        ]
        lines.append("")
    return "\n".join(lines)


def _of_file(tree: ast.AST, area: str) -> Iterator[Message]:
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        name = node.func.id if isinstance(node.func, ast.Name) else ""
        if name not in _ERRORS:
            continue
        place = 1 if name in _WITH_KIND else 0
        if len(node.args) <= place:
            continue
        words = {key.arg: _text(key.value) for key in node.keywords}
        what = _text(node.args[place])
        if what.strip(f"{ANYTHING} ."):  # else it is all another's words
            yield Message(area, what, words.get("still", ""), words.get("todo", ""))


def _text(node: ast.expr) -> str:
    """Return a string expression with "…" for what is filled in."""
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) else ANYTHING
    if isinstance(node, ast.JoinedStr):
        return "".join(_text(part) for part in node.values)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        return _text(node.left) + _text(node.right)
    if isinstance(node, ast.IfExp):
        return " / ".join(filter(None, (_text(node.body), _text(node.orelse))))
    return ANYTHING


def _cell(text: str) -> str:
    for sign in ("\\", "|", "<", "*", "_", "`", "[", "]"):
        text = text.replace(sign, f"\\{sign}")
    return " ".join(text.split())


if __name__ == "__main__":
    sys.stdout.write(page(messages()))
