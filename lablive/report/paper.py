"""From report data to a PDF on disk: template, fonts, conformance, atomic save.

PDF/A-2a (archive) and PDF/UA-1 (accessible) are both demanded of Typst, which
refuses to write a file that misses one of them.
"""

from __future__ import annotations

import errno
import json
import os
import re
import shutil
import tempfile
from importlib.resources import as_file, files
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import typst

from lablive.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lablive.report.settings import Paper, ReportSettings

PAPERS: Final[dict[Paper, str]] = {"a4": "a4", "letter": "us-letter"}
_LOGO_BYTES: Final = 1_000_000  # reports stay below 2 MB
LOGO_TYPES: Final = (".svg", ".png", ".jpg", ".jpeg")

_STANDARDS: Final[list[typst.PDFStandard]] = ["a-2a", "ua-1"]
_SUMMARY_PAGES: Final = 2
_TIGHTEST: Final = 3  # how far figures shrink for that, see summary.typ
_PREVIEW_PPI: Final = 110.0
_NO_IMAGE: Final = re.compile(r"failed to (decode image|parse SVG)|image format")
_PLACE: Final = re.compile(r"┌─ (.+?):(\d+):\d+")
_NO_GLYPH: Final = "could not be displayed"
# scripts the bundled font has; anything else is asked of the system's fonts
_UNCOVERED: Final = re.compile(
    "[^\t\n\x20-\x7e\xa0-\xac\xae-\u0148\u014a-\u01c3\u01c5-\u024f\u0384-\u038a"
    "\u038c\u038e-\u03a1\u03a3-\u03d7\u0400-\u0479\u0480-\u049d\u1e00-\u1e9b"
    "\u1e9e-\u1eff\u2000-\u200b\u2010-\u2027\u202f-\u2055\u20ac\u2122\u2190-\u2193"
    "\u2212\u2248\u2260\u2264\u2265]"
)


# the root of the page tree, which typst writes in plain
_PAGES: Final = re.compile(rb"/Type/Pages/Count (\d+)")


def write_pdf(
    pages: Sequence[dict[str, Any]],
    pdf: Path,
    settings: ReportSettings,
    *,
    template: str = "session.typ",
) -> int:
    """Lay out what a template prints and save it; return how many pages it has.

    The file is complete or not there at all.

    Parameters
    ----------
    pages
        What is printed, one after the other (:func:`lablive.report.printed.page`).
    pdf
        File to write; an older one is replaced.
    settings
        Paper, language, logo, the clinic's own template.
    template
        Which of the shipped ones.

    Raises
    ------
    ConfigError
        The template or the logo is wrong, or the folder cannot be written.
    """
    content = compile_report(pages, settings, template)
    save(pdf, content)
    return count_pages(content)


def count_pages(content: bytes) -> int:
    """Return how many pages a PDF of ours has."""
    pages = _PAGES.search(content)
    return int(pages[1]) if pages else 0


def compile_report(
    pages: Sequence[dict[str, Any]],
    settings: ReportSettings,
    template: str = "session.typ",
    *,
    pictures: bool = False,
) -> Any:
    """Return a report as PDF, or as one PNG a page; raises as :func:`write_pdf` does.

    Parameters
    ----------
    pages, settings, template
        As in :func:`write_pdf`.
    pictures
        PNG pages to look at, in place of the PDF.
    """
    reports = [dict(page) for page in pages]
    told: dict[str, Any] = {"paper": PAPERS[settings.paper], "reports": reports}
    logo = Path(settings.logo) if settings.logo else None
    own = Path(settings.template) if settings.template else None
    with tempfile.TemporaryDirectory(prefix="lablive-report-") as name:
        folder = Path(name)
        for item in files("lablive.report").iterdir():
            if item.name.endswith(".typ"):
                (folder / item.name).write_bytes(item.read_bytes())
        brought = _bring_templates(own, folder, template)
        if logo is not None:
            told["logo"] = _bring_logo(logo, folder)
        try:
            for tight in range(_TIGHTEST + 1):
                for page in reports:
                    page["tight"] = tight
                text = json.dumps(told, ensure_ascii=False)
                fits = tight == _TIGHTEST or _fits(folder, text, template)
                if fits:
                    return typeset(folder, text, template, pictures=pictures)
        except typst.TypstError as error:
            if logo is not None and _NO_IMAGE.search(error.message):
                raise ConfigError(
                    f"The logo {logo} is damaged or of another kind than its name "
                    f"says ({error.message.rstrip('.')}).",
                    still="The trial is safe; no report was written.",
                    todo="Save the image anew, or leave it out.",
                ) from error
            raise _template_error(error, brought) from error


def _fits(folder: Path, data: str, template: str) -> bool:
    """Tell whether every summary has two pages; a template without the marks does."""
    (folder / "data.json").write_bytes(data.encode("utf-8", "replace"))
    with as_file(files("lablive").joinpath("fonts")) as fonts:
        try:
            found = typst.query(
                str(folder / template),
                "<summary-pages>",
                field="value",
                root=str(folder),
                font_paths=[str(fonts)],
                ignore_system_fonts=True,
            )
        except RuntimeError:  # the compiler says better what is wrong
            return True
    return all(pages <= _SUMMARY_PAGES for pages in json.loads(found))


