"""The path of a session as the top line shows it: words, states and signs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from lablive.calibrating.verdict import Light
    from lablive.protocol.gate_path import GateState, GateView
    from lablive.protocol.template import GateKind
    from ui.marks import Sign
    from ui.session_model import SessionModel
    from ui.tokens import Verdict

VERDICTS: Final[dict[Light, Verdict]] = {
    "green": "good",
    "amber": "caution",
    "red": "poor",
}


class Gate(NamedTuple):
    """One gate as the top bar shows it; ``sign`` None: nothing is known of it yet."""

    name: GateKind
    word: str
    state: GateState
    sign: Sign | None = None


def gates(model: SessionModel) -> list[Gate]:
    """Return the gates from left to right; those that are not needed are left out."""
    if model.replay is not None:
        found = model.replay.calibration
        weighed = f"weighed {found.mass_kg:g} kg" if found else "not weighed"
        return [
            Gate("weigh", weighed, "done" if found else "ahead", _good(bool(found))),
            Gate("review", "Replay", "now"),
        ]
    return [_shown(view, model) for view in model.gates.path]


def _shown(view: GateView, model: SessionModel) -> Gate:
    kind, word = view.gate.kind, view.gate.word
    mass = model.live.calibration
    if kind == "weigh" and mass is not None and view.state == "done":
        word = f"weighed {mass.mass_kg:g} kg"
    if kind == "run" and model.gates.practice_s is not None:
        word = "Practice"
    sign: Sign | None = None
    if view.state == "skipped":
        sign = "empty"
    elif view.light is not None and kind != "run":
        sign = VERDICTS[view.light]  # pyright: ignore[reportAssignmentType]
    return Gate(kind, word, view.state, sign)


def _good(found: bool) -> Sign | None:
    return "good" if found else None
