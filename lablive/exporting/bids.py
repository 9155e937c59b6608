"""A BIDS folder of a range: IMUs as motion, other signals as physio, events.

Names, sidecars and channel tables follow BIDS 1.10 and its motion extension; a code
becomes a label of letters and digits, as BIDS wants it.
"""

from __future__ import annotations

import gzip
import json
import re
from functools import partial
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from lablive import __version__
from lablive.exporting.grid import measured_hz
from lablive.exporting.tables import file_names, joined, labels_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from lablive.exporting.source import Progress, Source
    from lablive.messages import StreamInfo

_BIDS: Final = "1.10.0"
_TASK: Final = "treadmill"
_PACKED: Final = 4  # of 9: a third of the time, a tenth larger
_MOTION: Final = {  # end of a role -> BIDS channel type
    "acc": "ACCEL", "gyro": "GYRO", "mag": "MAGN", "quat": "ORNT",
}  # fmt: skip
_COMPONENTS: Final = {3: ("x", "y", "z"), 4: ("quat_w", "quat_x", "quat_y", "quat_z")}


def write_bids(source: Source, folder: Path, progress: Progress) -> None:
    """Write a dataset with one subject and one recording."""
    progress(0.0, "analysing")
    subject = f"sub-{_label(source.code)}"
    base = f"{subject}_task-{_TASK}"
    motion, physio = folder / subject / "motion", folder / subject / "beh"
    motion.mkdir(parents=True)
    physio.mkdir()
    _top(source, folder, subject)
    roles = _roles(source)
    names = file_names(source.streams)
    for number, (info, name) in enumerate(names):
        progress(0.3 + 0.6 * number / len(names), f"writing {name}")
        own = roles.get(info.id, {})
        if any(role.startswith("imu_") for role, _ in own.values()):
            stem = f"{base}_tracksys-{_label(name)}"
            _motion(source, info, own, motion / stem)
        else:
            _physio(source, info, physio / f"{base}_recording-{_label(name)}")
    _events(source, motion / f"{base}_events")
    (folder / "sourcedata").mkdir()
    (folder / "sourcedata" / "about.json").write_bytes(source.about_json())


def _top(source: Source, folder: Path, subject: str) -> None:
    _json(
        folder / "dataset_description.json",
        {
            "Name": f"LabLive trial {source.text(source.trial.path.stem)}",
            "BIDSVersion": _BIDS,
            "DatasetType": "raw",
            "GeneratedBy": [{"Name": "LabLive", "Version": __version__}],
        },
    )
    names = ["participant_id", *(["name"] if source.name else [])]
    row = [subject, *([source.name] if source.name else [])]
    (folder / "participants.tsv").write_text(
        "\t".join(names) + "\n" + "\t".join(row) + "\n", encoding="utf-8"
    )
    (folder / "README").write_text(
        "One recording of a treadmill runner, exported by LabLive. Times are seconds "
        "from the begin of the exported range; sourcedata/about.json says more.\n",
        encoding="utf-8",
    )


def _roles(source: Source) -> dict[int, dict[int, tuple[str, str]]]:
    """Return stream -> column -> role and component, for the streams of the montage."""
    found: dict[int, dict[int, tuple[str, str]]] = {}
    for role, it in source.analysed.prepared.binding.sources.items():
        parts = _COMPONENTS.get(len(it.columns), ())
        for number, column in enumerate(it.columns.tolist()):
            part = parts[number] if parts else "n/a"
            found.setdefault(it.stream, {})[column] = (role, part)
    return found


