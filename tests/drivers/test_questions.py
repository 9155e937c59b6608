"""What a person is asked of a device: answers that its driver takes."""

from __future__ import annotations

import pytest

from drivers.dialogues import DIALOGUES, make_dialogue
from drivers.profile_driver import ProfileDriver
from drivers.profile_files import profile_names
from drivers.questions import network_kinds, questions

ANSWERS = {
    "imu_site": ("pelvis", "foot_left"),
    "foot": ("left_foot", "right_foot"),
    "muscle": ("gluteus_maximus_left", "soleus_right"),
}


def given(asked, number):
    """Return every question answered, texts as they stand there."""
    return {
        it.option: it.usual if it.answer == "text" else ANSWERS[it.answer][number]
        for it in asked
    }


@pytest.mark.parametrize("number", [0, 1])
@pytest.mark.parametrize("name", sorted(questions()))
def test_each_answer_is_an_option_of_its_driver(name, number):
    options = given(questions()[name], number)
    kinds = {kind.title: kind for kind in network_kinds()}
    if name in profile_names():
        driver = ProfileDriver.from_options({"profile": name, **options})
    elif name in kinds and kinds[name].profile:
        profile = kinds[name].profile
        driver = ProfileDriver.from_options({"profile": profile, **options})
    else:
        dialogue = kinds[name].driver if name in kinds else name
        if DIALOGUES[dialogue].wire == "serial" and name not in kinds:
            options["port"] = "/dev/ttyNONE"
        driver = make_dialogue(dialogue, options)
    driver.close()


def test_a_sole_by_radio_is_asked_for_its_foot_and_nothing_is_guessed():
    (asked,) = questions()["orphe_56"]
    assert (asked.answer, asked.usual, asked.required) == ("foot", "", True)


def test_where_nothing_is_open_nothing_is_asked():
    for name in ("insole_a55a", "sim_insoles", "playback_pedar", "playback_loadsol"):
        assert name not in questions()


def test_every_sensor_of_a_trigno_has_its_question():
    asked = questions()["Delsys Trigno"]
    assert [it.option for it in asked if it.required] == ["host"]
    assert sum(it.answer == "muscle" for it in asked) == 16
