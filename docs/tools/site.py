"""What ``make docs`` adds to the written pages: those that the program itself tells."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mkdocs.structure.files import File

if TYPE_CHECKING:
    from mkdocs.config.defaults import MkDocsConfig
    from mkdocs.structure.files import Files

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

import messages  # noqa: E402 - the folder has no package name of its own
import parts  # noqa: E402


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """Put pages that the navigation does not name under "More"."""
    nav = config.nav or []
    named = set(_pages(nav))
    written = sorted(path.name for path in HERE.parent.glob("*.md"))
    more = [name for name in written if name not in named]
    config.nav = [*nav, {"More": more}] if more else nav
    return config


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the pages of messages, parts and decisions, and the parts as a file."""
    made = {
        "messages.md": messages.page(messages.messages()),
        "parts.md": parts.page(),
        parts.LIST: parts.parts_json(),
        "decisions/index.md": decisions(),
    }
    for name, text in made.items():
        files.append(File.generated(config, name, content=text))
    return files


def decisions() -> str:
    """Return the list of decision records, by their headings."""
    records = sorted((HERE.parent / "decisions").glob("[0-9]*.md"))
    lines = ["# Decisions", "", "What the code taught us, one page each.", ""]
    for record in records:
        heading = record.read_text("utf-8").partition("\n")[0].lstrip("# ")
        lines.append(f"- [{heading}]({record.name})")
    return "\n".join([*lines, ""])


def _pages(nav: list[Any]) -> list[str]:
    found: list[str] = []
    for entry in nav:
        for value in entry.values():
            found += _pages(value) if isinstance(value, list) else [value]
    return found
