"""Every metric by its id, in the order of the metric reference, section 10."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from lablive.metrics import landing, temporal

if TYPE_CHECKING:
    from lablive.metrics.metric import Metric, StrideData

METRICS: Final[dict[str, Metric]] = {
    metric.id: metric for metric in (*temporal.METRICS, *landing.METRICS)
}
WINDOWS: Final = tuple(sorted({metric.window for metric in METRICS.values()}))
_AT_ONCE: Final = tuple(
    metric
    for metric in METRICS.values()
    if metric.of_stride is not None and not metric.on_belt
)


def measure(data: StrideData) -> dict[str, float]:
    """Return every metric of one stride that its own rows can give.

    Metrics that need the belt speed come later, when strides are summarised.
    """
    return {
        metric.id: metric.of_stride(data) for metric in _AT_ONCE if metric.of_stride
    }
