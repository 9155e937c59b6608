"""What the product imports is what pyproject.toml asks for, and pinned."""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

REPO = Path(__file__).parents[1]
PROJECT = tomllib.loads((REPO / "pyproject.toml").read_text(encoding="utf-8"))
OWN = {"lablive", "drivers", "ui", "configs"}


def plain(name: str) -> str:
    """Return a distribution's name as package indexes compare it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def asked_for(requirements: list[str]) -> set[str]:
    found = (re.match(r"[A-Za-z0-9._-]+", text) for text in requirements)
    return {plain(name[0]) for name in found if name}


def imported() -> set[str]:
    """Return every distribution that the three packages import."""
    modules: set[str] = set()
    for folder in ("lablive", "drivers", "ui"):
        for path in (REPO / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Import):
                    modules |= {name.name.partition(".")[0] for name in node.names}
                elif isinstance(node, ast.ImportFrom) and node.module:
                    modules.add(node.module.partition(".")[0])
    homes = packages_distributions()
    foreign = modules - OWN - set(sys.stdlib_module_names)
    return {plain(homes.get(name, [name])[0]) for name in foreign}


def product() -> set[str]:
    """Return what the product asks for, with its extras for users."""
    project = PROJECT["project"]
    extras = project["optional-dependencies"]
    tools = {"test", "docs", "bundle"}
    wanted = (texts for extra, texts in extras.items() if extra not in tools)
    return asked_for(sum(wanted, project["dependencies"]))


def test_imports_and_requirements_are_the_same():
    assert imported() == product()


def test_every_requirement_is_pinned_by_version_only():
    text = (REPO / "constraints.txt").read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    assert all(re.fullmatch(r"[A-Za-z0-9._-]+==[0-9][0-9.]*", line) for line in lines)
    extras = PROJECT["project"]["optional-dependencies"]
    tools = asked_for([*extras["test"], *extras["docs"], *extras["bundle"]])
    wanted = product() | tools - OWN
    assert wanted <= {plain(line.partition("==")[0]) for line in lines}
