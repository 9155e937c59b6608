"""The page the runner takes home: one cue, one exercise, the next runs, plain words."""

from __future__ import annotations

from functools import lru_cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Final, Literal

import msgspec

from lablive.config import parse_toml
from lablive.metrics.metric import Skill
from lablive.protocol.focus import focus_minutes_target
from lablive.report.board import findings, judged, worst
from lablive.report.next_skill import completed_runs, focus, focus_line
from lablive.report.noted import hurt
from lablive.report.tables import SKILLS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lablive.config import Problem
    from lablive.report.data import ReportData
    from lablive.report.history import History
    from lablive.report.settings import ReportSettings
    from lablive.report.words import Words

Picture = Literal["one_leg", "tall", "hop", "march", "bridge"]
_SCHEMA: Final = 1
_RUNS: Final = 6


class SkillText(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a runner reads about one skill, and the exercise for it."""

    saw: str
    exercise: str
    picture: Picture
    steps: tuple[str, ...]


class RunnerText(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """All that a runner's page can say, in one language."""

    title: str
    think: str
    runs: str
    run: str
    minutes: str
    minute: str
    runs_how: str
    exercise: str
    stop: str
    saw: str
    even: str
    talk: str
    none: str
    asked: str
    ask: str
    cue: dict[str, str]
    skill: dict[Skill, SkillText]


class RunnerTexts(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The page in every language there is."""

    schema: int
    en: RunnerText
    de: RunnerText


@lru_cache
def load_runner_texts() -> RunnerTexts:
    """Read ``configs/runner.toml``; raises ConfigError with every problem at once."""
    shipped = files("configs").joinpath("runner.toml")
    text = shipped.read_text(encoding="utf-8")
    return parse_toml(text, RunnerTexts, str(shipped), lambda it: list(_problems(it)))


def runner_page(
    report: ReportData,
    words: Words,
    settings: ReportSettings,
    history: History | None = None,
) -> dict[str, Any]:
    """Return the runner's page; without anything to work on it says just that."""
    texts = load_runner_texts()
    text = texts.de if settings.language == "de" else texts.en
    line, found = focus_line(report, settings), focus(report, words, settings)
    plain = {
        name: getattr(text, name)
        for name in ("title", "think", "runs", "runs_how", "exercise", "stop", "saw",
                     "ask")
    }  # fmt: skip
    if line is None or found is None:
        told = getattr(text, _without_a_cue(report, words, settings))
        return plain | {"cue": "", "told": told, "boxes": [], "steps": []}
    skill = text.skill[line.skill]
    done = max(0, completed_runs(line.id, settings, history))
    minutes = [focus_minutes_target(done + number) for number in range(_RUNS)]
    # a skill that its band does not call for was chosen; nothing was seen then
    seen = worst(line) in ("poor", "caution")
    return plain | {
        "cue": text.cue.get(line.id, found["cue"]),
        "told": skill.saw if seen else text.asked,
        "exercise_title": skill.exercise,
        "picture": skill.picture,
        "steps": skill.steps,
        "boxes": [
            [
                text.run.format(n=number),
                text.minute if it == 1 else text.minutes.format(n=it),
            ]
            for number, it in enumerate(minutes, start=1)
        ],
    }


def _without_a_cue(
    report: ReportData, words: Words, settings: ReportSettings
) -> Literal["even", "talk", "none"]:
    """Say which sentence holds when nothing is proposed.

    Nothing judged is not "fine", nor is what is out of its band but has no cue, nor a
    run that hurt.
    """
    marks = {it["mark"] for it in findings(report, words, settings)}
    if marks & {"caution", "poor"} or hurt(report):
        return "talk"
    # a steady rhythm alone says nothing of how somebody runs
    return (
        "even" if judged(report, [it for it in SKILLS if it != "temporal"]) else "none"
    )


def _problems(texts: RunnerTexts) -> Iterator[Problem]:
    from lablive.metrics.registry import METRICS

    if texts.schema != _SCHEMA:
        what = f"schema {texts.schema} is not known; this program reads {_SCHEMA}"
        yield ("schema",), what
    for language in ("en", "de"):
        text = getattr(texts, language)
        for metric_id in text.cue:
            if metric_id not in METRICS:
                yield (language, "cue", metric_id), "there is no such metric"
        for skill in SKILLS:
            if skill not in text.skill:
                yield (language, "skill", skill), "is missing"
