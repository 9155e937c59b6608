"""A trial worked out anew, with other thresholds, montage or calibration.

The trial is never changed: each recalculation is a dated file of its own beside it,
``trial-01.result-20261121T204512.123456.json``, with everything it was made with.
``python -m lablive.recalculation TRIAL`` makes one in a process of its own and prints
``{"progress": 0.4, "step": "reading"}`` lines, at last ``{"result": PATH}``.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import msgspec
import numpy as np

from lablive import __version__, journal
from lablive.analysis import Analysis, analyze
from lablive.calibrating.record import load_record
from lablive.errors import LabLiveError, RecordingError
from lablive.metrics.bands import Bands, Verdict, load_bands
from lablive.metrics.belt import LEVEL_PCT
from lablive.metrics.metric import NAN, StatKey
from lablive.metrics.registry import METRICS
from lablive.names import SIDES, HeaderKey
from lablive.preparation import prepare
from lablive.progress_lines import ProgressLines
from lablive.recording.continued import header_texts
from lablive.recording.folders import home
from lablive.recording.watched import WatchedTrial
from lablive.signals.calibrations import calibrations_json
from lablive.signals.montage import load_montage, to_toml
from lablive.structs import from_json
from lablive.whole_file import replace_file

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from lablive.signals.calibrations import Calibrations
    from lablive.signals.montage import Montage

SCHEMA: Final = 1
_KEYS: Final[tuple[StatKey, ...]] = (*SIDES, "both")


class Judged(msgspec.Struct, frozen=True):
    """A median and its colour at a belt speed; None where none is due or known.

    ``usual``: the colour by the bands that come with the program.
    """

    metric: str
    side: StatKey
    unit: str
    value: float
    n: int
    speed_mps: float | None
    verdict: Verdict | None
    usual: Verdict | None


class Recalculated(msgspec.Struct, frozen=True):
    """One recalculation.

    Attributes
    ----------
    made_at, software, reason
        When, by which version, why.
    file, recording, t0_s
        The trial, its identity, its first time.
    montage, bands
        Which channel measured what, and the thresholds, as TOML; ``bands`` "" = those
        that came with the program.
    calibrations
        As JSON.
    analysis
        As ``lablive analyze`` writes it, plain data; None = not measured.
    verdicts
        Colours of the medians by these bands.
    """

    schema: int
    made_at: str
    software: str
    reason: str
    file: str
    recording: str
    t0_s: float
    montage: str
    bands: str
    calibrations: str
    analysis: dict[str, Any]
    verdicts: tuple[Judged, ...]


def recalculate(
    path: Path,
    *,
    montage: Montage | None = None,
    calibrations: Calibrations | None = None,
    bands: Path | None = None,
    reason: str = "",
    progress: Callable[[float], None] = lambda share: None,
) -> Path:
    """Work a trial out anew and keep the result beside it; return where.

    Parameters
    ----------
    path
        The trial; it is not changed, nor is an earlier result.
    montage, calibrations
        In place of the trial's own; None = those.
    bands
        A lab's own ``metrics.toml``; None = the program's.
    reason
        Why, in words.
    progress
        Told the share read.

    Raises
    ------
    ConfigError
        The montage, the calibration or the bands do not fit.
    RecordingError
        It is no trial, or the result cannot be stored.
    """
    known = load_bands(bands)
    text = bands.read_text(encoding="utf-8") if bands else ""
    trial = WatchedTrial(path, progress)
    try:
        prepared = prepare(trial, montage, calibrations)
        analysis = analyze(trial, montage, calibrations)
        made = datetime.now().astimezone()
        result = Recalculated(
            schema=SCHEMA,
            made_at=made.isoformat(timespec="seconds"),
            software=f"LabLive {__version__}",
            reason=" ".join(reason.split()),
            file=path.name,
            recording=trial.files[0].file_header.recording,
            t0_s=trial.t0_s,
            montage=to_toml(prepared.binding.montage),
            bands=text,
            calibrations=calibrations_json(prepared.calibrations),
            analysis=msgspec.to_builtins(analysis),
            verdicts=tuple(_judged(analysis, known, load_bands())),
        )
    finally:
        trial.close()
    out = _free(path, made)
    try:
        replace_file(out, msgspec.json.format(msgspec.json.encode(result), indent=1))
    except OSError as error:
        raise RecordingError(
            f"{out} cannot be written ({error.strerror or error}).",
            still="The trial and earlier results are as they were.",
            todo="Free some space, or mend the folder.",
        ) from error
    return out


def results_beside(path: Path) -> list[Path]:
    """Return the recalculations of a trial, oldest first."""
    return sorted(path.parent.glob(f"{_escaped(path.stem)}.result-*.json"))


def read_result(path: Path) -> Recalculated:
    """Read a recalculation.

    Raises
    ------
    RecordingError
        It is damaged, or a newer LabLive wrote it.
    """
    try:
        found = from_json(path.read_bytes(), Recalculated)
    except (OSError, msgspec.MsgspecError) as error:
        raise RecordingError(
            f"{path.name} cannot be read ({error}).",
            still="The trial is as it was.",
            todo="Recalculate again; this file can be deleted.",
        ) from error
    if found.schema != SCHEMA:
        raise RecordingError(
            f"{path.name} is of schema {found.schema}, this LabLive knows {SCHEMA}.",
            still="The trial is as it was.",
            todo="Update LabLive, or recalculate.",
        )
    return found


def _judged(analysis: Analysis, bands: Bands, usual: Bands) -> Iterator[Judged]:
    """Yield the colour of every median at the belt speed of the strides on the level.

    Bands found on the level say nothing about a slope.
    """
    valid = [it for it in analysis.strides if it.valid]
    speeds = [it.speed_mps for it in valid if not abs(it.incline_pct) > LEVEL_PCT]
    speed_mps = float(np.median(speeds)) if speeds else NAN
    for metric in METRICS.values():
        value = analysis.metrics[metric.id]
        for key in _KEYS:
            stat = value.stat(key)
            if not stat.n or np.isnan(stat.median):
                continue
            own = _colour(bands, analysis, metric.id, key, speed_mps)
            program = _colour(usual, analysis, metric.id, key, speed_mps)
            at_mps = None if np.isnan(speed_mps) else speed_mps
            yield Judged(
                metric.id, key, value.unit, stat.median, stat.n, at_mps, own, program
            )


def _colour(
    bands: Bands, analysis: Analysis, name: str, key: StatKey, speed_mps: float
) -> Verdict | None:
    beside = bands.band[name].poor_with
    other = analysis.metrics[beside.metric].stat(key).median if beside else NAN
    median = analysis.metrics[name].stat(key).median
    return bands.judge(name, median, speed_mps, other)


def _free(path: Path, made: datetime) -> Path:
    stem = f"{path.stem}.result-{made:%Y%m%dT%H%M%S.%f}"
    names = (stem, *(f"{stem}-{number}" for number in range(2, 1000)))
    places = (path.with_name(f"{name}.json") for name in names)
    return next(place for place in places if not place.exists())


def _escaped(stem: str) -> str:
    return "".join(f"[{it}]" if it in "[]*?" else it for it in stem)


def main(arguments: Sequence[str] | None = None) -> int:
    """Recalculate a trial; 1 and one message when there is no result."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("trial", type=Path)
    for name in ("--montage", "--calibration", "--bands"):
        parser.add_argument(name, type=Path)
    parser.add_argument("--reason", default="")
    given = parser.parse_args(arguments)
    lines = ProgressLines()
    try:
        record = load_record(given.calibration) if given.calibration else None
        out = recalculate(
            given.trial,
            montage=load_montage(given.montage) if given.montage else None,
            calibrations=record.calibrations if record else None,
            bands=given.bands,
            reason=given.reason,
            progress=lambda share: lines(share, "reading"),
        )
        code = (header_texts(given.trial) or {}).get(HeaderKey.CODE, "anonymous")
        bands = given.bands.read_bytes() if given.bands else b""
        journal.note(
            home(),
            "recalculation",
            code=code,
            trial=given.trial.name,
            result=out.name,
            own_thresholds=hashlib.sha256(bands).hexdigest()[:16] if bands else "",
        )
    except LabLiveError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    sys.stdout.write(json.dumps({"result": str(out)}) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
