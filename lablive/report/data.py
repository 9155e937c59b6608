"""What a session report says: numbers and texts, frozen, before any layout.

Every number here comes from the one analysis of the trial; nothing is computed
again for print. Times are seconds from the start of the trial.
"""

from __future__ import annotations

import msgspec

from lablive.metrics.bands import Verdict
from lablive.metrics.metric import NAN, Direction, Skill, StatKey
from lablive.metrics.zones import Zone
from lablive.protocol.focus import FocusRecord
from lablive.protocol.session import SessionStatistics


class Stat(msgspec.Struct, frozen=True):
    """One value of one side, in the metric's unit, and what it stands on.

    ``sd`` is None where a spread has no meaning (a variability is one already).
    """

    median: float
    sd: float | None
    n: int
    n_total: int


class Shift(msgspec.Struct, frozen=True):
    """Change of the last minute against the person's baseline, in the metric's unit.

    ``mdc`` is NaN where none is known; then nothing is said about ``beyond``.
    """

    delta: float
    mdc: float = NAN
    beyond: bool = False
    n: int = 0


class MetricLine(msgspec.Struct, frozen=True):
    """One line of the metric table.

    ``id`` is the metric's id, ``label`` its words for people. ``missing`` says why
    nothing was measured (then there are no values), ``note`` is printed as a
    footnote. ``asymmetry_pct`` is the symmetry index, right minus left. ``grade`` is
    the evidence grade A to D or empty; ``contested`` marks a disputed one. ``info``:
    no band at all; ``band_grade`` is the evidence behind the band, ``good`` what is
    good at the speed of the trial, in the metric's unit, edges may be infinite.
    ``verdicts``: a side without one has no colour. ``zones``: share of the time in
    each part of the band.
    """

    id: str
    label: str
    unit: str
    left: Stat | None = None
    right: Stat | None = None
    both: Stat | None = None
    asymmetry_pct: float | None = None
    grade: str = ""
    contested: bool = False
    note: str = ""
    missing: str = ""
    skill: Skill = "temporal"
    direction: Direction = "information"
    info: bool = True
    band_grade: str = ""
    good: tuple[float, float] | None = None
    verdicts: dict[StatKey, Verdict] = {}
    shifts: dict[StatKey, Shift] = {}
    zones: dict[StatKey, Zone] = {}

    def stat(self, key: StatKey) -> Stat | None:
        """Return the value of one side."""
        return {"left": self.left, "right": self.right, "both": self.both}[key]


class Trace(msgspec.Struct, frozen=True):
    """One metric over the trial: the median of the strides in each stretch of time.

    Attributes
    ----------
    bin_s
        Length of a stretch; 0 = every stride stands alone.
    t_s, median
        Middle of each stretch that has a stride, from the start of the trial.
    low, high
        10th and 90th percentile of the stretch; the value itself of a lone stride.
    """

    bin_s: float
    t_s: tuple[float, ...]
    median: tuple[float, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]
    n: int
    n_total: int


class SoleMap(msgspec.Struct, frozen=True):
    """Highest pressure of each cell, mean over stances, in kPa (NaN = no cell)."""

    peak_kpa: tuple[float, ...]
    n: int
    n_total: int


class Entry(msgspec.Struct, frozen=True):
    """What was noted at a time of the trial: ``pain``, ``effort`` or ``note``."""

    t_s: float
    kind: str
    text: str
    value: float | None = None


class DrillSet(msgspec.Struct, frozen=True):
    """One set of a drill, for the ladder; ``verdict`` is a word, empty when none."""

    title: str
    passed: int
    scored: int
    total: int
    verdict: str = ""
    why: str = ""
    side: str = ""


class MeanCurve(msgspec.Struct, frozen=True):
    """Mean and SD over the stances of one foot.

    ``percent`` lists the points of stance that enough strides know, 0 to 100;
    ``mean`` and ``sd`` have shape (points, channels): one channel for force in body
    weights; two for the gait line, x lateral to medial in insole widths, y heel to
    toe in insole lengths.
    """

    percent: tuple[int, ...]
    mean: tuple[tuple[float, ...], ...]
    sd: tuple[tuple[float, ...], ...]
    n: int
    n_total: int


class Sole(msgspec.Struct, frozen=True):
    """The insole the gait line is drawn on, in the gait line's own coordinates."""

    title: str
    width_per_length: float
    cells: tuple[tuple[float, float], ...] = ()
    outline: tuple[tuple[float, float], ...] = ()
    areas_cm2: tuple[float, ...] = ()


class StreamLine(msgspec.Struct, frozen=True):
    """One recorded stream.

    ``lost`` None when the device cannot count loss; ``at_least``: more may be lost.
    """

    name: str
    type: str
    rate_hz: float
    rows: int
    lost: int | None
    gaps: int
    at_least: bool = False
    device: str = ""


class GapLine(msgspec.Struct, frozen=True):
    """One gap; ``rows_lost`` None means unknown."""

    stream: str
    t_s: float
    duration_s: float
    rows_lost: int | None
    why: str = ""


class FileHash(msgspec.Struct, frozen=True):
    """One file of the trial and its SHA-256 in hexadecimal digits."""

    name: str
    sha256: str


class Fact(msgspec.Struct, frozen=True):
    """A line of the report's head; an empty value prints as "not recorded"."""

    label: str
    value: str


class ReportData(msgspec.Struct, frozen=True):
    """A whole session report, ready to be laid out.

    ``person`` is the pseudonymous code. ``left_out`` counts the strides not used
    by reason, ``damaged`` the places of the file that cannot be read. ``remarks`` is
    what a reader must know about the numbers, a sentence each. ``part_of`` names the
    other files of the same recording, in a sentence; empty without any. ``force`` and
    ``gait_line`` hold a curve per foot (``both``: a force plate under both feet);
    ``force_from`` says in words where the force was measured; without curves
    ``force_missing`` and ``gait_line_missing`` say why. ``session`` is on the clock of
    the file, on which the trial starts at ``t0_s``. ``metrics`` are all there are;
    what of them is printed where, the sections say. ``calibration``: a sentence per
    part. ``edits``: what was changed by hand, a sentence each.
    """

    person: str
    title: str
    facts: tuple[Fact, ...]
    streams: tuple[StreamLine, ...]
    gaps: tuple[GapLine, ...]
    strides_used: int
    strides_total: int
    metrics: tuple[MetricLine, ...]
    files: tuple[FileHash, ...]
    software: str
    left_out: dict[str, int] = {}
    damaged: int = 0
    part_of: str = ""
    remarks: tuple[str, ...] = ()
    force_from: str = "in-shoe"
    force: dict[StatKey, MeanCurve] = {}
    force_missing: str = ""
    gait_line: dict[StatKey, MeanCurve] = {}
    gait_line_missing: str = ""
    sole: Sole | None = None
    clinic: str = ""
    notes: str = ""
    session: SessionStatistics = SessionStatistics()
    t0_s: float = 0.0
    duration_s: float = 0.0
    pelvis: dict[StatKey, MeanCurve] = {}
    traces: dict[str, dict[StatKey, Trace]] = {}
    soles: dict[StatKey, SoleMap] = {}
    entries: tuple[Entry, ...] = ()
    drills: tuple[DrillSet, ...] = ()
    calibration: tuple[str, ...] = ()
    edits: tuple[str, ...] = ()
    focus: tuple[FocusRecord, ...] = ()
