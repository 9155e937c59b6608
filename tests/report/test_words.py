"""German reports: every sentence of the program has one, every metric a name."""

from __future__ import annotations

import ast
import re
from importlib.resources import files

from lablive.gait.strides import REASONS
from lablive.metrics.reasons import LACKING
from lablive.metrics.registry import METRICS
from lablive.report.runner import load_runner_texts
from lablive.report.settings import TITLES
from lablive.report.tables import _CONTESTED, SKILLS
from lablive.report.words import words_of

GERMAN = words_of("de")
ROOM = files("lablive.report")
_T = re.compile(r'\bt\(\s*"((?:[^"\\]|\\.)*)"')
_HEADS = re.compile(r"\.\.\((\"[^()]*(?:\([^()]*\)[^()]*)*)\)\s*\.?map\(it =>")


def said():
    for item in ROOM.iterdir():
        text = item.read_text() if item.name.endswith((".typ", ".py")) else ""
        if item.name.endswith(".typ"):
            yield from _T.findall(text)
            for heads in _HEADS.findall(text):
                yield from re.findall(r'"([^"]+)"', heads)
        elif item.name.endswith(".py"):
            for node in ast.walk(ast.parse(text)):
                if (
                    isinstance(node, ast.Call)
                    and isinstance(node.func, ast.Attribute)
                    and node.func.attr == "say"
                    and isinstance(node.args[0], ast.Constant)
                ):
                    yield node.args[0].value


def test_every_sentence_of_templates_and_program_is_there_in_german():
    wanted = {*said(), *SKILLS.values(), *_CONTESTED.values(), "poor", "caution"}
    assert len(wanted) > 120
    assert sorted(wanted - GERMAN.texts.keys()) == []


def test_holes_are_the_same_in_both_languages():
    for english, german in GERMAN.texts.items():
        holes = re.findall(r"\{\w*\}", english)
        assert sorted(holes) == sorted(re.findall(r"\{\w*\}", german)), english


def test_every_metric_and_every_usual_reason_has_german_words():
    assert METRICS.keys() <= GERMAN.labels.keys()
    for reason in (*LACKING.values(), *REASONS, "not seen"):
        assert GERMAN.tell(reason) != reason


def test_reasons_with_names_in_them_and_several_at_once():
    told = GERMAN.tell("needs a pelvis IMU; needs EMG of the gastrocnemius")
    assert told == "braucht eine IMU: Becken; braucht EMG: Gastrocnemius"
    assert GERMAN.tell("something new happened") == "something new happened"
    assert GERMAN.tell("Needs belt speed.") == "braucht das Bandtempo."
    assert GERMAN.tell("hum, movement") == "Brummen, Bewegung"
    assert GERMAN.tell("hum, unknown trouble") == "hum, unknown trouble"
    assert GERMAN.tell("gluteus maximus: hum, movement, % of the first 20 strides") == (
        "Gluteus maximus: Brummen, Bewegung, % der ersten 20 Schritte"
    )
    assert GERMAN.tell("left shank: axes as the montage says") == (
        "Unterschenkel links: Achsen wie in der Montage"
    )
    english = words_of("en")
    assert english.tell("needs belt speed") == "needs belt speed"
    assert english.title("cadence_spm") == "Cadence"


def test_the_runners_page_has_plain_words_in_both_languages():
    texts = load_runner_texts()
    assert texts.en.skill.keys() == texts.de.skill.keys() == SKILLS.keys()
    for text in (texts.en, texts.de):
        for skill in text.skill.values():
            for sentence in (skill.saw, *skill.steps):
                words = re.findall(r"\w+", sentence)
                assert len(words) <= 24, sentence
                assert max(len(word) for word in words) <= 14, sentence


def test_sections_have_titles():
    assert all(TITLES.values())
