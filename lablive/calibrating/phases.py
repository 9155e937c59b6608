"""Phases of a calibration: pairs of markers of kind ``calibration`` in a trial.

The text is ``<phase> begin`` and ``<phase> end``, with one word between when the phase
has a target: ``stand begin``, ``single_leg left begin``,
``mvc gluteus_maximus_left end``, ``belt_noise 3.0 begin``. Phases may overlap. When one
was repeated, the last try counts, since straps may have been touched in between; every
try of ``mvc`` and ``belt_noise`` counts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal

import msgspec

from lablive.marked import stretches
from lablive.messages import Marker
from lablive.names import MUSCLES, SIDES, side_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

PhaseKind = Literal[
    "zero",
    "stand",
    "single_leg",
    "bows",
    "steps",
    "pelvis_forward",
    "pelvis_back",
    "emg_rest",
    "mvc",
    "belt_noise",
    "stand_again",
    "run",
    "stomps",
]
MARKER_KIND: Final = "calibration"


class PhaseWords(msgspec.Struct, frozen=True):
    """A phase in words: its name, what the person does, and how long it lasts."""

    title: str
    todo: str
    seconds: float


PHASES: Final[dict[PhaseKind, PhaseWords]] = {
    "zero": PhaseWords("Feet in the air", "Sit and lift both feet off the floor.", 3),
    "stand": PhaseWords(
        "Quiet stand",
        "Stand tall and still, feet parallel to the belt, looking ahead.",
        10,
    ),
    "single_leg": PhaseWords(
        "Single-leg stand", "Stand still on this leg alone, holding nothing.", 5
    ),
    "bows": PhaseWords(
        "Bows", "Bow three times slowly, straight ahead, and come up again.", 14
    ),
    "steps": PhaseWords(
        "Steps", "March on the spot, knees high, five steps with each leg.", 12
    ),
    "pelvis_forward": PhaseWords(
        "Pelvis forward", "Arch the low back as far as it goes and hold.", 4
    ),
    "pelvis_back": PhaseWords(
        "Pelvis back", "Flatten the low back as far as it goes and hold.", 4
    ),
    "emg_rest": PhaseWords("Muscles at rest", "Stand relaxed.", 4),
    "mvc": PhaseWords(
        "Maximal contraction", "Contract as hard as possible for 5 s.", 5.5
    ),
    "belt_noise": PhaseWords(
        "Belt noise", "Let the empty belt run at test speed, nobody talking.", 21
    ),
    "stand_again": PhaseWords("Quiet stand again", "Stand as in the first stand.", 6),
    "run": PhaseWords("Steady run", "Run steadily at test speed, nobody talking.", 30),
    "stomps": PhaseWords(
        "Stomps", "Stomp on the spot beside the microphone, foot by foot.", 20
    ),
}
_KINDS: Final[dict[str, PhaseKind]] = {kind: kind for kind in PHASES}
# every try counts: of a contraction, and of the belt at several speeds
REPEATED: Final[frozenset[PhaseKind]] = frozenset({"mvc", "belt_noise"})
MVC_TRIES: Final = 3


class Phase(msgspec.Struct, frozen=True):
    """One phase on the clock of the rows.

    Attributes
    ----------
    kind
        Key of :data:`PHASES`.
    t0_s, t1_s
        Begin and end.
    target
        Side of a stand on one leg or of a zero of one foot; muscle and side of a
        contraction; belt speed in m/s where no stream tells it; else empty.
    """

    kind: PhaseKind
    t0_s: float
    t1_s: float
    target: str = ""

    @property
    def title(self) -> str:
        """The phase as a person says it: ``Single-leg stand, left``."""
        words = PHASES[self.kind].title
        return f"{words}, {self.target.replace('_', ' ')}" if self.target else words

    @property
    def markers(self) -> tuple[Marker, Marker]:
        """The two markers that note this phase in a trial."""
        return marker_of(self.kind, "begin", self.t0_s, self.target), marker_of(
            self.kind, "end", self.t1_s, self.target
        )


def marker_of(
    kind: PhaseKind, at: Literal["begin", "end"], t_s: float, target: str = ""
) -> Marker:
    """Return one marker of a phase."""
    words = [kind, target, at] if target else [kind, at]
    return Marker(t_s, " ".join(words), MARKER_KIND)


def phases_of(markers: Iterable[Marker]) -> tuple[tuple[Phase, ...], tuple[str, ...]]:
    """Return the phases that markers note, in order of begin, and what is wrong.

    Markers of other kinds are passed over. A phase that was not ended, or begun twice,
    is left out and told.
    """
    found, problems = stretches(markers, MARKER_KIND, _read)
    phases = tuple(Phase(_KINDS[it.kind], it.t0_s, it.t1_s, it.target) for it in found)
    return phases, problems


def last_tries(phases: Sequence[Phase]) -> tuple[Phase, ...]:
    """Return the phases that count: the last try of each, every contraction."""
    last = {(phase.kind, phase.target): phase for phase in phases}
    return tuple(
        phase
        for phase in phases
        if phase.kind in REPEATED or last[phase.kind, phase.target] is phase
    )


def of_kind(phases: Iterable[Phase], *kinds: PhaseKind) -> tuple[Phase, ...]:
    """Return the phases of some kinds, in the order given."""
    return tuple(phase for phase in phases if phase.kind in kinds)


def _read(text: str) -> tuple[PhaseKind, str, Literal["begin", "end"]] | str:
    words = text.split()
    told = f'The calibration marker "{text}" is not understood'
    if len(words) not in (2, 3) or words[-1] not in ("begin", "end"):
        return f'{told}: write "<phase> begin" and "<phase> end".'
    kind = _KINDS.get(words[0])
    if kind is None:
        return f"{told}: phases are {', '.join(PHASES)}."
    target = words[1] if len(words) == 3 else ""
    problem = _target_problem(kind, target)
    if problem:
        return f"{told}: {problem}."
    return kind, target, "begin" if words[-1] == "begin" else "end"


def _target_problem(kind: PhaseKind, target: str) -> str:
    if kind == "single_leg":
        return "" if target in SIDES else 'say which leg, "single_leg left begin"'
    if not target:
        return ""
    if kind == "zero":
        return "" if target in SIDES else f'"{target}" is no side'
    if kind == "mvc":
        side = side_of(target)
        muscle = target.removesuffix(f"_{side}")
        return "" if side and muscle in MUSCLES else f'"{target}" is no muscle and side'
    if kind == "belt_noise":
        return "" if _speed_mps(target) else f'"{target}" is no belt speed in m/s'
    return f"{kind} has no target"


def _speed_mps(target: str) -> float | None:
    try:
        speed_mps = float(target)
    except ValueError:
        return None
    return speed_mps if 0 < speed_mps < 15 else None
