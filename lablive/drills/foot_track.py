"""One sole during a set: its force, its contacts, its centre of pressure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from lablive.gait.contacts import ContactDetector, ContactSettings
from lablive.gait.force_lane import MAX_HOLE_S, mid_swing_s
from lablive.gait.rows import RowHistory
from lablive.signals.insole import cop_xy

if TYPE_CHECKING:
    from lablive.gait.contacts import Contact
    from lablive.messages import Floats, Values
    from lablive.signals.insole import Foot

_LOAD_BW, _LOAD_N = 0.08, 40.0  # metric reference 1.1
_PRELOAD_BW, _PRELOAD_N = 0.15, 100.0  # [design] what lacing may press, nothing zeroed
_LEAST_COP_BW: Final = 0.05
_FEWEST: Final = 3


class FootTrack:
    """Rows of a sole from shortly before a set on.

    Parameters
    ----------
    foot
        The sole.
    rate_hz
        Rows per second.
    weight_n
        Body weight, N; None = not known.

    Attributes
    ----------
    contacts
        So far, in time order.
    """

    def __init__(self, foot: Foot, rate_hz: float, weight_n: float | None) -> None:
        self.foot = foot
        self.stream = foot.force.stream
        self.rate_hz = rate_hz
        newtons = foot.unit == "N"
        self.weight_n = weight_n if newtons and weight_n else np.nan
        self.contacts: list[Contact] = []
        self._detector = ContactDetector(
            ContactSettings(
                rate_hz=rate_hz,
                weight_n=weight_n if newtons else None,
                newtons=newtons,
                drill=True,
                relaced=False,
            ),
            foot.side,
            "insole",
        )
        self._force = RowHistory()
        self._cells = RowHistory()
        self._hole_s = max(MAX_HOLE_S, 1.5 / rate_hz) + 1e-9
        self._done = False
        self.reached_s = -np.inf

    @property
    def until_s(self) -> float:
        """Time before which no contact can be added."""
        if self._done:
            return np.inf
        return self._detector.final_s if np.isfinite(self.reached_s) else -np.inf

    def feed(self, t_s: Floats, x: Values) -> None:
        """Take the next rows of the sole's stream."""
        force = self.foot.force_n(x)
        self._force.append(t_s, force[:, None])
        if self.foot.cells is self.foot.force and self.foot.layout is not None:
            self._cells.append(t_s, np.asarray(self.foot.cells_n(x), np.float64))
        self.contacts += self._detector.feed(t_s, force)
        self.reached_s = float(t_s[-1])

    def advance(self, t_s: float) -> None:
        """Let time pass without rows."""
        self.contacts += self._detector.advance(t_s)
        self.reached_s = max(self.reached_s, t_s)

    def finish(self) -> None:
        """End the data."""
        self.contacts += self._detector.finish()
        self._done = True

    def force(
        self, t0_s: float, t1_s: float, zero: float = 0.0
    ) -> tuple[Floats, Floats]:
        """Return the measured rows of a time, the zero taken off."""
        t, f = self._rows(t0_s, t1_s)
        known = np.isfinite(f)
        return t[known], f[known] - zero

    def zero(self, off_s: float, on_s: float) -> float:
        """Return what the sole reads in the middle of a flight, 0 when it is short."""
        _, f = self.force(*mid_swing_s(off_s, on_s))
        return float(np.median(f)) if len(f) >= _FEWEST else 0.0

    def has_hole(self, t0_s: float, t1_s: float) -> bool:
        """Tell whether rows are missing for more than 20 ms."""
        pad_s = 2 * self._hole_s
        t, _ = self.force(t0_s - pad_s, t1_s + pad_s)
        first = int(t.searchsorted(t0_s, side="right")) - 1
        end = int(t.searchsorted(t1_s)) + 1
        if first < 0 or end > len(t):
            return True
        inside = t[first:end]
        return bool((inside[1:] - inside[:-1] > self._hole_s).any())

    def loaded(self, t0_s: float, t1_s: float) -> tuple[Floats, Floats]:
        """Return whether the foot bears load: 1, 0 or NaN, shape (rows,)."""
        t, f = self._rows(t0_s, t1_s)
        zeroed = self.foot.calibration is not None
        share, least = (_LOAD_BW, _LOAD_N) if zeroed else (_PRELOAD_BW, _PRELOAD_N)
        least = np.fmax(share * self.weight_n, least)
        return t, np.where(np.isfinite(f), f >= least, np.nan)

    def cop(self, t0_s: float, t1_s: float) -> tuple[Floats, Floats] | None:
        """Return times and centre of pressure (rows, 2) in widths and lengths."""
        layout = self.foot.layout
        if layout is None or self.foot.cells is not self.foot.force:
            return None
        if not np.isfinite(self.reached_s):
            return None
        t, cells = self._cells.floats(t0_s, t1_s)
        least = _LEAST_COP_BW * self.weight_n if np.isfinite(self.weight_n) else 0.0
        return t.copy(), cop_xy(cells, layout, least)

    def _rows(self, t0_s: float, t1_s: float) -> tuple[Floats, Floats]:
        if not np.isfinite(self.reached_s):
            return np.empty(0), np.empty(0)
        t, x = self._force.between(t0_s, t1_s)
        return t.copy(), np.array(x[:, 0], np.float64)
