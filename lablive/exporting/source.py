"""What is exported: a range of a trial, its analysis, and no name of anybody."""

from __future__ import annotations

import dataclasses
import json
import re
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from lablive import __version__
from lablive.analysis import Analysed, analyze_trial
from lablive.errors import ConfigError
from lablive.messages import Gap
from lablive.names import HeaderKey
from lablive.results import of_one_gait

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from lablive.messages import Chunk, Marker, StreamInfo
    from lablive.metrics.record import StrideRecord
    from lablive.metrics.summary import Sample
    from lablive.recording.replay import Trial
    from lablive.signals.montage import Montage

    Progress = Callable[[float, str], None]  # share done, what is being done

SCHEMA: Final = 1


class Source:
    """A range of a trial, to be written in another format.

    Parameters
    ----------
    trial
        The trial.
    from_s, until_s
        The range in seconds from the trial's start; None = from the first or to the
        last row. Rows at ``until_s`` are left out.
    montage
        Which channel measures what; None = the trial's own, else the labels.
    name
        Of the person, only when it was asked for; "" = the code alone.
    hidden
        Words that must not get out: in every text the code stands for them.

    Attributes
    ----------
    t0_s, t1_s
        Begin and end (not in it) on the trial's clock.
    told
        What is not in the export, one sentence each; known when it is written.

    Raises
    ------
    ConfigError
        The range is empty or lies outside.
    """

    def __init__(
        self,
        trial: Trial,
        from_s: float | None = None,
        until_s: float | None = None,
        *,
        montage: Montage | None = None,
        name: str = "",
        hidden: tuple[str, ...] = (),
    ) -> None:
        self.trial, self.name = trial, name
        self.told: list[str] = []
        self._montage = montage
        self.whole = from_s is None and until_s is None
        self.t0_s = trial.t0_s + (from_s or 0.0)
        end_s = float(np.nextafter(trial.t1_s, np.inf))
        self.t1_s = end_s if until_s is None else min(end_s, trial.t0_s + until_s)
        if not (from_s or 0.0) >= 0.0 or not self.t0_s < self.t1_s:
            raise ConfigError(
                f"There is nothing from {from_s or 0.0:g} to "
                f"{'the end' if until_s is None else f'{until_s:g} s'}: the trial "
                f"lasts {trial.duration_s:.1f} s.",
                still="Nothing was written.",
                todo="Give seconds from the trial's start with --from and --until.",
            )
        words = sorted({it for it in hidden if len(it) > 1}, key=len, reverse=True)
        self._hidden = (
            re.compile(
                rf"(?<!\w)({'|'.join(map(re.escape, words))})(?!\w)", re.IGNORECASE
            )
            if words
            else None
        )

    @property
    def code(self) -> str:
        """Pseudonym of the person, "anonymous" when none is given."""
        return self.trial.header.get(HeaderKey.CODE) or "anonymous"

    @property
    def duration_s(self) -> float:
        """Length of the range."""
        return min(self.t1_s, self.trial.t1_s) - self.t0_s

    @cached_property
    def analysed(self) -> Analysed:
        """The whole trial's analysis: strides of a range have the same numbers."""
        return analyze_trial(self.trial, self._montage)

    @property
    def streams(self) -> list[StreamInfo]:
        """Streams of the trial."""
        return self.trial.streams

    def inside(self, t_s: float) -> bool:
        """Tell whether a time lies in the range."""
        return self.t0_s <= t_s < self.t1_s

    def text(self, text: str) -> str:
        """Return a text without the person's name."""
        return self._hidden.sub(self.code, text) if self._hidden else text

    def rows(self, stream: int, progress: Callable[[float], None]) -> Iterator[Chunk]:
        """Yield the rows of a stream within the range, about a second at a time.

        Their numbers stay those of the trial.
        """
        for item in self.trial.chunks([stream]):
            if isinstance(item, Gap) or not len(item):
                continue
            kept = (item.t_s >= self.t0_s) & (item.t_s < self.t1_s)
            if not kept.any():
                continue
            share = (float(item.t_s[-1]) - self.t0_s) / max(self.duration_s, 1e-9)
            progress(min(1.0, max(0.0, share)))
            yield item if kept.all() else _some(item, kept)

    @property
    def markers(self) -> list[Marker]:
        """Markers in the range, in time order."""
        found = [it for it in self.trial.markers if self.inside(it.t_s)]
        return sorted(found, key=lambda it: it.t_s)

    @property
    def strides(self) -> list[StrideRecord]:
        """Strides that begin and end in the range, in the order of their ends."""
        return [
            it
            for it in self.analysed.pipeline.strides
            if self.inside(it.stride.ic_s) and self.inside(it.stride.next_ic_s)
        ]

    def sample(self) -> Sample:
        """Return the strides that numbers of the range stand on: of one gait."""
        results = self.analysed.pipeline.results
        if self.whole:
            return results.sample()
        ended = results.between(self.t0_s, self.t1_s)
        records = {
            side: [it for it in own if self.inside(it.stride.ic_s)]
            for side, own in ended.records.items()
        }
        return of_one_gait(dataclasses.replace(ended, records=records, memo={}))

    def about(self) -> dict[str, Any]:
        """Return what a reader must know of the export, as plain data.

        Damage is known of what was read by then.
        """
        trial, analysis = self.trial, self.analysed.analysis
        header = public_header(trial)
        return {
            "schema": SCHEMA,
            "software": f"LabLive {__version__}",
            "person": self.code,
            **({"name": self.name} if self.name else {}),
            "started": header.get(HeaderKey.STARTED, ""),
            "recorded_with": header.get(HeaderKey.SOFTWARE, ""),
            "trial": self.text(trial.path.name),
            "clock": "seconds of the trial's own clock (XDF time stamps)",
            "trial_t0_s": trial.t0_s,
            "from_s": self.t0_s,
            "until_s": self.t1_s,
            "streams": [
                {
                    "name": info.name,
                    "type": info.type,
                    "rate_hz": info.rate_hz,
                    "device": info.device,
                    "channels": [
                        {"label": it.label, "unit": it.unit} for it in info.channels
                    ],
                }
                for info in self.streams
            ],
            "gaps": [
                {
                    "stream": gap.stream,
                    "t_s": gap.t_s,
                    "duration_s": gap.duration_s,
                    "rows_lost": gap.rows_lost,
                }
                for gap in trial.losses
                if gap.t_s + gap.duration_s >= self.t0_s and gap.t_s < self.t1_s
            ],
            "damage": [
                {"stream": it.stream, "rows": it.rows, "what": it.what, "t_s": it.t0_s}
                for it in trial.damage
            ],
            "notes": [self.text(note) for note in analysis.notes],
            "edits": len(analysis.edits),
        }

    def about_json(self) -> bytes:
        """Return :meth:`about` as JSON text."""
        text = json.dumps(self.about(), indent=1, ensure_ascii=False)
        return f"{text}\n".encode()


