"""How the program begins and ends: exit codes, messages, the host begun early."""

from __future__ import annotations

import subprocess
import sys

import pytest

from lablive.errors import ConfigError, LinkError, RecordingError
from ui import ending, host_process


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (ConfigError("Wrong option.", todo="Use another."), ending.WRONG_USE),
        (RecordingError("No disk.", todo="Plug one in."), ending.FINDING),
        (KeyboardInterrupt(), 130),
    ],
)
def test_errors_end_the_program_with_one_message(error, code, capsys):
    def fail():
        raise error

    with pytest.raises(SystemExit) as ended:
        ending.end_with(fail)
    assert ended.value.code == code
    assert capsys.readouterr().err.strip() == str(error)


def test_result_is_the_exit_code():
    with pytest.raises(SystemExit) as ended:
        ending.end_with(lambda: ending.FINDING)
    assert ended.value.code == ending.FINDING


def test_search_begun_early_gives_the_first_link_and_later_ones_search_again(
    tmp_path, monkeypatch
):
    found = iter(["first", "second"])
    asked = []

    def attach_or_start(folder):
        asked.append(folder)
        return next(found)

    monkeypatch.setattr(host_process, "attach_or_start", attach_or_start)
    link = host_process.begin(tmp_path)
    assert (link(), link()) == ("first", "second")
    assert asked == [tmp_path, tmp_path]


def test_search_begun_early_raises_where_the_link_is_wanted(tmp_path, monkeypatch):
    def attach_or_start(folder):
        raise LinkError("The recording program (host) did not start.")

    monkeypatch.setattr(host_process, "attach_or_start", attach_or_start)
    link = host_process.begin(tmp_path)
    with pytest.raises(LinkError, match="did not start"):
        link()


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere there is a display")
def test_no_display_is_one_message_and_starts_no_host(tmp_path, monkeypatch):
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LABLIVE_RUN", str(tmp_path / "run"))
    told = subprocess.run(
        [sys.executable, "-m", "ui.start"],
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert told.returncode == ending.WRONG_USE
    assert "no display" in told.stderr
    assert "Traceback" not in told.stderr
    assert not (tmp_path / "run").exists()
