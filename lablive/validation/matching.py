"""Our events laid beside those of a reference."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from lablive.messages import Floats


class Matched(NamedTuple):
    """Pairs of events, and what has no partner.

    Attributes
    ----------
    wanted_s, error_s
        Times of the reference that were found, and ours less those, shape (n,).
    missed, extra
        Events without a partner inside the span that counts.
    """

    wanted_s: Floats
    error_s: Floats
    missed: int
    extra: int


def match(
    found_s: Floats, wanted_s: Floats, within_s: float, span_s: tuple[float, float]
) -> Matched:
    """Pair every event of a reference with our nearest one.

    Parameters
    ----------
    found_s, wanted_s
        Ours and the reference's, shape (n,).
    within_s
        A pair is no further apart.
    span_s
        Only in here can an event be missed or extra: at the edges of a recording
        neither side has seen enough.
    """
    first_s, last_s = span_s
    pairs: list[tuple[float, float]] = []
    used: set[int] = set()
    missed = 0
    for at_s in wanted_s.tolist():
        i = int(np.abs(found_s - at_s).argmin()) if len(found_s) else -1
        if i >= 0 and i not in used and abs(found_s[i] - at_s) <= within_s:
            used.add(i)
            pairs.append((at_s, float(found_s[i]) - at_s))
        else:
            missed += first_s <= at_s <= last_s
    alone = np.delete(found_s, sorted(used))
    extra = int(np.sum((alone >= first_s) & (alone <= last_s)))
    wanted, error = np.array(pairs).reshape(-1, 2).T
    return Matched(wanted, error, missed, extra)


def joined(parts: list[Matched]) -> Matched:
    """Return the matches of several recordings as one."""
    return Matched(
        np.concatenate([part.wanted_s for part in parts]),
        np.concatenate([part.error_s for part in parts]),
        sum(part.missed for part in parts),
        sum(part.extra for part in parts),
    )
