"""What rows mean in this session: montage and calibration, and the pipeline of both.

A recording carries its terms in its header, so that replay finds what live found.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import msgspec

from lablive.errors import ConfigError
from lablive.names import HeaderKey
from lablive.pipeline import Pipeline, PipelineSettings
from lablive.recording.continued import CONTINUED
from lablive.signals.auto_montage import auto_montage
from lablive.signals.binding import Binding, bind
from lablive.signals.calibrations import (
    Calibrations,
    calibrations_json,
    parse_calibrations,
)
from lablive.signals.insole import feet
from lablive.signals.montage import StandingWindow, parse_montage, to_toml

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from lablive.messages import StreamInfo
    from lablive.signals.montage import Montage, Subject


class Laid(NamedTuple):
    """Montage, its binding to the streams that are there, and a fresh pipeline."""

    montage: Montage
    binding: Binding
    pipeline: Pipeline


def lay(
    montage: Montage,
    calibrations: Calibrations,
    streams: Sequence[StreamInfo],
    settings: PipelineSettings | None,
    tell: Callable[[str], None],
) -> Laid:
    """Lay a montage on streams; a calibration of other insoles is told and left out.

    Raises
    ------
    ConfigError
        The montage does not fit the streams.
    """
    binding = bind(montage, streams, strict=False)
    for text in binding.replaced:
        tell(text)
    try:
        feet(binding, calibrations.insole)
    except ConfigError as error:
        tell(str(error))
        calibrations = msgspec.structs.replace(calibrations, insole=None)
    pipeline = Pipeline(binding, streams, calibrations, settings or PipelineSettings())
    return Laid(montage, binding, pipeline)


def wanted(
    montage: Montage | None, subject: Subject | None, streams: Sequence[StreamInfo]
) -> Montage:
    """Return the room's montage, else that of the streams' own words.

    The measures of the person stand in it instead of the room's; None: the room's.
    """
    found = montage or auto_montage(streams)
    return found if subject is None else msgspec.structs.replace(found, subject=subject)


def carry(
    header: Mapping[str, str],
    montage: Montage | None,
    calibrations: Calibrations,
) -> dict[str, str]:
    """Return the header with what live results are made with."""
    full = dict(header)
    if montage is not None and montage.streams:  # none: no channel is known
        # a room's standing window was not used live, so replay must not either
        used = msgspec.structs.replace(montage, calibration=StandingWindow())
        full[HeaderKey.MONTAGE] = to_toml(used)
    if calibrations:
        full[HeaderKey.CALIBRATION] = calibrations_json(calibrations)
    return full


def carried(
    header: Mapping[str, str], streams: Sequence[StreamInfo]
) -> tuple[Montage, Calibrations]:
    """Return montage and calibrations of a recording, as its replay reads them.

    Raises
    ------
    ConfigError, RecordingError
        The texts in the header cannot be read.
    """
    text = header.get(HeaderKey.MONTAGE)
    montage = (
        parse_montage(text, "the trial's own montage")
        if text
        else auto_montage(streams)
    )
    return montage, carried_calibrations(header)


def carried_calibrations(header: Mapping[str, str]) -> Calibrations:
    """Return the calibrations of a recording; RecordingError: they cannot be read."""
    text = header.get(HeaderKey.CALIBRATION)
    return parse_calibrations(text) if text else Calibrations()


def following(path: Path, folder: Path) -> Path:
    """Return the next free name after ``path`` for rows that come after a loss.

    ``trial-01.xdf`` goes on in ``trial-01-continued2.xdf``: another recording, no
    part of the first, since rows are missing in between.
    """
    found = CONTINUED.fullmatch(path.stem)
    stem = found[1] if found else path.stem
    number = 2
    while (free := folder / f"{stem}-continued{number}{path.suffix}").exists():
        number += 1
    return free
