"""A drill while it is written: the same TOML as a file, with every mistake named."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

import msgspec
import tomli_w

from lablive.drills.catalogue import parse_drill
from lablive.drills.quantities import QUANTITIES
from lablive.errors import ConfigError
from lablive.metrics.registry import METRICS
from lablive.whole_file import add_own_file

if TYPE_CHECKING:
    from pathlib import Path

    from lablive.drills.plan import Drill

_ID: Final = re.compile(r"[a-z][a-z0-9_]{1,39}")
_SPANS: Final = ("pass", "good", "caution")
_LINE: Final = re.compile(r"line (\d+): ")
_INF: Final = float("inf")
_BAD_ID: Final = (
    "The id is the name of the file: small letters, digits and _, such as hop_soft."
)


class Draft:
    """The content of a drill's file, changed piece by piece.

    Parameters
    ----------
    drill
        To begin with; what is not changed stays as it is.
    """

    def __init__(self, drill: Drill) -> None:
        self._raw: dict[str, Any] = msgspec.to_builtins(drill)
        self._raw.pop("id", None)
        self._raw["score"] = [dict(it) for it in self._raw.get("score", ())]

    def get(self, *at: str) -> Any:
        """Return a value, None where the file leaves it out."""
        found: Any = self._raw
        for key in at:
            found = found.get(key) if isinstance(found, dict) else None  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
        return found  # pyright: ignore[reportUnknownVariableType]

    def set(self, value: Any, *at: str) -> None:
        """Change a value; None, "", nought and nothing are left out."""
        held = self._raw
        for key in at[:-1]:
            held = held.setdefault(key, {})
        if value in (None, "", [], 0, False) and at[-1] not in ("title", "instruction"):
            held.pop(at[-1], None)
        else:
            held[at[-1]] = value

    @property
    def scores(self) -> list[dict[str, Any]]:
        """The scores, to be read."""
        return self._raw["score"]

    def add_score(self, metric: str) -> None:
        """Add a value that is only shown, until it gets limits."""
        unit = unit_of(metric)
        self.scores.append({"metric": metric, "unit": unit, "info": True})

    def remove_score(self, at: int) -> None:
        """Take a score out."""
        del self.scores[at]

    def set_span(
        self, at: int, span: str, low: float | None, high: float | None
    ) -> None:
        """Change the limits of a score; None = no limit on that side.

        A score without limits to pass is only shown.
        """
        score = self.scores[at]
        if low is None and high is None:
            score.pop(span, None)
        else:
            score[span] = [
                -_INF if low is None else low,
                _INF if high is None else high,
            ]
        judged = any(name in score for name in _SPANS)
        if judged:
            score.pop("info", None)
        else:
            score["info"] = True

    def text(self) -> str:
        """Return the file."""
        rest = {key: value for key, value in self._raw.items() if key != "score"}
        scores = (f"\n[[score]]\n{tomli_w.dumps(it)}" for it in self.scores)
        return "".join((tomli_w.dumps(rest), *scores))

    def in_words(self, mistakes: str) -> str:
        """Return mistakes with the value they are about in the place of a line."""
        lines = self.text().splitlines()

        def named(found: re.Match[str]) -> str:
            for line in reversed(lines[: int(found[1])]):
                if line.startswith("metric = "):
                    return f"{_label_of(line[10:-1])}: "
                if line.startswith("[") and line != "[[score]]":
                    break
            return ""

        return _LINE.sub(named, mistakes)

    def drill(self, drill_id: str) -> Drill:
        """Return the drill.

        Raises
        ------
        ConfigError
            Every mistake at once.
        """
        if not _ID.fullmatch(drill_id):
            raise ConfigError(f"{drill_id!r} is no id of a drill.", todo=_BAD_ID)
        return parse_drill(self.text(), f"{drill_id}.toml", drill_id)

    def save(self, drill_id: str, own: Path, *, replace: bool = False) -> Path:
        """Write the drill among the lab's own; it counts from the next set on.

        Raises
        ------
        ConfigError
            It has mistakes, cannot be written, or there is one of that id
            (``replace``: that is meant).
        """
        self.drill(drill_id)
        return add_own_file(own, drill_id, self.text(), "drill", replace=replace)


def _label_of(metric: str) -> str:
    return QUANTITIES[metric].label if metric in QUANTITIES else metric


def unit_of(metric: str) -> str:
    """Return the unit of what can be scored."""
    if metric in QUANTITIES:
        return QUANTITIES[metric].unit
    return METRICS[metric].unit if metric in METRICS else ""
