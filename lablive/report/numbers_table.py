"""The printed numbers as CSV, for spreadsheets and statistics."""

from __future__ import annotations

import csv
import io
import math
from typing import TYPE_CHECKING, Final

from lablive.report.numbers import plain
from lablive.report.shown import shown
from lablive.report.tables import standing, worth_telling

if TYPE_CHECKING:
    from collections.abc import Iterable

    from lablive.metrics.metric import StatKey
    from lablive.report.data import MetricLine, ReportData
    from lablive.report.settings import Units

COLUMNS: Final = (
    "person", "trial", "skill", "metric", "label", "unit", "side", "median", "sd", "n",
    "n_total", "change", "mdc", "band", "good_from", "good_to", "grade", "standing",
    "why",
)  # fmt: skip
_KEYS: Final[tuple[StatKey, ...]] = ("left", "right", "both")


def numbers_csv(reports: Iterable[ReportData], units: Units = "metric") -> bytes:
    """Return every number of the reports, rounded as printed, one a line.

    A metric that was not measured has one line with its reason. UTF-8 with a mark, as
    spreadsheets want it.
    """
    text = io.StringIO()
    out = csv.writer(text, lineterminator="\r\n")
    out.writerow(COLUMNS)
    for report in reports:
        for line in worth_telling(report.metrics):
            how = shown(line.id, units)
            head = (
                report.person,
                report.files[0].name,
                line.skill,
                line.id,
                line.label,
            )
            if line.missing:
                why = line.missing
                out.writerow((*head, how.unit, *[""] * 10, line.grade, "", why))
                continue
            for key in _KEYS:
                stat = line.stat(key)
                if stat is None:
                    continue
                shift = line.shifts.get(key)
                out.writerow(
                    (
                        *head,
                        how.unit,
                        key,
                        plain(how.factor * stat.median, how.decimals),
                        ""
                        if stat.sd is None
                        else plain(how.factor * stat.sd, how.decimals),
                        stat.n,
                        stat.n_total,
                        ""
                        if shift is None
                        else plain(how.factor * shift.delta, how.decimals),
                        ""
                        if shift is None or shift.mdc != shift.mdc
                        else plain(how.factor * shift.mdc, how.decimals + 1),
                        line.verdicts.get(key, "info" if line.info else ""),
                        *_edges(line, how.factor),
                        line.grade,
                        standing(line),
                        "",
                    )
                )
    return b"\xef\xbb\xbf" + text.getvalue().encode()


def _edges(line: MetricLine, factor: float) -> tuple[str, str]:
    """Return from where to where a value is good; "" for an open edge or no verdict."""
    if line.good is None or not line.verdicts:
        return "", ""
    low, high = (f"{factor * it:.3g}" if math.isfinite(it) else "" for it in line.good)
    return low, high
