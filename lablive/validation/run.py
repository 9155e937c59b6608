"""All comparisons, one after the other."""

from __future__ import annotations

import tempfile
from collections import Counter
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from lablive.errors import ConfigError, LabLiveError
from lablive.validation.bench import Bench
from lablive.validation.outcome import Section
from lablive.validation.sets import CASES, Case

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    Tell = Callable[[float, str], None]  # share done, what is being done


@dataclass(frozen=True, slots=True, eq=False)
class Validation:
    """Everything that was compared.

    Attributes
    ----------
    sections
        One per set, those that were not run as well.
    """

    sections: tuple[Section, ...]

    @property
    def counts(self) -> Counter[str]:
        """Verdict -> number of goals."""
        return Counter(
            goal.verdict
            for section in self.sections
            if section.outcome
            for goal in section.outcome.goals
        )

    @property
    def failed(self) -> tuple[Section, ...]:
        """Sets that are there and could not be read."""
        return tuple(section for section in self.sections if section.failed)

    @property
    def ok(self) -> bool:
        """Whether every goal was reached by every set that is there."""
        return not self.counts["short"] and not self.failed


def validate(
    data: Path,
    names: Sequence[str] = (),
    progress: Tell = lambda share, step: None,
) -> Validation:
    """Compare LabLive with the truth in public recordings.

    Parameters
    ----------
    data
        Folder that holds the sets, each in a folder of its own.
    names
        Only these, keys of :data:`CASES`; none = all.
    progress
        Told the share done, 0 to 1, and the set.

    Raises
    ------
    ConfigError
        The folder is not there, none of the sets is in it, or there is no such set.
    """
    if not data.is_dir():
        raise ConfigError(
            f"There is no folder {data}.", todo="Name the folder of the recordings."
        )
    unknown = [name for name in names if name not in CASES]
    if unknown:
        raise ConfigError(
            f"There is no set {', '.join(unknown)}.", todo=f"Known: {', '.join(CASES)}."
        )
    chosen = {name: CASES[name] for name in names or CASES}
    if not any((data / case.folder).is_dir() for case in chosen.values()):
        folders = ", ".join(dict.fromkeys(case.folder for case in chosen.values()))
        raise ConfigError(
            f"None of the sets is in {data}.", todo=f"Looked for: {folders}."
        )
    sections: list[Section] = []
    for number, (name, case) in enumerate(chosen.items()):
        progress(number / len(chosen), case.title)
        sections.append(_section(name, case, data))
    progress(1.0, "done")
    return Validation(tuple(sections))


def _section(name: str, case: Case, data: Path) -> Section:
    missing = [file for file in case.files if not (data / case.folder / file).is_file()]
    why = ""
    if missing:
        why = f"not there: {case.folder}/{missing[0]}"
    elif case.library and find_spec(case.library) is None:
        why = f"not run: needs the Python library {case.library}"
    if why:
        return Section(name, case.title, case.folder, None, absent=why)
    with tempfile.TemporaryDirectory(prefix="lablive-validation-") as work:
        try:
            outcome = case.run(Bench(data, Path(work)))
        except (LabLiveError, OSError) as error:
            failed = f"could not be run: {error}"
        except (ValueError, LookupError, TypeError) as error:
            failed = (
                f"could not be run: a file in {case.folder} is damaged, or not the one"
                f" that was described ({error})"
            )
        else:
            return Section(name, case.title, case.folder, outcome)
    # one set that is not what it was must not cost the others
    return Section(name, case.title, case.folder, None, failed=failed)
