"""``lablive microphone``: calibrate it, see whether loudness is evened out."""

from __future__ import annotations

import json
import subprocess
from typing import Annotated, Any, Final, Literal

import typer

from lablive.programs import own_program
from ui.ending import FINDING, OK

Task = Literal["calibrate", "claps", "clicks"]
ASKED: Final[dict[str, str]] = {
    "calibrate": "Calibrator on the microphone, 94 dB at 1 kHz. Listening …",
    "claps": "Clap once at 1 m, wait a second, clap once at 3 m. Listening …",
    "clicks": "Loudspeaker on, room quiet. Clicks come now …",
}


def microphone(
    task: Annotated[Task, typer.Argument(help="what to do")],
    device: Annotated[
        str, typer.Option(help="its name in lablive devices; default: the system's")
    ] = "",
    seconds: Annotated[
        float, typer.Option(min=0.0, max=60.0, help="how long; 0 = as needed")
    ] = 0.0,
    as_json: Annotated[bool, typer.Option("--json", help="machine-readable")] = False,
) -> None:
    """Calibrate a microphone, or check it with two claps or clicks; exit 1 if bad."""
    command = own_program("drivers.microphone", task)
    command += ["--device", device, "--seconds", str(seconds)]
    if as_json:
        raise typer.Exit(subprocess.run(command, check=False).returncode)
    typer.echo(ASKED[task])
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as worker:
        for line in worker.stdout or ():
            typer.echo(in_words(json.loads(line)))
        # the sound library may complain of other devices: the last line is ours
        told = (worker.stderr.read() if worker.stderr else "").strip().splitlines()
    if worker.returncode and told:
        typer.echo(told[-1], err=True)
    raise typer.Exit(FINDING if worker.returncode else OK)


def in_words(told: dict[str, Any]) -> str:
    """Return what the program told as a line for people.

    >>> in_words({"level_db": -23.0, "unit": "dB rel"})
    '  -23.0 dB rel'
    """
    if "level_db" in told:
        return f"  {told['level_db']:.1f} {told['unit']}"
    if "pa_per_fs" in told:
        return (
            f"Calibrated: {told['pa_per_fs']:.4g} Pa per full scale of "
            f"{told['device']}. Leave its level control as it is, and connect it "
            "again: levels are then in dB SPL."
        )
    if told["ok"]:
        return (
            f"Good: {told['difference_db']:.1f} dB apart. Loudness is not evened out."
        )
    return str(told["why"])
