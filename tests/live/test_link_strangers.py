"""Who is refused at the control link, and bytes that must not harm it."""

from __future__ import annotations

import socket
import subprocess
import sys

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from link_cases import Lab, read_all

from lablive.errors import LinkError
from lablive.live import link
from lablive.live.lines import PROTOCOL, Answer, Hello, Request, line
from lablive.live.link import LinkClient


def test_only_this_machine_can_connect(lab):
    assert lab.server._listener.getsockname()[0] == "127.0.0.1"


def test_a_wrong_token_is_refused_with_the_reason(lab):
    host = lab.folder / "host.json"
    told = msgspec.json.decode(host.read_bytes())
    host.write_bytes(msgspec.json.encode(told | {"token": "ü" * 20}))
    with pytest.raises(LinkError, match="wrong token") as caught:
        LinkClient.connect(lab.folder)
    assert not caught.value.no_host


def test_another_version_is_refused_with_the_reason(lab):
    hello = line(Hello(lab.claim.token, PROTOCOL + 1))
    assert b"version 2" in read_all(lab.raw(hello))


def test_too_many_clients_are_refused_with_the_reason(lab, monkeypatch):
    monkeypatch.setattr(link, "MAX_CLIENTS", 1)
    first = LinkClient.connect(lab.folder)
    with pytest.raises(LinkError, match="1 clients already"):
        LinkClient.connect(lab.folder)
    assert first.call("next")
    first.close()


@pytest.mark.parametrize("hello", [b"\n", b"{}\n", b"GET / HTTP/1.1\r\n", b"\xff\n"])
def test_a_stranger_is_refused(lab, client, hello):
    answer = msgspec.json.decode(read_all(lab.raw(hello)), type=Answer)
    assert answer.error.kind == "LinkError"
    assert client.call("next") == {"method": "next"}


@settings(max_examples=60)
@given(st.lists(st.binary(max_size=300), max_size=8), st.booleans())
def test_nonsense_bytes_never_harm_the_server(shared_lab, pieces, knows_token):
    sock = shared_lab.raw(None if knows_token else b"")
    for piece in pieces:
        try:
            sock.sendall(piece)
        except ConnectionError:  # sent away already
            break
    sock.close()
    client = LinkClient.connect(shared_lab.folder)
    assert client.call("next", timeout_s=20) == {"method": "next"}
    client.close()


@pytest.fixture(scope="module")
def shared_lab(tmp_path_factory):
    made = Lab(tmp_path_factory.mktemp("lab"))
    yield made
    made.close()


BAD_LINES = [b"", b"null", b"{}", b"\xff\xfe", b'{"id":"x","method":"m"}', b"[" * 9999]
BAD_LINES += [b'{"id":1,"method":"m","params":[]}', b'{"id":' + b"9" * 5000 + b"}"]


def test_a_bad_line_is_answered_and_the_next_is_understood(lab):
    sock = lab.raw()
    good = line(Request(5, "next"))
    sock.sendall(b"\n".join(BAD_LINES) + b"\n" + good)
    sock.shutdown(socket.SHUT_WR)
    lines = read_all(sock).splitlines()
    answers = [msgspec.json.decode(text, type=Answer) for text in lines]
    assert [answer.id for answer in answers] == [0] * (1 + len(BAD_LINES)) + [5]
    assert answers[0].error is None
    assert all("cannot be read" in answer.error.what for answer in answers[1:-1])
    assert answers[-1].result == {"method": "next"}


def test_an_endless_line_is_cut_off(lab, client):
    sock = lab.raw()
    with pytest.raises(ConnectionError):  # noqa: PT012 - some piece meets the end
        for _ in range(10_000):
            sock.sendall(b"x" * 65536)
    sock.close()
    assert client.call("next") == {"method": "next"}


STOPPED_MID_LINE = """
import socket, sys
from pathlib import Path
from lablive.live.lines import Hello, line
from lablive.live.run_folder import read_host
host = read_host(Path(sys.argv[1]))
sock = socket.create_connection(("127.0.0.1", host.port))
sock.sendall(line(Hello(host.token)))
assert sock.recv(100)
sock.sendall(b'{"id": 1, "method": "st')
print("ready", flush=True)
sys.stdin.read()
"""


def test_a_client_killed_in_mid_line_leaves_no_trace(lab, client, until):
    pipe = subprocess.PIPE
    command = [sys.executable, "-c", STOPPED_MID_LINE, str(lab.folder)]
    with subprocess.Popen(command, stdin=pipe, stdout=pipe) as process:
        process.stdout.readline()
        assert len(lab.server._clients) == 2
        process.kill()
    until(lambda: len(lab.server._clients) == 1, "the end of its thread")
    assert client.call("next") == {"method": "next"}
