"""Whether what is connected is still the same: by channels, by devices."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from lablive.calibrating.plan import streams_for
from lablive.calibrating.record import device_words
from lablive.calibrating.rows import Lab
from lablive.calibrating.run import same_channels

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lablive.messages import Floats, StreamInfo, Values
    from lablive.protocol.gates import GatePart
    from lablive.signals.binding import Binding


def same_channels_all(one: Binding | None, other: Binding | None) -> bool:
    """Tell whether two bindings bring the same channels."""
    if one is None or other is None:
        return one is other
    return one.sources.keys() == other.sources.keys() and all(
        same_channels(source, other.sources[role])
        for role, source in one.sources.items()
    )


def devices_of(
    part: GatePart, binding: Binding | None, streams: Sequence[StreamInfo]
) -> set[str]:
    """Return what tells the devices of a part of a calibration."""
    if binding is None:
        return set()
    infos = {info.id: info for info in streams}
    found = streams_for(Lab(infos, binding, NO_ROWS), [part])
    return {device_words(infos[stream]) for stream in found}


class _NoRows:
    """Rows of nothing: the question is which streams there are."""

    def window(
        self, stream_id: int, t0_s: float, t1_s: float, /
    ) -> tuple[Floats, Values]:
        """Return no rows."""
        del stream_id, t0_s, t1_s
        return np.empty(0), np.empty((0, 0), dtype=np.float32)


NO_ROWS: Final = _NoRows()
