"""Sides and verdicts stay apart for eyes that lack one kind of cones.

Full severity matrices of Machado, Oliveira, Fernandes 2009 (table 1), on linear RGB;
distances in CIELAB (D65): 2.3 is just seen, 20 is another colour at a glance.
"""

from __future__ import annotations

from itertools import combinations, product

import numpy as np
import pytest

from ui.heat import heat_table
from ui.marks import sign_colour
from ui.signs import VerdictChip
from ui.tokens import THEMES, rgb

EYES = {
    "all cones": np.eye(3),
    "protanopia": np.array(
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216],
         [-0.003882, -0.048116, 1.051998]]
    ),
    "deuteranopia": np.array(
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413],
         [-0.011820, 0.042940, 0.968881]]
    ),
    "tritanopia": np.array(
        [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602],
         [0.004733, 0.691367, 0.303900]]
    ),
}  # fmt: skip
XYZ = np.array(
    [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750],
     [0.0193339, 0.1191920, 0.9503041]]
)  # fmt: skip
WHITE = np.array([0.95047, 1.0, 1.08883])
APART, OTHER = 20.0, 9.0
VERDICTS = ("good", "caution", "poor")
CASES = pytest.mark.parametrize(
    ("name", "eye"), list(product(THEMES, EYES)), ids=lambda it: it.replace(" ", "-")
)


def linear(colour):
    """Return linear RGB, 0 to 1."""
    value = np.array(rgb(colour)) / 255
    return np.where(value <= 0.04045, value / 12.92, ((value + 0.055) / 1.055) ** 2.4)


def seen(colour, eye):
    """Return CIELAB of a colour as an eye sees it."""
    part = XYZ @ np.clip(EYES[eye] @ linear(colour), 0, 1) / WHITE
    root = np.where(part > (6 / 29) ** 3, np.cbrt(part), part * 841 / 108 + 4 / 29)
    return np.array(
        [116 * root[1] - 16, 500 * (root[0] - root[1]), 200 * (root[1] - root[2])]
    )


def distance(one, other, eye):
    """Return how far apart two colours are for an eye."""
    return float(np.linalg.norm(seen(one, eye) - seen(other, eye)))


def test_the_simulation_knows_what_is_confused():
    assert distance("#000000", "#FFFFFF", "all cones") == pytest.approx(100, abs=0.1)
    # a red and a green that only red and green cones tell apart
    assert distance("#B3195B", "#117C59", "all cones") > 90
    assert distance("#B3195B", "#117C59", "deuteranopia") < 3
    assert distance("#777777", "#777777", "protanopia") == 0


@CASES
def test_left_and_right_are_apart(name, eye):
    tokens = THEMES[name]
    assert distance(tokens.left, tokens.right, eye) > 3 * APART
    assert distance(tokens.left_text, tokens.right_text, eye) > 3 * APART


@CASES
def test_verdicts_are_apart(name, eye):
    tokens = THEMES[name]
    for one, other in combinations(VERDICTS, 2):
        assert distance(tokens.verdict(one), tokens.verdict(other), eye) > APART, one


@CASES
def test_no_side_is_taken_for_a_verdict(name, eye):
    tokens = THEMES[name]
    for side, verdict in product((tokens.left, tokens.right), VERDICTS):
        assert distance(side, tokens.verdict(verdict), eye) > OTHER, verdict


@CASES
def test_the_pressure_scale_gets_lighter_or_darker_all_along(name, eye):
    table = heat_table(name)[::16]
    lightness = [seen(f"#{int(colour) & 0xFFFFFF:06X}", eye)[0] for colour in table]
    change = np.diff(lightness)
    assert abs(lightness[-1] - lightness[0]) > 40
    assert (change < 1.0).all() if change.sum() < 0 else (change > -1.0).all()


def test_every_verdict_has_a_shape_and_a_word(themed, shown):
    pictures = set()
    for verdict, word in (("good", "good"), ("caution", "border"), ("poor", "poor")):
        chip = VerdictChip()
        chip.set_verdict(verdict, word)
        assert chip.word() == word
        assert chip.accessibleName()
        shown(chip, 120, 30)
        image = chip.grab().toImage()
        # without any colour: what is left is the shape
        ground = image.pixelColor(image.width() - 1, 0).lightness()
        shape = tuple(
            abs(image.pixelColor(x, y).lightness() - ground) > 40
            for x in range(16) for y in range(image.height())
        )  # fmt: skip
        assert any(shape)
        pictures.add(shape)
        assert chip.sign() == verdict
        assert sign_colour(verdict, THEMES["light"]) == THEMES["light"].verdict(verdict)
    assert len(pictures) == 3
