"""What several metrics of one stride need, worked out once, and why not."""

from __future__ import annotations

from functools import wraps
from typing import TYPE_CHECKING, Any, Concatenate, Final, ParamSpec, Protocol, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable


class _HasMemo(Protocol):
    """A stride, or a stack of them."""

    @property
    def memo(self) -> dict[Any, Any]: ...


P = ParamSpec("P")
S = TypeVar("S", bound="_HasMemo")
T = TypeVar("T")


class NotMeasuredError(Exception):
    """A stride or sample cannot give a metric; the text says why, for a note."""


class ApartError(Exception):
    """Something holds for some strides of a stack only: each is measured alone."""


_REFUSALS: Final = (NotMeasuredError, ApartError)


def shared(
    function: Callable[Concatenate[S, P], T],
) -> Callable[Concatenate[S, P], T]:
    """Work a function of a stride or stack out once; so are its refusals.

    Arguments besides the stride are plain values, given by place.
    """

    @wraps(function)
    def once(data: S, *args: P.args, **kwargs: P.kwargs) -> T:
        key = (function, args)
        known: Any = data.memo.get(key, data)  # the stride itself: not known yet
        if known is data:
            try:
                known = function(data, *args, **kwargs)
            except (NotMeasuredError, ApartError) as refusal:
                known = refusal
            data.memo[key] = known
        if type(known) in _REFUSALS:
            raise type(known)(*known.args)
        return known

    return once
