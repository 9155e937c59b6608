"""One host per run folder; its token is readable by nobody else."""

from __future__ import annotations

import os
import stat
import subprocess
import sys

import msgspec
import pytest

from lablive.errors import LinkError
from lablive.live.lines import PROTOCOL
from lablive.live.run_folder import HostFile, claim, is_held, read_host, run_dir

posix = pytest.mark.skipif(os.name != "posix", reason="POSIX permissions")

HOLDER = """
import sys
from pathlib import Path
from lablive.live.run_folder import claim
held = claim(Path(sys.argv[1]))
held.publish(4711)
print("ready", flush=True)
sys.stdin.read()
"""


def test_the_published_file_says_where_and_the_secret(tmp_path):
    held = claim(tmp_path / "run")
    held.publish(4711)
    host = read_host(tmp_path / "run")
    assert (host.pid, host.port, host.version) == (os.getpid(), 4711, PROTOCOL)
    assert host.token == held.token
    assert len(host.token) >= 32
    assert not (tmp_path / "run" / "host.part").exists()
    held.release()
    held.release()
    assert not (tmp_path / "run" / "host.json").exists()
    again = claim(tmp_path / "run")
    assert again.token != host.token
    again.release()


@posix
def test_only_the_user_can_read_the_token(tmp_path):
    held = claim(tmp_path / "run")
    held.publish(4711)
    assert stat.S_IMODE((tmp_path / "run").stat().st_mode) == 0o700
    assert stat.S_IMODE((tmp_path / "run" / "host.json").stat().st_mode) == 0o600
    held.release()


def test_a_second_host_is_refused_until_the_first_has_gone(tmp_path):
    first = claim(tmp_path)
    with pytest.raises(LinkError, match=r"\(host\) has .* already"):
        claim(tmp_path)  # not yet published: no number to name
    first.publish(4711)
    with pytest.raises(LinkError, match=f"host, process {os.getpid()}, running since"):
        claim(tmp_path)
    assert read_host(tmp_path).port == 4711
    assert is_held(tmp_path)
    first.release()
    assert not is_held(tmp_path)
    claim(tmp_path).release()


def test_a_killed_host_leaves_the_folder_free(tmp_path):
    pipe = subprocess.PIPE
    command = [sys.executable, "-c", HOLDER, str(tmp_path)]
    with subprocess.Popen(command, stdin=pipe, stdout=pipe) as process:
        process.stdout.readline()
        with pytest.raises(LinkError, match=f"process {process.pid}"):
            claim(tmp_path)
        process.kill()
    assert read_host(tmp_path).pid == process.pid  # stale
    assert not is_held(tmp_path)
    held = claim(tmp_path)
    assert not (tmp_path / "host.json").exists()
    held.release()


def test_a_folder_that_cannot_be_used_is_one_clear_message(tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(LinkError, match="LABLIVE_RUN"):
        claim(tmp_path / "file" / "run")
    (tmp_path / "host.lock").mkdir()
    with pytest.raises(LinkError, match="LABLIVE_RUN"):
        claim(tmp_path)
    assert not is_held(tmp_path / "nowhere")


NO_PORT = msgspec.json.encode(HostFile(1, 0, "", 1, ""))


@pytest.mark.parametrize("told", [b"", b"{}", b"\xff", b"[" * 100_000, NO_PORT])
def test_a_damaged_host_file_is_an_error_of_the_link(tmp_path, told):
    (tmp_path / "host.json").write_bytes(told)
    with pytest.raises(LinkError):
        read_host(tmp_path)


def test_the_run_folder_follows_the_environment(tmp_path, monkeypatch):
    monkeypatch.setenv("LABLIVE_RUN", str(tmp_path / "a" / "b"))
    assert run_dir() == tmp_path / "a" / "b"
    assert run_dir().is_dir()


@pytest.mark.skipif(sys.platform != "linux", reason="XDG folders")
def test_the_default_is_the_users_runtime_folder(tmp_path, monkeypatch):
    monkeypatch.delenv("LABLIVE_RUN", raising=False)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    assert run_dir() == tmp_path / "lablive"


@posix
def test_a_folder_that_others_can_write_is_refused(tmp_path, monkeypatch):
    (tmp_path / "open").mkdir()
    (tmp_path / "open").chmod(0o777)
    monkeypatch.setenv("LABLIVE_RUN", str(tmp_path / "open"))
    with pytest.raises(LinkError, match="other users"):
        run_dir()
