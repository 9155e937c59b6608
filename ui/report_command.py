"""``lablive report``: the PDF of a trial, a session, a person's course or a day."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer
from rich.console import Console

from lablive.errors import ConfigError
from lablive.programs import own_program
from lablive.recording.folders import home
from ui.ending import OK
from ui.progress import run_worker
from ui.typed import open_lock

# no markup: names of files may hold brackets
_out = Console(soft_wrap=True, highlight=False, markup=False, emoji=False)


def report(
    source: Annotated[
        Path | None,
        typer.Argument(help="trial file (.xdf), or a session folder", metavar="T.xdf"),
    ] = None,
    pdf: Annotated[Path | None, typer.Option(help="default: beside the trial")] = None,
    montage: Annotated[
        Path | None, typer.Option(help="montage TOML; default: the trial's own")
    ] = None,
    calibration: Annotated[
        Path | None, typer.Option(help="made by calibrate, not the trial's own")
    ] = None,
    person: Annotated[
        str | None, typer.Option(help="progress of this code over the sessions")
    ] = None,
    day: Annotated[
        str | None, typer.Option(help="table of all sessions of a day: 2026-11-20")
    ] = None,
    settings: Annotated[
        Path | None, typer.Option(help="report.toml; default: the library's")
    ] = None,
    sections: Annotated[
        str | None, typer.Option(help="what is printed, in order: quality,findings,...")
    ] = None,
    runner: Annotated[bool, typer.Option(help="add the page for the runner")] = False,
    details: Annotated[
        bool, typer.Option(help="add every number, streams, files")
    ] = False,
    language: Annotated[
        Literal["en", "de"] | None, typer.Option(help="default: as set")
    ] = None,
    units: Annotated[
        Literal["metric", "imperial"] | None, typer.Option(help="of lengths")
    ] = None,
    paper: Annotated[Literal["a4", "letter"] | None, typer.Option(help="size")] = None,
    with_name: Annotated[
        bool, typer.Option("--with-name", help="the library's name, not the code")
    ] = False,
    clinic: Annotated[str | None, typer.Option(help="name in the head")] = None,
    logo: Annotated[
        Path | None, typer.Option(help="the clinic's logo: svg, png or jpg")
    ] = None,
    template: Annotated[
        Path | None,
        typer.Option(help="own copy of session.typ, or a folder of .typ files"),
    ] = None,
    focus: Annotated[
        str | None, typer.Option(help="metric id of the skill to work on")
    ] = None,
    focus_runs: Annotated[
        int | None, typer.Option(help="focus runs completed so far")
    ] = None,
    csv: Annotated[bool, typer.Option(help="numbers as CSV beside the PDF")] = True,
    quiet: Annotated[
        bool, typer.Option("--quiet", help="no progress bar, no closing words")
    ] = False,
) -> None:
    """Print the PDF of a trial or session, of a person's course or of a day."""
    if sum(it is not None for it in (source, person, day)) != 1:
        raise ConfigError(
            "A report is of one thing: a trial or session folder, --person or --day.",
            still="No report was written.",
            todo="Name one of them.",
        )
    for file in (montage, calibration, settings, logo):
        if file is not None and not file.is_file():
            raise ConfigError(
                f"There is no file {file}.", todo="Check its path, or leave it out."
            )
    for place in (source, template):
        if place is not None and not place.exists():
            raise ConfigError(
                f"There is no file {place}.",
                todo="Name a trial file (.xdf)." if place is source else "Check it.",
            )
    _check(montage, calibration, settings)
    target = pdf or _default_pdf(source, person, day)
    arguments = [] if source is None else [str(source)]
    arguments += ["--pdf", str(target)]
    given = {
        "person": person, "day": day, "montage": montage, "calibration": calibration,
        "settings": settings, "sections": sections, "language": language,
        "units": units, "paper": paper, "clinic": clinic, "logo": logo,
        "template": template, "focus": focus, "focus-runs": focus_runs,
    }  # fmt: skip
    for name, value in given.items():
        if value is not None:
            arguments += [f"--{name}", str(value)]
    for name, on in (
        ("runner", runner), ("details", details), ("with-name", with_name),
        ("no-csv", not csv),
    ):  # fmt: skip
        if on:
            arguments.append(f"--{name}")
    if with_name or person or day:
        open_lock(home())
    command = own_program("lablive.report.session", *arguments)
    code = run_worker(command, "report", quiet=quiet)
    if code == OK and not quiet:
        _out.print(f"Report written to {target}")
    raise typer.Exit(code)


def _check(
    montage: Path | None, calibration: Path | None, settings: Path | None
) -> None:
    """Raise ConfigError with one clear message before the worker starts."""
    from lablive.calibrating.record import load_record
    from lablive.report.settings import load_settings
    from lablive.signals.montage import load_montage

    if montage is not None:
        load_montage(montage)
    if calibration is not None:
        load_record(calibration)
    if settings is not None:
        load_settings(settings)


def _default_pdf(source: Path | None, person: str | None, day: str | None) -> Path:
    """Return where the report goes: beside its trials, else in this folder."""
    if source is None:
        return Path(f"progress-{person}.pdf" if person else f"sessions-{day}.pdf")
    return source / "report.pdf" if source.is_dir() else source.with_suffix(".pdf")
