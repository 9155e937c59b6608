"""Protocol templates: the shipped ones, and every mistake told at once."""

from __future__ import annotations

import pytest

from lablive.errors import ConfigError
from lablive.protocol.template import (
    load_template,
    parse_template,
    template_names,
)

PLAIN = """schema = 1
name = "Plain"
[[gate]]
kind = "connect"
[[gate]]
kind = "run"
"""


def wrong(text):
    with pytest.raises(ConfigError) as told:
        parse_template(text, "own.toml")
    return str(told.value)


def test_the_shipped_protocols_are_right_and_the_usual_one_comes_first():
    assert template_names() == (
        "demo",
        "focus_run",
        "insoles",
        "intermittent",
        "whole_lab",
    )
    for name in template_names():
        found = load_template(name)
        kinds = [rule.kind for rule in found.gates]
        assert kinds[0] == "connect"
        assert kinds[-2:] == ["run", "review"]
    whole = load_template("whole_lab")
    assert {rule.kind for rule in whole.gates} == {
        "connect", "zero", "weigh", "neutral", "emg", "belt_noise", "run", "review",
    }  # fmt: skip
    assert [block.words for block in whole.blocks[:2]] == [
        "warm-up, 6 min",
        "baseline, 5 min",
    ]


def test_all_mistakes_of_a_file_are_told_at_once_with_their_lines():
    told = wrong(
        'schema = 2\nname = " "\nlead_s = 0.2\ncolour = "red"\n'
        '[[gate]]\nkind = "zero"\nspeeds_mps = [3.0]\n'
        '[[gate]]\nkind = "weigh"\nseconds = 3\n'
        '[[gate]]\nkind = "belt_noise"\nspeeds_mps = [30.0]\n'
        '[[gate]]\nkind = "weigh"\n'
        '[[block]]\nkind = "cadence"\nminutes = 0\n'
        '[[block]]\nkind = "rest"\nminutes = 2\ncadence_spm = 170\n'
    )
    for said in (
        "line 4: unknown key colour",
        "line 1: schema 2",
        "line 2: name",
        "line 3: lead_s = 0.2: it must lie between 1 and 30 s",
        'the first gate must be "connect"',
        'there is no gate "run"',
        'line 7: speeds_mps means nothing in gate "zero"',
        "line 10: seconds = 3: it must lie between 6 and 60 s",
        "line 13: 30 m/s is no belt speed",
        'gate "weigh" is there twice',
        'a block "cadence" needs cadence_spm',
        "line 18: minutes = 0",
        'line 22: cadence_spm: a block "rest" has none',
    ):
        assert said in told, said


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ('[[gate]]\nkind = "zero"\n', "too late"),
        ("lead_s = nan\n", "lead_s"),
        ('[[gate]]\nkind = "dance"\n', "known: connect, zero"),
        ('[[gate]]\nkind = "review"\nneeds = ["wings"]\n', "known: insoles"),
        ('[[block]]\nkind = "cadence"\nminutes = 5\ncadence_spm = 20\n', "60 and 300"),
    ],
)
def test_single_mistakes(more, said):
    head, _, rest = PLAIN.partition("[[gate]]")
    text = head + more + "[[gate]]" + rest if "=" in more[:8] else PLAIN + more
    assert said in wrong(text)


def test_order_of_gates():
    def with_gates(*kinds):
        gates = "".join(f'[[gate]]\nkind = "{kind}"\n' for kind in kinds)
        return f'schema = 1\nname = "x"\n{gates}'

    told = wrong(with_gates("connect", "weigh", "zero", "review", "run"))
    assert '"zero" must stand before "weigh"' in told
    assert '"review" must stand behind "run"' in told


def test_a_labs_own_protocol_wins_and_an_unknown_one_is_told(tmp_path):
    (tmp_path / "insoles.toml").write_text(PLAIN, encoding="utf-8")
    (tmp_path / "mine.toml").write_text(PLAIN, encoding="utf-8")
    assert template_names(tmp_path) == (
        "demo", "focus_run", "insoles", "intermittent", "mine", "whole_lab"
    )  # fmt: skip
    assert load_template("insoles", tmp_path).name == "Plain"
    assert load_template("insoles").name == "Insoles only"
    with pytest.raises(ConfigError, match="Choose one of: demo"):
        load_template("../secret", tmp_path)
    (tmp_path / "mine.toml").write_text("schema = 1", encoding="utf-8")
    with pytest.raises(ConfigError, match=r"mine\.toml"):
        load_template("mine", tmp_path)
