"""What README and user guide say is there: pictures, commands, options, messages."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import typer.main

from ui.cli import app

REPO = Path(__file__).resolve().parents[1]
GUIDE = REPO / "docs" / "user-guide.md"
README = REPO / "README.md"
PICTURE_BYTES = 300_000


def commands():
    """Return every command with its options."""
    return {
        name: {option for it in command.params for option in it.opts}
        for name, command in typer.main.get_command(app).commands.items()
    }


def table(head):
    """Return the first cells of the guide's table that begins with ``head``."""
    lines = GUIDE.read_text(encoding="utf-8").splitlines()
    begin = next(n for n, line in enumerate(lines) if line.startswith(f"| {head} |"))
    found = []
    for line in lines[begin + 2 :]:
        if not line.startswith("|"):
            break
        found.append(re.split(r"(?<!\\)\|", line)[1].strip())
    return found


def words_of_the_program():
    """Return all source text as one, texts split over lines joined."""
    files = [
        path
        for folder in ("lablive", "drivers", "ui")
        for path in sorted((REPO / folder).rglob("*.py"))
    ]
    text = "\n".join(path.read_text(encoding="utf-8") for path in files)
    return re.sub(r"\"\s*\n\s*f?\"", "", text)


@pytest.mark.parametrize("page", [README, GUIDE], ids=lambda page: page.name)
def test_every_link_leads_somewhere_and_pictures_are_small(page):
    links = re.findall(r"\]\(([^)#]+)\)", page.read_text(encoding="utf-8"))
    assert links
    for link in links:
        target = page.parent / link
        assert target.is_file(), link
        if target.suffix == ".png":
            assert target.stat().st_size < PICTURE_BYTES, link


def test_every_picture_is_used():
    told = README.read_text(encoding="utf-8") + GUIDE.read_text(encoding="utf-8")
    for picture in (REPO / "docs" / "pictures").iterdir():
        assert picture.name in told


def test_the_guide_names_every_command_and_only_options_that_are():
    known = commands()
    named = set()
    for cell in table("command"):
        name, *_ = re.findall(r"lablive ([a-z]+)", cell) or [""]
        if name:
            named.add(name)
            assert set(re.findall(r"--[a-z]+", cell)) <= known[name], cell
    assert named == known.keys()


def test_every_message_of_the_guide_is_one_of_the_program():
    program = words_of_the_program()
    cells = table("message")
    assert len(cells) > 10
    for cell in cells:
        for words in re.split(r"…|;|/dev/\w+|\b\d+\b| / ", cell):
            assert words.strip(" .") in program, words
