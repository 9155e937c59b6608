"""From report data to a PDF on disk: template, fonts, conformance, atomic save.

PDF/A-2a (archive) and PDF/UA-1 (accessible) are both demanded of Typst, which
refuses to write a file that misses one of them.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import tempfile
from importlib.resources import as_file, files
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal

import typst

from lablive.errors import ConfigError
from lablive.report.printed import page

if TYPE_CHECKING:
    from lablive.report.data import ReportData

Paper = Literal["a4", "letter"]
PAPERS: Final[dict[Paper, str]] = {"a4": "a4", "letter": "us-letter"}
LOGO_TYPES: Final = (".svg", ".png", ".jpg", ".jpeg")

_STANDARDS: Final[list[typst.PDFStandard]] = ["a-2a", "ua-1"]
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
    report: ReportData,
    pdf: Path,
    *,
    paper: Paper = "a4",
    logo: Path | None = None,
    template: Path | None = None,
) -> int:
    """Lay out a report and save it; return how many pages it has.

    The file is complete or not there at all.

    Parameters
    ----------
    report
        What to print.
    pdf
        File to write; an older one is replaced.
    paper
        ``a4`` or ``letter``.
    logo
        Image of the clinic: SVG, PNG or JPEG.
    template
        A clinic's own copy of ``session.typ``; None = the shipped one.

    Raises
    ------
    ConfigError
        The template or the logo is wrong, or the folder cannot be written.
    """
    content = _compile(report, paper, logo, template)
    save(pdf, content)
    pages = _PAGES.search(content)
    return int(pages[1]) if pages else 0


def _compile(
    report: ReportData, paper: Paper, logo: Path | None, template: Path | None
) -> bytes:
    told = page(report) | {"paper": PAPERS[paper]}
    with tempfile.TemporaryDirectory(prefix="lablive-report-") as name:
        folder = Path(name)
        for item in files("lablive.report").iterdir():
            if item.name.endswith(".typ"):
                (folder / item.name).write_bytes(item.read_bytes())
        if template is not None:
            _bring(template, folder / "session.typ", "report template")
        if logo is not None:
            told["logo"] = _bring_logo(logo, folder)
        text = json.dumps(told, ensure_ascii=False)
        try:
            return typeset(folder, text)
        except typst.TypstError as error:
            if logo is not None and _NO_IMAGE.search(error.message):
                raise ConfigError(
                    f"The logo {logo} is damaged or of another kind than its name "
                    f"says ({error.message.rstrip('.')}).",
                    still="The trial is safe; no report was written.",
                    todo="Save the image anew, or leave it out.",
                ) from error
            raise _template_error(error, template) from error


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
    target = folder / f"logo{logo.suffix.lower()}"
    _bring(logo, target, "logo")
    return target.name


def typeset(folder: Path, data: str, template: str = "session.typ") -> bytes:
    """Compile; letters the bundled font lacks come from the system or as code points.

    A note in any script must not cost the report: a letter no font has is printed
    as its number, ``[U+1F600]``.
    """
    try:
        return _attempt(folder, data, template, system_fonts=False)
    except typst.TypstError as error:
        if _NO_GLYPH not in error.message:
            raise
    try:
        return _attempt(folder, data, template, system_fonts=True)
    except typst.TypstError as error:
        if _NO_GLYPH not in error.message:
            raise
    numbered = _UNCOVERED.sub(lambda found: f"[U+{ord(found[0]):04X}]", data)
    return _attempt(folder, numbered, template, system_fonts=False)


def _attempt(folder: Path, data: str, template: str, *, system_fonts: bool) -> bytes:
    (folder / "data.json").write_bytes(data.encode("utf-8", "replace"))
    with as_file(files("lablive").joinpath("fonts")) as fonts:
        return typst.compile(
            str(folder / template),
            root=str(folder),
            font_paths=[str(fonts)],
            ignore_system_fonts=not system_fonts,
            pdf_standards=_STANDARDS,
        )


def _template_error(error: Any, template: Path | None) -> ConfigError:
    """Name file, line and problem of a template that Typst does not accept."""
    place = _PLACE.search(error.diagnostic)
    where = "the report template"
    if place:
        name = Path(place[1]).name
        own = template is not None and name == "session.typ"
        where = f"{template if own else name}, line {place[2]}"
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


def _cannot_save(pdf: Path, error: OSError) -> ConfigError:
    return ConfigError(
        f"The report cannot be saved as {pdf} ({error.strerror}).",
        still="The trial is safe.",
        todo="Choose a folder that can be written; close the file if it is open.",
    )
