"""What several metrics of one stride need, worked out once, and why not."""

from __future__ import annotations

from functools import wraps
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

    from lablive.metrics.metric import StrideData

P = ParamSpec("P")
T = TypeVar("T")


class NotMeasuredError(Exception):
    """A stride or sample cannot give a metric; the text says why, for a note."""


def shared(
    function: Callable[Concatenate[StrideData, P], T],
) -> Callable[Concatenate[StrideData, P], T]:
    """Work a function of one stride out once, whoever asks; so are its refusals.

    Arguments besides the stride are plain values, given by place.
    """

    @wraps(function)
    def once(data: StrideData, *args: P.args, **kwargs: P.kwargs) -> T:
        key = (function, args)
        known: Any = data.memo.get(key, data)  # the stride itself: not known yet
        if known is data:
            try:
                known = function(data, *args, **kwargs)
            except NotMeasuredError as refusal:
                known = refusal
            data.memo[key] = known
        if type(known) is NotMeasuredError:
            raise NotMeasuredError(str(known))
        return known

    return once
