"""The documentation: the site builds, commands are real, examples work as printed."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
import typer.main

from lablive.drills.catalogue import parse_drill
from lablive.protocol.template import parse_template
from ui.cli import app

REPO = Path(__file__).resolve().parents[1]
DOCS = REPO / "docs"
PAGES = [
    REPO / "README.md",
    REPO / "CONTRIBUTING.md",
    *sorted(DOCS.glob("*.md")),
    REPO / "docs" / "decisions" / "0008-lsl-stays-on-this-machine.md",
]


def code(page):
    """Return every line of code of a page, blocks and spans, comments cut off."""
    text = page.read_text(encoding="utf-8").replace("\\|", "|")
    blocks = re.findall(r"^```\w*\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    spans = re.findall(
        r"`([^`]+)`", re.sub(r"^```.*?^```", "", text, flags=re.M | re.S)
    )
    lines = [*"\n".join(blocks).replace("\\\n", " ").splitlines(), *spans]
    return [" ".join(line.split("  #")[0].split(" # ")[0].split()) for line in lines]


def block(page, language):
    """Return the first block of code of a language."""
    text = (DOCS / page).read_text(encoding="utf-8")
    return re.search(rf"^```{language}\n(.*?)^```", text, re.M | re.S)[1]


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    out = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet"]
    told = subprocess.run(
        [*command, "--site-dir", str(out)],
        capture_output=True,
        text=True,
        check=False,
        cwd=REPO,
        env={**os.environ, "NO_MKDOCS_2_WARNING": "1"},
    )
    assert told.returncode == 0, told.stdout + told.stderr
    return out


def test_every_page_is_in_the_site_and_no_link_is_dead(site):
    for page in DOCS.glob("*.md"):
        assert (site / f"{page.stem}.html").is_file()
    for made in ("messages.html", "parts.html", "parts.cdx.json"):
        assert (site / made).is_file()


def test_the_site_fetches_nothing_from_elsewhere(site):
    for page in site.rglob("*.html"):
        text = page.read_text(encoding="utf-8")
        for tag in re.findall(r"<(?:script|link|img)\b[^>]*>", text):
            assert not re.search(r"(?:src|href)=[\"']?(?:https?:)?//", tag), tag


def test_every_message_is_on_its_page(site):
    text = (site / "messages.html").read_text(encoding="utf-8")
    assert text.count("<tr>") > 250
    assert "You may not open" in text
    assert "The disk of" in text


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_commands_and_options_are_real(page):
    group = typer.main.get_command(app)
    top = {option for it in group.params for option in it.opts} | {"--help"}
    for line in code(page):
        found = re.match(r"(?:sudo )?(?:\S*/)?lablive(?: (.*))?$", line)
        if found is None or not found[1]:
            continue
        name = found[1].split()[0]
        options = set(re.findall(r"(?<![\w-])--[a-z][a-z-]*", found[1]))
        if re.fullmatch(r"[a-z]+", name):
            assert name in group.commands, line
            known = {o for it in group.commands[name].params for o in it.opts}
            assert options <= known | {"--help"}, line
        else:
            assert options <= top, line


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_make_targets_and_modules_are_real(page):
    makefile = (REPO / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z]+):", makefile, re.MULTILINE))
    for line in code(page):
        for target in re.findall(r"^make ([a-z]+)\b", line):
            assert target in targets, line
        for module in re.findall(r"python -m ((?:lablive|drivers|ui)[\w.]*)", line):
            assert find_spec(module) is not None, line


def test_the_device_example_reads_its_lines(tmp_path):
    text = block("add-device.md", "toml")
    toml, raw, out = (tmp_path / n for n in ("my_soles.toml", "b.bin", "out.json"))
    toml.write_text(text, encoding="utf-8")
    rows = [f"{n % 256},{10 * n},1,2,3,{n},5,6,7,8\n" for n in range(300) if n != 200]
    raw.write_text("".join(rows), encoding="ascii", newline="\n")
    told = subprocess.run(
        [
            *(sys.executable, "-m", "drivers.decode", "--in", str(raw)),
            *("--profile", str(toml), "--json", str(out)),
        ],
        capture_output=True,
        text=True,
        check=False,
        cwd=REPO,
    )
    assert told.returncode == 0, told.stderr
    assert '"left_sole"' in out.read_text(encoding="utf-8")


def test_the_drill_example_is_a_drill():
    drill = parse_drill(block("add-drill.md", "toml"), "hop_soft.toml", "hop_soft")
    assert (drill.movement, drill.reps, len(drill.scores)) == ("hops", 10, 2)


def test_the_protocol_example_is_a_protocol():
    protocol = parse_template(block("add-protocol.md", "toml"), "weeks.toml")
    assert [one.kind for one in protocol.blocks] == ["baseline", "corrective", "run"]


def test_the_metric_example_measures():
    source = block("add-metric.md", "python")
    made: dict[str, object] = {}
    head = (
        "from lablive.metrics.metric import StrideData, stride_metric\n"
        "from types import SimpleNamespace\n"
    )
    exec(compile(head + source, "add-metric.md", "exec"), made)
    metric = made["step_rate_hz"]
    stride = made["SimpleNamespace"](stride_s=0.74)
    found = metric.of_stride(made["SimpleNamespace"](stride=stride))
    assert np.isclose(found, 2 / 0.74)
    assert metric.unit == "steps/s"
