"""What a held runner is told to do: sit, stand, perform a phase, run."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

import msgspec

from lablive.calibrating.phases import PHASES, Phase, PhaseKind

if TYPE_CHECKING:
    from drivers.sim.control import Control
    from drivers.sim.settings import RunnerSettings

RISE_S: Final = 1.0  # from an order to what it asks for; rows before it are the same
_KINDS: Final[dict[str, PhaseKind]] = {kind: kind for kind in PHASES}
_PHASE: Final = re.compile(r"do [a-z_]+ \d+(\.\d+)?( \S+)?")


class Orders:
    """A control that also ends when a line has been said that was not taken yet."""

    def __init__(self, control: Control) -> None:
        self._control = control
        self._taken = 0

    @property
    def stopped(self) -> bool:
        """Whether there is an order, or all is to end."""
        return len(self._control.heard) > self._taken or self._control.stopped

    def wait(self, seconds: float) -> bool:
        """Wait; return whether to end."""
        return self._control.wait(seconds) or self.stopped

    def take(self) -> str:
        """Return the next order, "" when there is none."""
        heard = self._control.heard
        if self._taken == len(heard):
            return ""
        self._taken += 1
        return heard[self._taken - 1]


def obey(settings: RunnerSettings, order: str, told_s: float) -> RunnerSettings:
    """Return the runner who does what was asked for at ``told_s``.

    Rows before then stay as they were. An order that is not understood changes nothing.
    """
    words = order.split()
    begin_s = told_s + RISE_S
    change: dict[str, Any] = {}
    seated = settings.seated_s > begin_s
    if words == ["stand"]:
        change["seated_s"] = begin_s
    elif words == ["run"]:
        change = {"standing_s": begin_s, "seated_s": min(settings.seated_s, begin_s)}
    elif _PHASE.fullmatch(order):
        kind = _KINDS.get(words[1])
        if kind is None:
            return settings
        if kind == "run":
            return obey(settings, "run", told_s)
        if seated and kind != "zero":
            change["seated_s"] = told_s + RISE_S / 2
        target = words[3] if len(words) > 3 else ""
        phase = Phase(kind, begin_s, begin_s + float(words[2]), target)
        change["acts"] = (*(settings.acts or ()), phase)
    return msgspec.structs.replace(settings, **change) if change else settings
