"""A simulated or recorded stream as an LSL outlet."""

from __future__ import annotations

from typing import TYPE_CHECKING

from drivers.lsl_outlet import LslOutlet
from lablive.clock import now_s
from lablive.live.sharing import SharedChannel

if TYPE_CHECKING:
    from lablive.messages import StreamInfo

_WAIT_S = 0.5


class LslWire(LslOutlet):
    """Publish one stream; rows carry the lab-clock time they were sampled at.

    Parameters
    ----------
    info
        The stream; channel kinds become LSL channel types.
    maker, model
        For ``desc/acquisition``.
    buffered_s
        How many seconds of rows are kept for a slow reader.
    """

    def __init__(
        self, info: StreamInfo, maker: str, model: str, buffered_s: int = 60
    ) -> None:
        super().__init__(
            info.name,
            info.type,
            [SharedChannel(it.label, it.unit, it.kind) for it in info.channels],
            rate_hz=info.rate_hz,
            kind=info.sample_format,
            source_id=info.source_id,
            maker=maker,
            model=model,
            buffered_s=buffered_s,
        )
        self.info = info

    def wait_for_reader(self, seconds: float) -> bool:
        """Wait until somebody listens; return whether somebody does."""
        end_s = now_s() + seconds  # in pieces: LSL cannot be interrupted
        while not self.has_reader:
            left_s = end_s - now_s()
            if left_s <= 0:
                return False
            super().wait_for_reader(min(left_s, _WAIT_S))
        return True
