"""One correction of a trial by a person: what, when made, why."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal

import msgspec

from lablive.errors import ConfigError

if TYPE_CHECKING:
    from lablive.names import Side

EditKind = Literal["exclude", "side", "swap", "move", "undo"]
EditSide = Literal["left", "right", ""]
EventKind = Literal["ic", "to"]
Pair = Literal[
    "insole", "imu_foot", "imu_shank", "imu_thigh", "imu_forearm", "emg"
]  # beginning of roles that come in pairs
PAIR_WORDS: Final[dict[Pair, str]] = {
    "insole": "insoles",
    "imu_foot": "foot IMUs",
    "imu_shank": "shank IMUs",
    "imu_thigh": "thigh IMUs",
    "imu_forearm": "forearm IMUs",
    "emg": "EMG channels",
}
EVENT_WORDS: Final[dict[EventKind, str]] = {"ic": "contact", "to": "toe-off"}
LONGEST_REASON: Final = 200  # characters
FARTHEST_MOVE_S: Final = 0.5  # [design] no sensor sees a contact so wrongly


class Edit(msgspec.Struct, frozen=True, omit_defaults=True):
    """A correction; times are those of the trial's own clock, in seconds.

    Attributes
    ----------
    kind
        ``exclude``: strides that touch a range do not count. ``side``: contacts of a
        range whose sensor cannot tell feet apart are of this foot. ``swap``: a pair of
        sensors was taken for each other, in the whole trial. ``move``: an event
        happened at another time. ``undo``: an earlier edit holds no longer.
    reason
        Why, in words of whoever made it.
    number, made_at
        1, 2, 3 ... in the order made; wall clock with zone, ISO 8601.
    t0_s, t1_s
        Range of ``exclude`` and ``side``; equal: the one stride in which it lies.
    side
        Of ``exclude`` ("" = both feet), ``side`` and ``move``.
    pair
        Of ``swap``.
    event, from_s, to_s
        Of ``move``: which event, where the sensors put it, where it belongs.
    undone
        Number of the edit an ``undo`` takes back.
    """

    kind: EditKind
    reason: str
    number: int = 0
    made_at: str = ""
    t0_s: float = 0.0
    t1_s: float = 0.0
    side: EditSide = ""
    pair: Pair | None = None
    event: EventKind | None = None
    from_s: float = 0.0
    to_s: float = 0.0
    undone: int = 0


def exclude(t0_s: float, t1_s: float, reason: str, side: EditSide = "") -> Edit:
    """Return the edit that leaves out every stride that touches a range.

    Parameters
    ----------
    t0_s, t1_s
        Begin and end on the trial's clock; equal: the stride in which they lie.
    reason
        Why.
    side
        Of one foot only; "" = both.
    """
    return Edit("exclude", reason, t0_s=t0_s, t1_s=t1_s, side=side)


def of_side(t0_s: float, t1_s: float, side: Side, reason: str) -> Edit:
    """Return the edit that gives the contacts of a range to one foot.

    Parameters
    ----------
    t0_s, t1_s
        Begin and end on the trial's clock.
    side
        Whose they are.
    reason
        How that is known.
    """
    return Edit("side", reason, t0_s=t0_s, t1_s=t1_s, side=side)


def swap(pair: Pair, reason: str) -> Edit:
    """Return the edit that exchanges a pair of sensors in the whole trial."""
    return Edit("swap", reason, pair=pair)


def move(
    event: EventKind, side: EditSide, from_s: float, to_s: float, reason: str
) -> Edit:
    """Return the edit that moves one event.

    Parameters
    ----------
    event, side
        Which event of which foot; "" = its foot is not known.
    from_s, to_s
        Where the sensors put it, and where it belongs, on the trial's clock.
    reason
        How that is known.
    """
    return Edit("move", reason, event=event, side=side, from_s=from_s, to_s=to_s)


def checked(edit: Edit, t0_s: float, t1_s: float) -> Edit:
    """Return an edit that can be applied to a trial of this span, its reason tidied.

    Raises
    ------
    ConfigError
        Everything that is wrong with it.
    """
    reason = " ".join(edit.reason.split())
    problems = [] if reason else ["it needs a reason"]
    if len(reason) > LONGEST_REASON:
        problems.append(f"its reason is longer than {LONGEST_REASON} characters")
    problems += _problems(edit, t0_s, t1_s)
    if problems:
        raise ConfigError(
            f"The edit cannot be made: {'; '.join(problems)}.",
            still="Nothing was changed.",
            todo="Correct it and try again.",
        )
    return msgspec.structs.replace(edit, reason=reason)


def _problems(edit: Edit, t0_s: float, t1_s: float) -> list[str]:
    found: list[str] = []
    times_s = {
        "exclude": (edit.t0_s, edit.t1_s),
        "side": (edit.t0_s, edit.t1_s),
        "move": (edit.from_s, edit.to_s),
    }.get(edit.kind, ())
    if not all(t0_s <= at_s <= t1_s for at_s in times_s):
        found.append(f"the trial lasts {t1_s - t0_s:.1f} s, the edit lies outside")
    if edit.kind in ("exclude", "side") and not edit.t0_s <= edit.t1_s:
        found.append("its end comes before its begin")
    if edit.kind == "side" and not edit.side:
        found.append("it names no foot")
    if edit.kind == "swap" and edit.pair is None:
        found.append(f"it names no pair of sensors ({', '.join(PAIR_WORDS)})")
    if edit.kind == "move":
        if edit.event is None:
            found.append("it names no event (ic or to)")
        if not 0.0 < abs(edit.to_s - edit.from_s) <= FARTHEST_MOVE_S:
            found.append(f"an event moves by 0 to {FARTHEST_MOVE_S:g} s, and not by 0")
    return found


def words(edit: Edit, t0_s: float) -> str:
    """Return an edit as a sentence without its full stop; times from the start.

    Parameters
    ----------
    edit
        Any.
    t0_s
        First time of the trial.
    """
    begin, end = f"{edit.t0_s - t0_s:.2f}", f"{edit.t1_s - t0_s:.2f}"
    foot = f"{edit.side} " if edit.side else ""
    if edit.kind == "exclude":
        one = edit.t0_s == edit.t1_s
        span = f"the {foot}stride at {begin} s is" if one else (
            f"{foot}strides from {begin} to {end} s are"
        )  # fmt: skip
        told = f"{span} left out"
    elif edit.kind == "side":
        told = f"contacts from {begin} to {end} s are of the {edit.side} foot"
    elif edit.kind == "swap" and edit.pair is not None:
        told = f"left and right {PAIR_WORDS[edit.pair]} are exchanged"
    elif edit.kind == "move" and edit.event is not None:
        told = (
            f"the {foot}{EVENT_WORDS[edit.event]} at {edit.from_s - t0_s:.3f} s is"
            f" at {edit.to_s - t0_s:.3f} s"
        )
    else:
        told = f"edit {edit.undone} is taken back"
    return f"edit {edit.number}: {told} ({edit.reason})"