def public_header(trial: Trial) -> dict[str, str]:
    """Return a trial's header without what a person typed freely.

    The note is left out, and of imported files their names; their hashes stay.
    """
    found = {k: v for k, v in trial.header.items() if k != HeaderKey.NOTE}
    sources = found.pop(HeaderKey.SOURCE, "")
    if sources:
        try:
            hashes = [{"sha256": it["sha256"]} for it in json.loads(sources)]
        except (ValueError, KeyError, TypeError):
            hashes = []
        found[HeaderKey.SOURCE] = json.dumps(hashes)
    return found


def names_of(library: Path, code: str) -> tuple[str, ...]:
    """Return whole, given and family name of a person, () when nobody knows them."""
    if not (library / "library.sqlite3").is_file():
        return ()
    from lablive.library.opening import open_library  # SQLAlchemy: only when asked

    opened = open_library(library)
    try:
        person = opened.person(code)
    finally:
        opened.close()
    if person is None:
        return ()
    found = (person.name, person.given_name, person.family_name)
    return tuple(it for it in found if it)


def _some(chunk: Chunk, kept: Any) -> Chunk:
    first = int(np.flatnonzero(kept)[0])
    return type(chunk)(
        chunk.stream, chunk.first_row + first, chunk.t_s[kept], chunk.x[kept]
    )
