"""A trial that tells how far it was read, for a progress bar."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lablive.messages import Gap
from lablive.recording.replay import Trial

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from lablive.messages import Chunk


class WatchedTrial(Trial):
    """A trial that tells each percent of it that was read.

    Parameters
    ----------
    path
        The trial.
    tell
        Called with the share read, 0 to 1.

    Raises
    ------
    RecordingError
        The file is no trial.
    """

    def __init__(self, path: Path, tell: Callable[[float], None]) -> None:
        super().__init__(path)
        self._tell = tell

    def chunks(self, streams: Iterable[int] | None = None) -> Iterator[Chunk | Gap]:
        """Yield what the trial yields and tell how far it is."""
        told = -1
        for item in super().chunks(streams):
            yield item
            at_s = item.t_s if isinstance(item, Gap) else float(item.t_s[-1])
            share = (at_s - self.t0_s) / max(self.duration_s, 1.0)
            percent = int(100 * min(1.0, max(0.0, share)))
            if percent > told:
                told = percent
                self._tell(percent / 100)
