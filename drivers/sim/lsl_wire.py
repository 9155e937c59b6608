"""A simulated or recorded stream as an LSL outlet."""

from __future__ import annotations

from typing import TYPE_CHECKING

from drivers.lsl_library import load_lsl
from lablive.clock import now_s

if TYPE_CHECKING:
    from lablive.messages import Floats, StreamInfo, Values

_WAIT_S = 0.5


class LslWire:
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
        pylsl = load_lsl()
        lsl = pylsl.StreamInfo(
            info.name,
            info.type,
            len(info.channels),
            info.rate_hz,
            info.sample_format,
            info.source_id,
        )
        desc = lsl.desc()
        acquisition = desc.append_child("acquisition")
        acquisition.append_child_value("manufacturer", maker)
        acquisition.append_child_value("model", model)
        # readers must not smooth the time stamps: rows may be missing
        sync = desc.append_child("synchronization")
        sync.append_child_value("can_drop_samples", "true")
        channels = desc.append_child("channels")
        for channel in info.channels:
            node = channels.append_child("channel")
            node.append_child_value("label", channel.label)
            node.append_child_value("unit", channel.unit)
            node.append_child_value("type", channel.kind)
        self.info = info
        self.rows = 0
        self._outlet = pylsl.StreamOutlet(lsl, max_buffered=buffered_s)

    def wait_for_reader(self, seconds: float) -> bool:
        """Wait until somebody listens; return whether somebody does."""
        end_s = now_s() + seconds
        while not self._outlet.have_consumers():
            left_s = end_s - now_s()
            if left_s <= 0:
                return False
            self._outlet.wait_for_consumers(min(left_s, _WAIT_S))
        return True

    def push(self, t_s: Floats, x: Values) -> None:
        """Send rows with their lab-clock times."""
        if len(t_s):
            self._outlet.push_chunk(x, t_s.tolist())
            self.rows += len(t_s)
