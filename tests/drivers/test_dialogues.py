"""Every driver by name can be built, and is offered."""

from __future__ import annotations

import pytest

from drivers.bitalino import BitalinoDriver
from drivers.dialogues import DIALOGUES, dialogue_of, make_dialogue, serial_dialogues
from drivers.host import make_driver
from drivers.profile_files import profile_names
from drivers.xbus import XbusDriver
from lablive.errors import ConfigError, DeviceError
from lablive.messages import SourceSpec


@pytest.mark.parametrize("name", DIALOGUES)
def test_every_name_has_its_driver_and_refuses_unknown_options(name: str) -> None:
    with pytest.raises(ConfigError, match="unknown option nonsense"):
        make_dialogue(name, {"nonsense": 1})


def test_a_serial_port_is_opened_by_a_name_in_the_place_of_a_profile() -> None:
    spec = SourceSpec("x", "profile", {"profile": "bitalino", "port": "/dev/null"})
    assert isinstance(make_driver(spec), BitalinoDriver)
    setup = SourceSpec("x", "xbus_setup", {"port": "/dev/null"})
    driver = make_driver(setup)
    assert isinstance(driver, XbusDriver)
    assert driver._setup


def test_names_are_no_profiles() -> None:
    assert not set(profile_names()) & set(DIALOGUES)
    assert set(serial_dialogues()) < set(DIALOGUES)
    assert dialogue_of("profile", {"profile": "insole_a55a"}) == ""


def test_an_unknown_driver_names_the_known_ones() -> None:
    with pytest.raises(DeviceError, match="bitalino"):
        make_driver(SourceSpec("x", "nothing", {}))
