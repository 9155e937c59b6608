"""Contacts, strides and metrics as streams for other programs.

Times are those of the data, so that a row is stamped with when the foot touched, not
with when that was known.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from lablive.gait.contacts import Contact
from lablive.live.sharing import TIME_KIND, SharedChannel, SharedRow, SharedStream
from lablive.metrics.registry import METRICS, TILES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from lablive.gait.strides import Stride
    from lablive.metrics.metric import StatKey
    from lablive.pipeline import Pipeline, Result

CONTACTS: Final = "LabLive contacts"
STRIDES: Final = "LabLive strides"
LATEST_METRICS: Final = "LabLive metrics"
LATE_S: Final = 10.0  # older ones are the past of a recording that was joined
_SAME_S: Final = 0.1  # another pipeline may place the same event a little differently
SIDE_CODES: Final = {"unknown": 0.0, "left": 1.0, "right": 2.0}
_KEYS: Final[tuple[StatKey, ...]] = ("left", "right", "both")


def result_streams() -> tuple[SharedStream, ...]:
    """Return what the three streams of results are."""
    stride = (
        SharedChannel("side", "", "Code"),
        SharedChannel("initial_contact", "s", TIME_KIND),
        SharedChannel("toe_off", "s", TIME_KIND),
        SharedChannel("next_initial_contact", "s", TIME_KIND),
        SharedChannel("contact_time", "s", "Duration"),
        SharedChannel("stride_time", "s", "Duration"),
        SharedChannel("valid", "", "Flag"),
        SharedChannel("belt_speed", "m/s", "Speed"),
    )
    metrics = tuple(
        SharedChannel(f"{name}.{key}", METRICS[name].unit, "Metric", key)
        for name in TILES
        for key in _KEYS
    )
    return (
        SharedStream(
            CONTACTS,
            "Markers",
            (SharedChannel("contact", "", "Contact"),),
            text=True,
            about="<side> <ic|to> <sensor>: initial contact or toe-off of a foot",
        ),
        SharedStream(
            STRIDES,
            "Gait",
            stride,
            about="one row per stride, stamped with its end; side 1 left, 2 right, "
            "0 unknown; valid 1 or 0; a toe-off that was not seen is NaN",
        ),
        SharedStream(
            LATEST_METRICS,
            "Gait",
            metrics,
            about="one row per stride, stamped with its end: median of the last "
            "strides of each side as on the tiles; NaN where there is none",
        ),
    )


class ResultRows:
    """Turn what the pipeline gives into rows to publish, each once.

    A new pipeline begins when a recording begins or is joined, and goes over rows that
    an earlier one has been over; what was published is not published again.
    """

    def __init__(self) -> None:
        self._contacts_s: dict[tuple[str, str], float] = {}
        self._strides_s: dict[str, float] = {}

    def rows(
        self, results: Iterable[Result], pipeline: Pipeline, at_s: float
    ) -> list[SharedRow]:
        """Return the new rows.

        Parameters
        ----------
        results
            What the pipeline has just given.
        pipeline
            That pipeline.
        at_s
            Now, on the lab clock.
        """
        found: list[SharedRow] = []
        for result in results:
            if isinstance(result, Contact):
                found += self._contact(result, at_s)
            else:
                found += self._stride(result.stride, pipeline, at_s)
        return found

    def _contact(self, contact: Contact, at_s: float) -> Iterator[SharedRow]:
        key, t_s = (contact.side, contact.kind), contact.t_s
        if contact.kind in ("ic", "to") and self._is_new(
            self._contacts_s, key, t_s, at_s
        ):
            text = f"{contact.side} {contact.kind} {contact.source}"
            yield SharedRow(CONTACTS, t_s, text=text)

    def _stride(
        self, stride: Stride, pipeline: Pipeline, at_s: float
    ) -> Iterator[SharedRow]:
        end_s = stride.next_ic_s
        if not self._is_new(self._strides_s, stride.side, end_s, at_s):
            return
        toe_off_s = np.nan if stride.to_s is None else stride.to_s
        yield _row(
            STRIDES,
            end_s,
            SIDE_CODES[stride.side],
            stride.ic_s,
            toe_off_s,
            end_s,
            toe_off_s - stride.ic_s,
            end_s - stride.ic_s,
            float(stride.valid),
            pipeline.results.belt.at(stride.middle_s),
        )
        # the tiles that the screen shows next: they are worked out once for both
        tiles = pipeline.snapshot(float(np.nextafter(end_s, np.inf))).tiles
        medians = [tiles[it].value.stat(key).median for it in TILES for key in _KEYS]
        yield _row(LATEST_METRICS, end_s, *medians)

    def _is_new(
        self, told_s: dict[Any, float], key: object, t_s: float, at_s: float
    ) -> bool:
        """Tell whether an event is none of those already told; note it if so."""
        if t_s < at_s - LATE_S or t_s < told_s.get(key, -np.inf) + _SAME_S:
            return False
        told_s[key] = t_s
        return True


def _row(stream: str, t_s: float, *values: float) -> SharedRow:
    told = tuple(None if value != value else float(value) for value in values)
    return SharedRow(stream, t_s, told)
