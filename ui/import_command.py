"""``lablive import``: foreign files into a trial, with a bar and a plain report."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.table import Table

from lablive.importing.import_trial import ImportReport, import_trial
from lablive.recording.folders import check_code
from lablive.recording.verify import verify
from lablive.signals.montage import load_montage
from ui.progress import bar

if TYPE_CHECKING:
    from pathlib import Path

    from rich.console import Console

    from lablive.importing.imported import Options


def run_import(
    paths: list[Path],
    out_file: Path,
    *,
    montage_path: Path | None,
    options: Options,
    code: str,
    console: Console,
    quiet: bool,
) -> int:
    """Import files, verify the trial, tell what became of them.

    Returns
    -------
    int
        0 when the trial is complete, 1 when the files themselves lack rows.

    Raises
    ------
    LabLiveError
        A file cannot be read, the montage does not fit, the trial cannot be written.
    """
    montage = load_montage(montage_path) if montage_path else None
    check_code(code)
    with bar("import", quiet=quiet) as shown:
        task = shown.add_task("", total=1.0)
        report = import_trial(
            paths,
            out_file,
            montage=montage,
            options=options,
            code=code,
            progress=lambda share, step: shown.update(
                task, completed=share, description=step
            ),
        )
        shown.update(task, description="verifying")
        told = verify(out_file)
    if not quiet:
        _show(report, out_file, console)
        for finding in told.findings:
            console.print(finding, markup=False)
    return 0 if told.ok else 1


def _show(report: ImportReport, out_file: Path, console: Console) -> None:
    for name, kind in report.kinds.items():
        console.print(f"{name}: {kind}", markup=False)
    table = Table("stream", "type", "channels", "rows", "Hz", box=None, pad_edge=False)
    for info, rows in zip(report.streams, report.rows, strict=True):
        table.add_row(
            info.name,
            info.type,
            str(len(info.channels)),
            str(rows),
            f"{info.rate_hz:g}",
        )
    console.print(table)
    if report.markers:
        console.print(f"events: {report.markers}")
    for note in report.notes:
        console.print(note, markup=False)
    for role, stream in report.roles.items():
        console.print(f"{role}  from  {stream}", markup=False)
    if report.template:
        console.print(
            "\nNo channel has a role yet: rows are stored, nothing is measured. Free"
            " roles:"
        )
        for line in report.free:
            console.print(f"  {line}", markup=False)
        console.print(
            "\nA montage to start from; fill in roles and import again with"
            " --montage, or give it to lablive analyze:\n"
        )
        console.print(report.template, markup=False)
    console.print(f"Imported to {out_file}", markup=False)