def _motion(
    source: Source, info: StreamInfo, roles: dict[int, tuple[str, str]], stem: Path
) -> None:
    """Write motion.tsv without a header line, its channels and its sidecar."""
    _rows(source, info, stem.with_name(f"{stem.name}_motion.tsv"))
    table = [["name", "component", "type", "tracked_point", "units"]]
    table.append(["latency", "n/a", "LATENCY", "n/a", "s"])
    kinds: list[str] = ["LATENCY"]
    for column, (label, channel) in enumerate(
        zip(labels_of(info), info.channels, strict=True)
    ):
        role, part = roles.get(column, ("", "n/a"))
        site, _, quantity = role.partition(".")
        kind = _MOTION.get(quantity, "MISC")
        kinds.append(kind)
        point = site.removeprefix("imu_") if site else "n/a"
        table.append([label, part, kind, point, channel.unit or "n/a"])
    _tsv(stem.with_name(f"{stem.name}_channels.tsv"), table)
    counts = {f"{kind}ChannelCount": kinds.count(kind) for kind in dict.fromkeys(kinds)}
    _json(
        stem.with_name(f"{stem.name}_motion.json"),
        {
            "TaskName": _TASK,
            "TrackingSystemName": info.name,
            "DeviceSerialNumber": info.source_id or "n/a",
            "SamplingFrequency": info.rate_hz,
            "SamplingFrequencyEffective": measured_hz(source.trial, info) or "n/a",
            "RecordingDuration": source.duration_s,
            "MotionChannelCount": len(kinds),
            "MissingValues": "n/a",
            "SoftwareVersions": f"LabLive {__version__}",
            **counts,
        },
    )


def _physio(source: Source, info: StreamInfo, stem: Path) -> None:
    """Write physio.tsv.gz without a header line, and its sidecar."""
    _rows(source, info, stem.with_name(f"{stem.name}_physio.tsv.gz"))
    labels = labels_of(info)
    units = {
        label: {"Units": channel.unit or "n/a"}
        for label, channel in zip(labels, info.channels, strict=True)
    }
    _json(
        stem.with_name(f"{stem.name}_physio.json"),
        {
            "SamplingFrequency": measured_hz(source.trial, info) or "n/a",
            "StartTime": max(0.0, source.trial.span(info.id)[0] - source.t0_s),
            "Columns": ["latency", *labels],
            "Manufacturer": info.device or "n/a",
            "latency": {"Units": "s", "Description": "from the begin of the range"},
            **units,
        },
    )


def _rows(source: Source, info: StreamInfo, path: Path) -> None:
    """Write time and values of every row, missing ones as n/a."""
    opened = partial(gzip.open, compresslevel=_PACKED) if path.suffix == ".gz" else open
    digits = "%.9g" if info.sample_format == "float32" else "%.17g"
    line = "\t".join(["%.9f", *([digits] * len(info.channels))]) + "\n"
    with opened(path, "wt", encoding="utf-8", newline="\n") as file:
        pieces = source.rows(info.id, lambda share: None)
        for t_s, x in joined((it.t_s, it.x) for it in pieces):
            table = np.column_stack([t_s - source.t0_s, x.astype(np.float64)])
            text = (line * len(table)) % tuple(table.ravel().tolist())
            file.write(text.replace("nan", "n/a") if np.isnan(table).any() else text)


def _events(source: Source, stem: Path) -> None:
    events: list[tuple[float, list[str]]] = [
        (it.t_s, [it.kind, it.side, it.source])
        for it in source.analysed.pipeline.contacts
        if it.kind in ("ic", "to") and source.inside(it.t_s)
    ]
    events += [
        (it.t_s, [it.kind, "n/a", source.text(it.text)]) for it in source.markers
    ]
    events.sort(key=lambda it: it[0])
    table = [["onset", "duration", "trial_type", "side", "value"]]
    table += [[f"{t_s - source.t0_s:.9f}", "0", *rest] for t_s, rest in events]
    _tsv(stem.with_name(f"{stem.name}.tsv"), table)
    _json(
        stem.with_name(f"{stem.name}.json"),
        {
            "trial_type": {
                "Description": "ic: initial contact, to: toe-off, else a marker's kind"
            },
            "side": {"Description": "foot of a contact"},
            "value": {"Description": "sensor of a contact, text of a marker"},
        },
    )


def _label(text: str) -> str:
    return re.sub(r"[^A-Za-z0-9]", "", text) or "x"


def _json(path: Path, content: dict[str, Any]) -> None:
    text = json.dumps(content, indent=2, ensure_ascii=False)
    path.write_text(text + "\n", encoding="utf-8")


def _tsv(path: Path, rows: Sequence[Sequence[str]]) -> None:
    lines = (
        "\t".join(re.sub(r"\s+", " ", cell) or "n/a" for cell in row) for row in rows
    )
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