def _bring_templates(own: Path | None, folder: Path, template: str) -> dict[str, Path]:
    """Lay a clinic's own templates over the shipped ones; return file name -> own."""
    if own is None:
        return {}
    if own.is_dir():
        found = {it.name: it for it in sorted(own.glob("*.typ"))}
        if not found:
            raise ConfigError(
                f"There is no .typ file in {own}.",
                still="The trial is safe.",
                todo="Copy session.typ there and change it, or leave the folder out.",
            )
    else:
        # a single file is for reports of a session; others keep their own
        found = {"session.typ": own} if template == "session.typ" else {}
    for name, source in found.items():
        _bring(source, folder / name, "report template")
    return found


def _bring(source: Path, target: Path, what: str) -> None:
    try:
        shutil.copyfile(source, target)
    except OSError as error:
        raise ConfigError(
            f"The {what} {source} cannot be read ({error.strerror}).",
            still="The trial is safe.",
            todo="Check its path, or leave it out.",
        ) from error


def _bring_logo(logo: Path, folder: Path) -> str:
    if logo.suffix.lower() not in LOGO_TYPES:
        raise ConfigError(
            f"The logo {logo} is not an image a report can carry.",
            still="The trial is safe.",
            todo=f"Use one of {', '.join(LOGO_TYPES)}, or leave it out.",
        )
    try:
        size = logo.stat().st_size
    except OSError:
        size = 0  # copying says better what is wrong
    if size > _LOGO_BYTES:
        raise ConfigError(
            f"The logo {logo} has {size / 1e6:.1f} MB; every report would carry it.",
            still="The trial is safe; no report was written.",
            todo="Save it smaller than 1 MB: 1000 pixels across are plenty.",
        )
    target = folder / f"logo{logo.suffix.lower()}"
    _bring(logo, target, "logo")
    return target.name


def typeset(
    folder: Path,
    data: str,
    template: str = "session.typ",
    *,
    pictures: bool = False,
) -> Any:
    """Compile to a PDF, or to PNG pages.

    Letters the bundled font lacks come from the system or as code points.
    A note in any script must not cost the report: a letter no font has is printed
    as its number, ``[U+1F600]``.
    """
    try:
        return _attempt(folder, data, template, False, pictures)
    except typst.TypstError as error:
        if _NO_GLYPH not in error.message:
            raise
    try:
        return _attempt(folder, data, template, True, pictures)
    except typst.TypstError as error:
        if _NO_GLYPH not in error.message:
            raise
    numbered = _UNCOVERED.sub(lambda found: f"[U+{ord(found[0]):04X}]", data)
    return _attempt(folder, numbered, template, False, pictures)


def _attempt(
    folder: Path, data: str, template: str, system_fonts: bool, pictures: bool
) -> Any:
    (folder / "data.json").write_bytes(data.encode("utf-8", "replace"))
    with as_file(files("lablive").joinpath("fonts")) as fonts:
        how: dict[str, Any] = (
            {"format": "png", "ppi": _PREVIEW_PPI}
            if pictures
            else {"pdf_standards": _STANDARDS}
        )
        made = typst.compile(
            str(folder / template),
            root=str(folder),
            font_paths=[str(fonts)],
            ignore_system_fonts=not system_fonts,
            **how,
        )
    # a single page comes alone
    return [made] if pictures and isinstance(made, bytes) else made


def _template_error(error: Any, own: dict[str, Path]) -> ConfigError:
    """Name file, line and problem of a template that Typst does not accept."""
    place = _PLACE.search(error.diagnostic)
    where = "the report template"
    if place:
        name = Path(place[1]).name
        where = f"{own.get(name, name)}, line {place[2]}"
    hints = " ".join(f"({hint})" for hint in error.hints)
    return ConfigError(
        f"{where}: {error.message}. {hints}".strip(),
        still="The trial is safe; no report was written.",
        todo="Mend that line, or print with the shipped template.",
    )


def check_folder(pdf: Path) -> None:
    """Raise ConfigError before any work when a report's folder cannot be written.

    Raises
    ------
    ConfigError
        There is no such folder, or no file can be made in it.
    """
    try:
        with tempfile.TemporaryFile(dir=pdf.parent):
            pass
    except OSError as error:
        raise _cannot_save(pdf, error) from error


def save(pdf: Path, content: bytes) -> None:
    """Write a file so that it is complete or absent, replacing an older one.

    Raises
    ------
    ConfigError
        The folder is missing, full or not writable, or the file is open elsewhere.
    """
    part: Path | None = None
    try:
        with tempfile.NamedTemporaryFile(
            dir=pdf.parent, prefix=f".{pdf.stem}-", suffix=".part", delete=False
        ) as file:
            part = Path(file.name)
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        part.replace(pdf)
    except OSError as error:
        if part is not None:
            part.unlink(missing_ok=True)
        raise _cannot_save(pdf, error) from error


def save_table(pdf: Path, content: bytes) -> None:
    """Save the printed numbers beside a report that was written.

    Raises
    ------
    ConfigError
        As for :func:`save`; the report itself stays.
    """
    try:
        save(pdf.with_suffix(".csv"), content)
    except ConfigError as error:
        raise ConfigError(
            error.what.replace("The report", "The table of its numbers"),
            still=f"The report is there: {pdf}.",
            todo=error.todo,
        ) from error


def _cannot_save(pdf: Path, error: OSError) -> ConfigError:
    full = error.errno == errno.ENOSPC
    return ConfigError(
        f"The report cannot be saved as {pdf} ({error.strerror}).",
        still="The trial is safe.",
        todo="Free some space, or choose another disk."
        if full
        else "Choose a folder that can be written; close the file if it is open.",
    )
