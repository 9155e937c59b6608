"""The command line: everything the screen does, without a screen."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import msgspec
import typer
from rich.console import Console
from rich.table import Table

from lablive import __version__
from lablive.errors import ConfigError
from ui.align_command import align
from ui.compare_command import compare
from ui.decode_command import decode
from ui.devices_command import devices
from ui.doctor_command import doctor
from ui.edit_command import edit
from ui.ending import FINDING, OK, end_with
from ui.export_command import export
from ui.library_command import library
from ui.microphone_command import microphone
from ui.montage_command import montage
from ui.opening import open_window
from ui.privacy_command import journal
from ui.progress import bar
from ui.recalculate_command import recalculate
from ui.report_command import report
from ui.sample_command import sample
from ui.validate_command import validate

if TYPE_CHECKING:
    from lablive.drills.told import WantedDrill
    from lablive.signals.calibrations import Calibrations
    from lablive.signals.montage import Montage

app = typer.Typer(
    add_completion=False,
    pretty_exceptions_enable=False,
    no_args_is_help=False,
    help="Live gait lab: record, watch, replay and report one treadmill runner.",
)
# no markup: names of files and streams may hold brackets
out = Console(soft_wrap=True, highlight=False, markup=False, emoji=False)


def _there(path: Path) -> Path:
    """Return the path of a trial that is there."""
    return _file(path, "Name a trial file (.xdf).")


def _file(path: Path, todo: str) -> Path:
    if path.is_file():
        return path
    what = f"{path} is a folder." if path.is_dir() else f"There is no file {path}."
    raise ConfigError(what, todo=todo)


TrialFile = Annotated[
    Path, typer.Argument(help="trial file (.xdf)", metavar="T.xdf", callback=_there)
]
MontageFile = Annotated[
    Path | None,
    typer.Option("--montage", help="montage TOML; default: the trial's own"),
]
CalibrationFile = Annotated[
    Path | None,
    typer.Option("--calibration", help="made by calibrate, instead of the trial's own"),
]
Lsl = Annotated[
    str | None,
    typer.Option(
        help="publish on LSL: results, devices, all, or device ids; default: lsl.toml"
    ),
]
Quiet = Annotated[bool, typer.Option("--quiet", help="no progress bar")]


def _write_json(text: bytes, target: Path | None) -> None:
    pretty = msgspec.json.format(text, indent=1).decode() + "\n"
    if target is None or str(target) == "-":
        sys.stdout.write(pretty)
        return
    try:
        target.write_text(pretty, encoding="utf-8")
    except OSError as error:
        raise ConfigError(
            f"{target} cannot be written ({error.strerror}).",
            todo="Choose another place for the result.",
        ) from error


@app.callback(invoke_without_command=True)
def _open(
    context: typer.Context,
    version: Annotated[
        bool, typer.Option("--version", help="version and exit")
    ] = False,
    montage: Annotated[
        Path | None, typer.Option(help="montage TOML of the room, for the window")
    ] = None,
    lsl: Lsl = None,
) -> None:
    """Open the app when no command is given."""
    if version:
        out.print(f"LabLive {__version__}")
        raise typer.Exit(OK)
    if context.invoked_subcommand is None:
        raise typer.Exit(open_window(montage=_montage(montage), lsl=lsl))


@app.command()
def demo(
    headless: Annotated[
        bool, typer.Option("--headless", help="without a display, by itself")
    ] = False,
    seconds: Annotated[
        float, typer.Option(min=10.0, max=3600.0, help="length of the recorded run")
    ] = 30.0,
    out_folder: Annotated[
        Path, typer.Option("--out", help="folder for the results")
    ] = Path("demo-out"),
    data: Annotated[
        Path | None, typer.Option(help="folder with real recordings to play instead")
    ] = None,
    quiet: Quiet = False,
) -> None:
    """Show a whole session with a simulated runner over real wires."""
    from ui.demo import run_demo

    raise typer.Exit(
        run_demo(
            out_folder,
            seconds=seconds,
            headless=headless,
            data=data,
            say=(lambda _: None) if quiet else out.print,
        )
    )


@app.command()
def record(
    out_file: Annotated[Path, typer.Option("--out", help="new trial file (.xdf)")],
    montage: Annotated[Path | None, typer.Option(help="montage TOML")] = None,
    source: Annotated[
        list[str] | None,
        typer.Option(
            help="profile:NAME@PORT, lsl:NAME, lsl:source_id=ID or microphone:NAME; "
            "repeat. Default: the montage's LSL streams"
        ),
    ] = None,
    seconds: Annotated[
        float | None, typer.Option(min=0.1, help="stop by itself after this long")
    ] = None,
    code: Annotated[str, typer.Option(help="person code, no name")] = "anonymous",
    lsl: Lsl = None,
    quiet: Quiet = False,
) -> None:
    """Record without a screen until the time is over or Ctrl+C."""
    from ui.record import record_headless

    raise typer.Exit(
        record_headless(
            out_file,
            montage_path=montage,
            sources=source or [],
            seconds=seconds,
            code=code,
            console=None if quiet else out,
            lsl=lsl,
        )
    )


@app.command("import")
def import_(
    files: Annotated[
        list[Path],
        typer.Argument(
            help="CSV or other table, C3D, loadsol, pedar, F-Scan, XSENSOR, OpenSim,"
            " Xsens MT; several files of one recording on one clock",
            metavar="FILE...",
        ),
    ],
    out_file: Annotated[Path, typer.Option("--out", help="new trial file (.xdf)")],
    montage: Annotated[
        Path | None,
        typer.Option(help="montage TOML; default: what the file itself says"),
    ] = None,
    rate: Annotated[
        float, typer.Option(min=0.0, help="rows per second of a table without times")
    ] = 0.0,
    time: Annotated[
        str, typer.Option(help="time column of a table, label or number from 0")
    ] = "",
    time_unit: Annotated[str, typer.Option(help="its unit: s, ms, us or ns")] = "",
    row: Annotated[
        int, typer.Option(min=0, help="take this line of a table as one series")
    ] = 0,
    parts: Annotated[
        int, typer.Option(min=1, help="series one behind the other in that line")
    ] = 1,
    code: Annotated[str, typer.Option(help="person code, no name")] = "anonymous",
    quiet: Quiet = False,
) -> None:
    """Bring a recording of another program into a trial."""
    from lablive.importing.imported import Options
    from ui.import_command import run_import

    raise typer.Exit(
        run_import(
            files,
            out_file,
            montage_path=montage,
            options=Options(rate, time, time_unit, row, parts),
            code=code,
            console=out,
            quiet=quiet,
        )
    )


@app.command()
def analyze(
    trial: TrialFile,
    montage: MontageFile = None,
    calibration: CalibrationFile = None,
    drill: Annotated[
        str, typer.Option(help="look for this drill; lists them when unknown")
    ] = "",
    leg: Annotated[
        str,
        typer.Option(help="of that drill, in a trial without its markers"),
    ] = "",
    json_out: Annotated[
        Path | None, typer.Option("--json", help="result file, - for the screen")
    ] = None,
    quiet: Quiet = False,
) -> None:
    """Compute events, strides, metrics and drills of a trial."""
    from lablive.analysis import analysis_json, analyze
    from lablive.recording.watched import WatchedTrial

    wanted, calibrated = _montage(montage), _calibrations(calibration)
    looked_for = _drill(drill, leg)
    with bar("analysis", quiet=quiet) as shown:
        task = shown.add_task("reading", total=1.0)
        opened = WatchedTrial(trial, lambda share: shown.update(task, completed=share))
        try:
            found = analyze(opened, wanted, calibrated, looked_for)
        finally:
            opened.close()
    _write_json(analysis_json(found), json_out)


@app.command()
def calibrate(
    trial: TrialFile,
    montage: MontageFile = None,
    out_file: Annotated[
        Path | None, typer.Option("--out", help="new calibration file (.json)")
    ] = None,
    keep: Annotated[bool, typer.Option("--keep", help="also in the library")] = False,
    mass: Annotated[float | None, typer.Option(help="body mass, clothed, kg")] = None,
    mounting: Annotated[
        str, typer.Option(help="name of this putting-on; default: the day")
    ] = "",
    microphone: Annotated[str, typer.Option(help="where it stands")] = "belt",
    as_json: Annotated[bool, typer.Option("--json", help="machine-readable")] = False,
) -> None:
    """Calibrate from the phases marked in a trial; exit 1 when none worked."""
    from ui.calibrate_command import run_calibrate

    raise typer.Exit(
        run_calibrate(
            trial,
            montage=_montage(montage),
            out_file=out_file,
            keep=keep,
            mass_kg=mass,
            mounting=mounting,
            microphone=microphone,
            console=None if as_json else out,
        )
    )


@app.command()
def replay(trial: TrialFile, montage: MontageFile = None) -> None:
    """Open a trial on the live page."""
    from lablive.recording.replay import Trial

    Trial(trial).close()  # one clear message before a window opens
    raise typer.Exit(open_window(trial, _montage(montage)))


@app.command()
def verify(
    trial: TrialFile,
    as_json: Annotated[bool, typer.Option("--json", help="machine-readable")] = False,
) -> None:
    """Count a trial again from disk; exit 1 when something is missing or damaged."""
    from lablive.recording.verify import verify as verify_trial

    told = verify_trial(trial)
    if as_json:
        _write_json(msgspec.json.encode(told), None)
    else:
        table = Table("stream", "rows", "expected", "lost", box=None, pad_edge=False)
        for stream in told.streams:
            expected = "-" if stream.expected is None else str(stream.expected)
            lost = f"{'' if stream.lost_is_exact else '≥ '}{stream.lost}"
            table.add_row(stream.name, str(stream.rows), expected, lost)
        out.print(table)
        for finding in told.findings:
            out.print(finding)
        out.print("complete and intact" if told.ok else "see the findings above")
    raise typer.Exit(OK if told.ok else FINDING)


@app.command()
def repair(
    trial: TrialFile,
    out_file: Annotated[Path, typer.Option("--out", help="new file (.xdf)")],
) -> None:
    """Copy every intact part of a damaged trial into a new valid file."""
    from lablive.recording.repair import repair as repair_trial

    if out_file.exists():
        raise ConfigError(
            f"{out_file} exists already and is never overwritten.",
            todo="Choose another name with --out.",
        )
    told = repair_trial(trial, out_file)
    for finding in told.findings:
        out.print(finding)
    out.print(f"{out_file}: {told.rows} rows kept; {trial} was not changed")


app.command()(devices)
app.command()(align)
app.command()(compare)
app.command()(edit)
app.command()(export)
app.command()(montage)
app.command()(recalculate)
app.command()(microphone)
app.command()(library)
app.command()(journal)
app.command()(report)
app.command()(decode)
app.command()(sample)
app.command()(validate)
app.command()(doctor)


def _montage(path: Path | None) -> Montage | None:
    if path is None:
        return None
    from lablive.signals.montage import load_montage

    return load_montage(path)


def _drill(drill_id: str, leg: str) -> WantedDrill | None:
    if not drill_id:
        return None
    from lablive.drills.catalogue import load_drill
    from lablive.drills.told import wanted_drill
    from lablive.recording.folders import home

    return wanted_drill(load_drill(drill_id, home() / "drills"), leg)


def _calibrations(path: Path | None) -> Calibrations | None:
    if path is None:
        return None
    from lablive.calibrating.record import load_record

    return load_record(path).calibrations


if __name__ == "__main__":
    end_with(app)
