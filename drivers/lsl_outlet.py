"""One LSL outlet: numbers or text with their times, described as XDF readers expect."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING, Any, Final

from drivers.lsl_clock import lab_minus_lsl_s
from drivers.lsl_library import load_lsl
from lablive.clock import now_s
from lablive.errors import DeviceError
from lablive.live.sharing import OWN_ID

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lablive.live.sharing import SharedChannel
    from lablive.messages import Floats, Values

MAKER: Final = "LabLive"
_BUFFERED_S: Final = 60
_REFRESH_S: Final = 10.0


class LslOutlet:
    """Publish one stream; used by one thread at a time.

    Parameters
    ----------
    name, type_
        As other programs see it.
    channels
        What each channel is.
    rate_hz
        0 = irregular.
    kind
        ``float32``, ``double64`` or ``string``.
    source_id
        Lets a reader find it again after the host has ended.
    maker, model, about
        For ``desc/acquisition``; ``about`` = what rows mean.
    buffered_s
        How many seconds of rows are kept for a slow reader.

    Raises
    ------
    DeviceError
        ``library``: LSL is not there, or cannot open an outlet.
    """

    def __init__(
        self,
        name: str,
        type_: str,
        channels: Sequence[SharedChannel],
        *,
        rate_hz: float = 0.0,
        kind: str = "double64",
        source_id: str,
        maker: str = MAKER,
        model: str = "",
        about: str = "",
        buffered_s: int = _BUFFERED_S,
    ) -> None:
        lsl = load_lsl()
        try:
            info = lsl.StreamInfo(name, type_, len(channels), rate_hz, kind, source_id)
            _describe(info, channels, maker, model, about)
            self._outlet: Any = lsl.StreamOutlet(info, max_buffered=buffered_s)
        except (RuntimeError, OSError) as error:
            raise DeviceError(
                "library",
                f'LSL cannot publish the stream "{name}" ({error}).',
                still="Recording and live view go on.",
                todo="Switch publishing off and on again.",
            ) from error
        self._lsl = lsl
        self.name = name
        self.rows = 0
        self._offset_s = lab_minus_lsl_s(lsl)
        self._refresh_s = now_s() + _REFRESH_S

    @property
    def has_reader(self) -> bool:
        """Whether anybody listens."""
        return bool(self._outlet.have_consumers())

    def wait_for_reader(self, seconds: float) -> bool:
        """Wait until somebody listens; return whether somebody does."""
        return bool(self._outlet.wait_for_consumers(seconds))

    def on_lsl_clock(self, t_s: float) -> float:
        """Return a time of the lab clock on the LSL clock, in seconds."""
        if now_s() > self._refresh_s:
            self._refresh_s = now_s() + _REFRESH_S
            self._offset_s = lab_minus_lsl_s(self._lsl)
        return t_s - self._offset_s

    def push(self, t_s: Floats, x: Values) -> None:
        """Send rows with their lab-clock times; shapes (rows,), (rows, channels)."""
        if len(t_s):
            shift_s = self.on_lsl_clock(0.0)
            stamps_s = t_s + shift_s if shift_s else t_s
            self._outlet.push_chunk(x, stamps_s.tolist())
            self.rows += len(t_s)

    def push_text(self, t_s: float, text: str) -> None:
        """Send one text with its lab-clock time."""
        self._outlet.push_sample([text], self.on_lsl_clock(t_s))
        self.rows += 1


def own_id(*parts: str) -> str:
    """Return the source id of something this computer publishes."""
    return OWN_ID + "/".join((socket.gethostname(), *parts))


def _describe(
    info: Any, channels: Sequence[SharedChannel], maker: str, model: str, about: str
) -> None:
    desc = info.desc()
    acquisition = desc.append_child("acquisition")
    acquisition.append_child_value("manufacturer", maker)
    if model:
        acquisition.append_child_value("model", model)
    if about:
        acquisition.append_child_value("settings", about)
    # readers must not smooth the time stamps: rows may be missing
    sync = desc.append_child("synchronization")
    sync.append_child_value("can_drop_samples", "true")
    listed = desc.append_child("channels")
    for channel in channels:
        node = listed.append_child("channel")
        node.append_child_value("label", channel.label)
        node.append_child_value("unit", channel.unit)
        node.append_child_value("type", channel.kind)
        if channel.side:
            node.append_child_value("side", channel.side)
