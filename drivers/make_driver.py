"""From what a source asks for to its driver."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lablive.errors import DeviceError

if TYPE_CHECKING:
    from drivers.base import Driver
    from lablive.messages import SourceSpec


def make_driver(spec: SourceSpec) -> Driver:
    """Build the driver a source asks for.

    Raises
    ------
    DeviceError
        When no such driver exists.
    """
    from drivers.dialogues import DIALOGUES, dialogue_of, make_dialogue

    if name := dialogue_of(spec.driver, spec.options):
        return make_dialogue(name, spec.options)
    if spec.driver == "profile":
        from drivers.profile_driver import ProfileDriver

        return ProfileDriver.from_options(spec.options)
    if spec.driver == "lsl":
        from drivers.lsl_inlet import LslInlet

        return LslInlet.from_options(spec.options)
    raise DeviceError(
        "missing",
        f"There is no driver named {spec.driver!r}.",
        still="Other devices go on.",
        todo=f"Use one of profile, lsl, {', '.join(DIALOGUES)}.",
    )
