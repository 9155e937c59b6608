"""A plan of a run while it is written: the blocks of a protocol as in its file."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

import msgspec
import tomli_w

from lablive.errors import ConfigError
from lablive.protocol.template import parse_template
from lablive.whole_file import add_own_file

if TYPE_CHECKING:
    from pathlib import Path

    from lablive.protocol.template import Template

_NAME: Final = re.compile(r"[a-z][a-z0-9_]{1,39}")
_LINE: Final = re.compile(r"line (\d+): ")
KEYS: Final = (
    "kind", "minutes", "speed_mps", "cadence_spm", "metric", "drill", "every_min",
    "interruption", "pause_min",
)  # fmt: skip
_NUMBERS: Final = {"minutes", "speed_mps", "cadence_spm", "every_min", "pause_min"}


class PlanDraft:
    """A protocol whose blocks are changed; its gates stay.

    Parameters
    ----------
    template
        To begin with.
    """

    def __init__(self, template: Template) -> None:
        self._raw: dict[str, Any] = msgspec.to_builtins(template)
        self._raw["block"] = [dict(it) for it in self._raw.get("block", ())]
        self._wrong: dict[tuple[int, str], str] = {}  # what is no number

    @property
    def blocks(self) -> list[dict[str, Any]]:
        """The blocks, to be read."""
        return self._raw["block"]

    @property
    def title(self) -> str:
        """What the operator chooses."""
        return self._raw["name"]

    @title.setter
    def title(self, text: str) -> None:
        self._raw["name"] = text

    def set(self, at: int, key: str, text: str) -> None:
        """Change a part of a block as it was typed; "" = left out."""
        self._wrong.pop((at, key), None)
        block, text = self.blocks[at], text.strip().replace(",", ".")
        if not text:
            block.pop(key, None)
            return
        try:
            block[key] = float(text) if key in _NUMBERS else text
        except ValueError:
            self._wrong[at, key] = f"block {at + 1}: {key}: {text!r} is no number"

    def add(self, at: int) -> None:
        """Put five minutes of running in."""
        self.blocks.insert(at, {"kind": "run", "minutes": 5.0})
        self._wrong = {}

    def remove(self, at: int) -> None:
        """Take a block out."""
        del self.blocks[at]
        self._wrong = {}

    def move(self, at: int, places: int) -> None:
        """Move a block so many places down."""
        to = min(max(at + places, 0), len(self.blocks) - 1)
        self.blocks.insert(to, self.blocks.pop(at))
        self._wrong = {}

    def text(self) -> str:
        """Return the file."""
        rest = {key: value for key, value in self._raw.items() if key != "block"}
        blocks = (f"\n[[block]]\n{tomli_w.dumps(it)}" for it in self.blocks)
        return "".join((tomli_w.dumps(rest), *blocks))

    def template(self, name: str) -> Template:
        """Return the protocol.

        Raises
        ------
        ConfigError
            Every mistake at once, each with the number of its block.
        """
        if not _NAME.fullmatch(name):
            raise ConfigError(
                f"{name!r} is no name of a file.",
                todo="Small letters, digits and _, such as intervals_10.",
            )
        try:
            made = parse_template(self.text(), f"{name}.toml")
        except ConfigError as error:
            told = [_LINE.sub(self._named, str(error)), *self._wrong.values()]
            raise ConfigError("\n  ".join(told)) from error
        if self._wrong:
            raise ConfigError("\n  ".join(self._wrong.values()))
        return made

    def save(self, name: str, own: Path, *, replace: bool = False) -> Path:
        """Write it among the lab's own protocols.

        Raises
        ------
        ConfigError
            It has mistakes, cannot be written, or there is one of that name
            (``replace``: that is meant).
        """
        self.template(name)
        return add_own_file(own, name, self.text(), "protocol", replace=replace)

    def _named(self, found: re.Match[str]) -> str:
        """Return which block a line is of, "" = of none."""
        before = self.text().splitlines()[: int(found[1])]
        number = before.count("[[block]]")
        return f"block {number}: " if number else ""
