"""The blocks of the live page: what they are called, and which sensors they need."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from ui.feet_card import FeetCard
from ui.force_card import ForceCard
from ui.live.emg_block import EmgBlock
from ui.live.layout import Column, Layout, Slot
from ui.live.posture_block import PostureBlock
from ui.live.skills_block import SkillsBlock
from ui.live.step_blocks import DropBlock, SoundBlock
from ui.streams_card import StreamsCard
from ui.tiles_card import TilesCard

if TYPE_CHECKING:
    from collections.abc import Callable

    from lablive.live.scene import Scene
    from ui.widgets import Card


class BlockSpec(NamedTuple):
    """One block.

    Attributes
    ----------
    id, title
        In layouts, and as people call it.
    roles
        Its sensors: what their roles begin with, any of them; () = it needs none.
    make
        Makes its card.
    """

    id: str
    title: str
    roles: tuple[str, ...]
    make: Callable[[], Card]

    def has_sensor(self, scene: Scene | None) -> bool:
        """Tell whether one of its sensors is there."""
        if self.id == "feet":  # before anything is known it shows what to expect
            return scene is None or bool(scene.feet) or not scene.curves
        if scene is None:
            return self.id in ("force", "tiles")
        if self.id == "streams":  # with a whole lab the top line says enough
            return not any(spec.has_sensor(scene) for spec in BLOCKS if spec.of_lab)
        return not self.roles or any(
            role.startswith(self.roles) for role in scene.roles
        )

    @property
    def of_lab(self) -> bool:
        """Whether it shows something besides the insoles."""
        return bool(self.roles) and self.id not in ("feet", "force")


BLOCKS: Final = (
    BlockSpec("feet", "Insoles", ("insole_",), FeetCard),
    BlockSpec("skills", "Five skills", (), SkillsBlock),
    BlockSpec("streams", "Streams", (), StreamsCard),
    BlockSpec("force", "Force", ("insole_", "treadmill.force"), ForceCard),
    BlockSpec("sound", "Foot-contact sound", ("mic_belt",), SoundBlock),
    BlockSpec("drop", "Pelvic drop", ("imu_pelvis",), DropBlock),
    BlockSpec("emg", "Muscles", ("emg_",), EmgBlock),
    BlockSpec("tiles", "Now", (), TilesCard),
    BlockSpec(
        "posture",
        "Posture",
        ("imu_trunk", "imu_pelvis", "imu_thigh", "imu_shank", "imu_foot"),
        PostureBlock,
    ),
)
USUAL: Final = Layout(
    (
        Column(27, (Slot("feet", 10), Slot("skills", 9), Slot("streams", 5))),
        Column(
            51, (Slot("force", 10), Slot("sound", 8), Slot("drop", 8), Slot("emg", 10))
        ),
        Column(22, (Slot("tiles", 11), Slot("posture", 8))),
    )
)
