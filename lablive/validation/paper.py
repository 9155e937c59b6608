"""The report of a validation on disk: Markdown, and PDF by the report's own Typst."""

from __future__ import annotations

import json
import tempfile
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

from lablive.report.paper import save, typeset
from lablive.validation.markdown import markdown

_TEMPLATE: Final = "validation.typ"
_LOOK: Final = "look.typ"


def places(out: Path) -> tuple[Path, Path]:
    """Return where Markdown and PDF go, given either of them or neither suffix.

    >>> [path.name for path in places(Path("a/report.pdf"))]
    ['report.md', 'report.pdf']
    >>> [path.name for path in places(Path("run-1.2"))]
    ['run-1.2.md', 'run-1.2.pdf']
    """
    base = out.with_suffix("") if out.suffix in (".md", ".pdf") else out
    return (
        base.with_name(f"{base.name}.md"),
        base.with_name(f"{base.name}.pdf"),
    )


def write_reports(told: dict[str, Any], out: Path) -> tuple[Path, Path]:
    """Save the Markdown and the PDF; each is complete or not there.

    Parameters
    ----------
    told
        What :func:`printed.document` makes.
    out
        Where, without or with one of both suffixes; older ones are replaced.

    Raises
    ------
    ConfigError
        The folder cannot be written.
    """
    text = (
        out.with_suffix(".md") if out.suffix in (".md", ".pdf") else Path(f"{out}.md")
    )
    pdf = text.with_suffix(".pdf")
    save(text, markdown(told).encode())
    with tempfile.TemporaryDirectory(prefix="lablive-validation-") as name:
        folder = Path(name)
        for package, file in (
            ("lablive.report", _LOOK),
            ("lablive.validation", _TEMPLATE),
        ):
            (folder / file).write_bytes(files(package).joinpath(file).read_bytes())
        content = typeset(folder, json.dumps(told, ensure_ascii=False), _TEMPLATE)
    save(pdf, content)
    return text, pdf
