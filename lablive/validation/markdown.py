"""The report of a validation as Markdown."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


def markdown(told: dict[str, Any]) -> str:
    """Return the report; ``told`` is what :func:`printed.document` makes."""
    lines = [f"# {told['title']}", "", f"{told['facts']}. {told['summary']}", ""]
    lines += [told["how"], ""]
    lines += ["## Where we fall short", ""]
    if told["short"]:
        lines += _table(
            ("set", "goal", "wanted", "seen"),
            ((one["set"], one["what"], one["wanted"], one["seen"])
             for one in told["short"]),
        )  # fmt: skip
    else:
        lines += ["Nowhere, in the sets that are there."]
    if told["absent"]:
        lines += ["", "## Not run", ""]
        lines += [f"- {one['set']}: {one['why']}." for one in told["absent"]]
    for section in told["sections"]:
        lines += ["", *_section(section, told["head"])]
    return "\n".join(lines) + "\n"


def _section(section: dict[str, Any], head: Sequence[str]) -> list[str]:
    lines = [
        f"## {section['title']}",
        "",
        f"Set `{section['folder']}` (`--set {section['name']}`).",
        "",
        f"*Reference.* {section['truth']}",
        "",
        f"*Ours.* {section['ours']}",
        "",
        *_table(
            ("goal", "wanted", "seen", ""),
            (
                (one["what"], one["wanted"], one["seen"], one["word"])
                for one in section["goals"]
            ),
        ),
    ]
    if section["errors"]:
        lines += ["", *_table(head, section["errors"])]
    if section["notes"]:
        lines += ["", *(f"- {note}" for note in section["notes"])]
    return lines


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    def line(cells: Sequence[str]) -> str:
        return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"

    return [line(head), "|" + "---|" * len(head), *(line(row) for row in rows)]
