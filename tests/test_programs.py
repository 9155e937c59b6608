"""Programs of LabLive start each other the same way from Python and from the bundle."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from lablive.programs import own_program

ROOT = Path(__file__).parents[1]
ENTRY = ROOT / "installers" / "bundle_entry.py"


def run_entry(*words: str) -> subprocess.CompletedProcess[str]:
    path = (
        f"import sys; sys.path[:0] = [{str(ROOT)!r}]; sys.argv = {['lablive', *words]}"
    )
    code = f"{path}; import runpy; runpy.run_path({str(ENTRY)!r}, run_name='__main__')"
    return subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def test_python_runs_a_module() -> None:
    assert own_program("drivers.host", "--x") == [
        str(Path(sys.executable)), "-m", "drivers.host", "--x",
    ]  # fmt: skip


@pytest.mark.parametrize("name", ["lablive", "lablive-window"])
def test_the_bundle_runs_its_program_with_a_console(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    monkeypatch.setattr(sys, "executable", str(tmp_path / f"{name}.exe"))
    assert own_program("drivers.host")[0] == str(tmp_path / "lablive.exe")


def test_nobody_calls_python_itself() -> None:
    """The bundle has none: ``sys.executable`` is for lablive/programs.py alone."""
    for folder in ("lablive", "drivers", "ui"):
        for file in (ROOT / folder).rglob("*.py"):
            if file.name != "programs.py":
                text = file.read_text(encoding="utf-8")
                assert not re.search(r"sys\.executable|ProcessPool|multiproc", text), (
                    f"{file}: use lablive.programs.own_program"
                )


def test_the_entry_runs_a_program_of_lablive() -> None:
    told = run_entry("-m", "lablive.importing.c3d_reader", "no-such-file", "nowhere")
    assert told.returncode == 1
    assert "could not be opened" in told.stderr


def test_the_entry_is_no_python_for_others() -> None:
    told = run_entry("-m", "json.tool")
    assert told.returncode == 1
    assert told.stderr == "json.tool is no part of LabLive. Try: lablive --help\n"


def test_the_entry_is_the_command_line() -> None:
    told = run_entry("doctor", "--json")
    assert {check["name"] for check in json.loads(told.stdout)} >= {"Python", "Disk"}
