"""The path of a session: connect, zero, weigh, run, review; which gate is next."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple

from ui.session_model import State

if TYPE_CHECKING:
    from ui.session_model import SessionModel

GateName = Literal["connect", "zero", "weigh", "run", "review"]
GateState = Literal["done", "now", "ahead"]


class Gate(NamedTuple):
    """One gate as the top bar shows it."""

    name: GateName
    word: str
    state: GateState


def next_gate(model: SessionModel) -> GateName:
    """Return the gate that the session stands before; weighing can be passed by."""
    state = model.state
    if state is State.REVIEW:
        return "review"
    if state is State.IDLE:
        return "connect"
    if state is State.CONNECTED and model.has_insoles and not model.live.calibration:
        return "weigh" if model.zeroed else "zero"
    return "run"


def gates(model: SessionModel) -> list[Gate]:
    """Return the gates from left to right; those that cannot be are left out."""
    now = next_gate(model)
    if model.replay is not None:
        found = model.replay.calibration
        weighed = f"weighed {found.mass_kg:g} kg" if found else "not weighed"
        return [
            Gate("weigh", weighed, "done" if found else "ahead"),
            Gate("review", "Replay", "now"),
        ]
    found = model.live.calibration
    weighed = f"weighed {found.mass_kg:g} kg" if found else "Weigh"
    done: dict[GateName, bool] = {
        "connect": model.state is not State.IDLE,
        "zero": model.zeroed,
        "weigh": found is not None,
        "run": False,
    }
    words: list[tuple[GateName, str]] = [("connect", "Connect")]
    if model.state is State.IDLE or model.has_insoles:
        words.append(("zero", "Zero"))
        words.append(("weigh", weighed))
    words.append(("run", "Run"))
    return [
        Gate(name, word, "now" if name == now else "done" if done[name] else "ahead")
        for name, word in words
    ]
