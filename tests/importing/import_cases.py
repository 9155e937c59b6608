"""Small foreign files with known content, and what an import made of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from lablive.importing.import_trial import ImportReport, import_trial
from lablive.importing.imported import Options
from lablive.recording.replay import Trial
from lablive.signals.montage import Montage, parse_montage

if TYPE_CHECKING:
    from pathlib import Path

    import numpy as np

    from lablive.messages import Gap, Marker, StreamInfo


class Brought(NamedTuple):
    """A trial as it came back from disk, by stream name."""

    report: ImportReport
    path: Path
    header: dict[str, str]
    infos: dict[str, StreamInfo]
    t_s: dict[str, np.ndarray]
    x: dict[str, np.ndarray]
    gaps: list[Gap]
    markers: list[Marker]


def write(folder: Path, name: str, content: str | bytes) -> Path:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def bring(
    *paths: Path,
    montage: str | Montage | None = None,
    out: str | Path = "out.xdf",
    **options,
) -> Brought:
    """Import files and read the trial back."""
    out = paths[0].parent / out
    if isinstance(montage, str):
        montage = parse_montage(montage, "test")
    report = import_trial(paths, out, montage=montage, options=Options(**options))
    trial = Trial(out)
    try:
        rows = {i.name: trial.window(i.id, -1e12, 1e12) for i in trial.streams}
        return Brought(
            report,
            out,
            dict(trial.header),
            {info.name: info for info in trial.streams},
            {name: t_s for name, (t_s, _) in rows.items()},
            {name: x for name, (_, x) in rows.items()},
            list(trial.gaps),
            list(trial.markers),
        )
    finally:
        trial.close()


LOADSOL = "\n".join((
    "2024_03_05_10_11_12_000 test",
    "comment of the operator",
    "\tAA-L::heel\tAA-L::medial\tAA-L::lateral\tAA-L\t\tAA-L::xAcc\tAA-L::yAcc"
    "\tAA-L::zAcc\t",
    "Time[secs]\tForce[N]\tForce[N]\tForce[N]\tForce[N]\tTime[secs]\t[g]\t[g]\t[g]\t",
    "0.000\t10\t20\t30\t60\t0.000\t0\t0\t1\t",
    "0.010\t-1.000\t-1.000\t-1.000\t0.000\t0.010\t-\t-\t-\t",
    "0.020\t11\t21\t31\t63\t0.020\t0\t0.5\t1\tjump",
    "0.030\t0\t0\t0\t0\t0.030\t0\t0\t1\t",
    "End measurement\t",
    "",
))  # fmt: skip


def pedar(rows: int = 3, unit: str = "kPa") -> str:
    """Return an export of both insoles; cell k of row r of the left is 100 r + k."""
    lines = [
        "file name: test",
        f"date/time 13.11.14 13:42  pressure values in {unit}",
        "scanning rate[Hz]: 50",
        "left insole : a",
        "right insole : b",
        "time[secs]\t" + "\t".join(str(k) for k in [*range(1, 100)] * 2),
    ]
    for r in range(rows):
        cells = [100 * r + k for k in range(1, 100)]
        cells += [-c for c in cells]
        lines.append(f"{r * 0.02:.3f}\t" + "\t".join(map(str, cells)))
    return "\n".join(lines) + "\n"


FSCAN = "\n".join((
    "DATA_TYPE MOVIE",
    "ROWS 2",
    "COLS 3",
    "ROW_SPACING 10 mm",
    "COL_SPACING 20 mm",
    "SECONDS_PER_FRAME 0.02",
    "UNITS KPa",
    "ASCII_DATA @@",
    "Frame 1",
    "B,1,2",
    "3,4,B",
    "",
    "Frame 2",
    "B,10,20",
    "30,40,B",
    "",
))  # fmt: skip


def xsensor(*frames: tuple[str, float]) -> str:
    """Return frames (time of the day, load of the left foot in N) of both feet."""
    lines: list[str] = []
    for number, (at, load) in enumerate(frames):
        lines += [
            f"FRAME,{number}", "Date,2022 May 26", f'Time,{at}', "Units,mmHg",
        ]  # fmt: skip
        for foot, force in (("LF", load), ("RF", 2 * load)):
            lines += [
                f"Sensor,HX210-{foot}", "Rows,2", "Columns,2",
                "Sensel Width (mm),8.0", "Sensel Height (mm),8.0",
                f'Est. Load (N),"{str(force).replace(".", ",")}"',
                "SENSELS", "1,2", f"3,{number}",
            ]  # fmt: skip
    return "\n".join(lines) + "\n"


FORCES = "\n".join((
    "grf", "version=1", "nRows=4", "nColumns=3", "inDegrees=yes", "endheader",
    "time\tground_force_l_vy\tground_force_r_vy",
    "0.50\t1\t2", "0.51\t3\t4", "0.52\t5\tnan", "0.53\t7\t8", "",
))  # fmt: skip

MARKERS = "\n".join((
    "PathFileType\t4\t(X/Y/Z)\ttest.trc",
    "DataRate\tCameraRate\tNumFrames\tNumMarkers\tUnits\tOrigDataRate",
    "100\t100\t2\t2\tmm\t100",
    "Frame#\tTime\tL.ASIS\t\t\tR.ASIS\t\t",
    "\t\tX1\tY1\tZ1\tX2\tY2\tZ2",
    "",
    "1\t0.00\t1\t2\t3\t4\t5\t6",
    "2\t0.01\t1\t2\t3",
    "",
))  # fmt: skip

XSENS = "\n".join((
    "// Start Time: 0",
    "// Update Rate: 100.0Hz",
    "PacketCounter\tSampleTimeFine\tAcc_X\tAcc_Y\tAcc_Z\tGyr_X",
    "65534\t\t1\t2\t3\t0.1",
    "65535\t\t4\t5\t6\t0.2",
    "00002\t\t7\t8\t9\t0.3",
    "",
))  # fmt: skip
