"""How a clinic wants its reports: ``report.toml`` in the library, and its defaults."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal, get_args

import msgspec
import tomli_w

from lablive.config import load_toml
from lablive.errors import ConfigError
from lablive.structs import from_plain
from lablive.whole_file import replace_file

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from lablive.config import Problem

NAME: Final = "report.toml"
SCHEMA: Final = 1
Language = Literal["en", "de"]
Paper = Literal["a4", "letter"]
Units = Literal["metric", "imperial"]
Who = Literal["code", "name"]
Section = Literal[
    "quality", "findings", "skills", "focus", "over_time", "blocks", "drills",
    "curves", "steps", "zones", "pain", "notes", "signature", "runner", "details",
]  # fmt: skip
SECTIONS: Final[tuple[Section, ...]] = get_args(Section)
# what each is, for people who choose
TITLES: Final[dict[Section, str]] = {
    "quality": "Data quality",
    "findings": "Findings",
    "skills": "The five skills",
    "focus": "Work on next",
    "over_time": "Change over the session",
    "blocks": "Corrective blocks",
    "drills": "Drills",
    "curves": "Force, gait line, pressure",
    "steps": "Sound and pelvis, step by step",
    "zones": "Time in zone",
    "pain": "Pain and effort",
    "notes": "Notes",
    "signature": "Signature",
    "runner": "Page for the runner",
    "details": "Details: every number, streams, files",
}
DEFAULT: Final[tuple[Section, ...]] = tuple(
    section for section in SECTIONS if section not in ("runner", "details")
)


class ReportSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a report carries and how it looks.

    Attributes
    ----------
    sections
        What is printed, in this order. ``runner`` and ``details`` begin on a page of
        their own, wherever they stand.
    who
        ``code`` or ``name``: what the head calls the person. The name is read from
        the library when the report is made, and stands nowhere else.
    clinic, logo, template
        Name of the clinic; its logo; its own copy of ``session.typ``, or a folder of
        own ``.typ`` files. Relative paths begin at the settings' folder.
    heading, closing
        Texts of the clinic's own, under the head and over the signature.
    units
        Of lengths: metric, or feet and inches.
    focus
        Metric id of the skill to work on; "" = the first that its band calls for.
    focus_runs
        Completed focus runs so far; -1 = not known.
    table
        Whether the printed numbers are saved as CSV beside the PDF.
    """

    schema: int = SCHEMA
    sections: tuple[Section, ...] = DEFAULT
    language: Language = "en"
    units: Units = "metric"
    paper: Paper = "a4"
    who: Who = "code"
    clinic: str = ""
    logo: str = ""
    template: str = ""
    heading: str = ""
    closing: str = ""
    focus: str = ""
    focus_runs: int = -1
    table: bool = True


def with_section(
    settings: ReportSettings, section: Section, on: bool
) -> ReportSettings:
    """Return the settings with a section on, behind those before it, or off."""
    kept = [it for it in settings.sections if it != section]
    if on and section in settings.sections:
        return settings
    if on:
        before = SECTIONS[: SECTIONS.index(section)]
        place = max((kept.index(it) + 1 for it in before if it in kept), default=0)
        kept.insert(place, section)
    return msgspec.structs.replace(settings, sections=tuple(kept))


def every_section(settings: ReportSettings) -> tuple[Section, ...]:
    """Return those that are on, in their order, and the others behind them."""
    off: list[Section] = []
    for section in SECTIONS:
        if section not in settings.sections:
            off.append(section)
    return (*settings.sections, *off)


def settings_path(library: Path) -> Path:
    """Return where a library keeps how its reports look."""
    return library / NAME


def load_settings(path: Path) -> ReportSettings:
    """Read the settings; the defaults when there are none.

    Raises
    ------
    ConfigError
        The file is wrong: every problem with its line.
    """
    if not path.exists():
        return ReportSettings()
    found = load_toml(path, ReportSettings, lambda it: list(_problems(it)))
    places = {
        key: str(path.parent / value)
        for key in ("logo", "template")
        if (value := getattr(found, key))
    }
    return msgspec.structs.replace(found, **places)


def save_settings(path: Path, settings: ReportSettings) -> None:
    """Write the settings, whole or not at all.

    Raises
    ------
    ConfigError
        They are wrong, or the file cannot be written.
    """
    check_settings(settings)
    plain = msgspec.to_builtins(settings)
    for key in ("logo", "template"):
        plain[key] = _relative(plain[key], path.parent)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        replace_file(path, tomli_w.dumps(plain).encode())
    except OSError as error:
        raise ConfigError(
            f"The settings of reports cannot be saved as {path} ({error.strerror}).",
            still="The settings before are as they were.",
            todo="Free some space, or mend the folder.",
        ) from error


def check_settings(settings: ReportSettings) -> None:
    """Raise ConfigError with everything that is wrong with settings at once."""
    problems = [
        text if isinstance(text, str) else text[1] for text in _problems(settings)
    ]
    try:
        from_plain(msgspec.to_builtins(settings), ReportSettings)
    except msgspec.ValidationError as error:
        problems.append(str(error))
    if problems:
        raise ConfigError(
            f"The settings of the report are wrong: {'; '.join(problems)}.",
            still="The trial is safe.",
            todo="Change them and try again.",
        )


def _relative(text: str, folder: Path) -> str:
    """Return a path as the file tells it: relative inside the settings' folder."""
    head = f"{folder}/"
    return text[len(head) :] if text.startswith(head) else text


def _problems(settings: ReportSettings) -> Iterator[str | Problem]:
    from lablive.metrics.registry import METRICS

    if settings.schema != SCHEMA:
        what = f"schema {settings.schema} is not known; this program reads {SCHEMA}"
        yield ("schema",), what
    twice = {it for it in settings.sections if settings.sections.count(it) > 1}
    if twice:
        yield ("sections",), f"named more than once: {', '.join(sorted(twice))}"
    if not settings.sections:
        yield ("sections",), "a report needs at least one section"
    if settings.focus and settings.focus not in METRICS:
        yield ("focus",), f"there is no metric {settings.focus}"
    if settings.focus_runs < -1:
        yield ("focus_runs",), "is a count, or -1 when it is not known"
