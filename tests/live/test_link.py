"""The control link over real sockets: good clients, bad clients, dead hosts."""

from __future__ import annotations

import logging
import os
import socket
import threading

import msgspec
import pytest
from link_cases import read_all

from lablive.errors import (
    ConfigError,
    DeviceError,
    LabLiveError,
    LinkError,
    RecordingError,
)
from lablive.live import link
from lablive.live.lines import MAX_LINE
from lablive.live.link import LinkClient
from lablive.messages import Marker


class SpecialDeviceError(DeviceError):
    """A kind that a client does not know."""


def test_a_question_is_answered(client):
    told = client.call("marker", text="Stufe ü", marker=Marker(1.5, "jump"))
    assert told["method"] == "marker"
    assert told["text"] == "Stufe ü"
    assert msgspec.convert(told["marker"], Marker) == Marker(1.5, "jump")
    assert client.alive


def test_posts_are_answered_under_their_number(client, until):
    numbers = [client.post("count", n=n) for n in range(50)]
    found = []
    until(lambda: found.extend(client.replies()) or len(found) == 50, "50 answers")
    assert [reply.id for reply in found] == numbers
    assert [reply.result["n"] for reply in found] == list(range(50))
    assert {(reply.method, reply.error) for reply in found} == {("count", None)}


def test_several_clients_each_get_their_own_answers(lab):
    wrong = []

    def ask(name):
        client = LinkClient.connect(lab.folder)
        for n in range(100):
            told = client.call("ask", name=name, n=n, timeout_s=30)
            if told != {"method": "ask", "name": name, "n": n}:
                wrong.append(told)
        client.close()

    threads = [threading.Thread(target=ask, args=(name,)) for name in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_one_client_may_be_used_by_several_threads(client):
    found = {}

    def ask(name):
        found[name] = [client.call("ask", n=(name, n))["n"] for n in range(50)]

    threads = [threading.Thread(target=ask, args=(name,)) for name in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == {name: [[name, n] for n in range(50)] for name in range(4)}


@pytest.mark.parametrize(
    ("raised", "kind"),
    [
        (LabLiveError("a", still="b", todo="c"), LabLiveError),
        (ConfigError("two\nlines", todo="c"), ConfigError),
        (RecordingError("a", still="b"), RecordingError),
        (LinkError("a"), LinkError),
        (DeviceError("busy", "a", still="b", todo="c"), DeviceError),
        (SpecialDeviceError("baud", "a"), DeviceError),
    ],
)
def test_an_error_keeps_its_kind_and_its_three_sentences(lab, client, raised, kind):
    lab.raises = raised
    with pytest.raises(kind) as caught:
        client.call("fail")
    error = caught.value
    assert type(error) is kind
    assert (error.what, error.still, error.todo) == (
        raised.what, raised.still, raised.todo,
    )  # fmt: skip
    if kind is DeviceError:
        assert error.kind == raised.kind
    assert client.call("next") == {"method": "next"}


def test_an_error_of_a_post_is_in_its_reply(lab, client, until):
    lab.raises = DeviceError("unplugged", "Cable out.")
    number = client.post("fail")
    found = []
    until(lambda: found.extend(client.replies()) or found, "the answer")
    assert found[0].id == number
    assert isinstance(found[0].error, DeviceError)
    assert found[0].error.kind == "unplugged"


@pytest.mark.parametrize(
    "raised", [ValueError("odd\nthing"), KeyError("x"), OSError(5, "bad disk")]
)
def test_an_unexpected_failure_is_one_line_and_logged(lab, client, raised, caplog):
    lab.raises = raised
    with (
        caplog.at_level(logging.ERROR),
        pytest.raises(LabLiveError, match=type(raised).__name__) as caught,
    ):
        client.call("fail")
    assert "\n" not in str(caught.value)
    assert caplog.records[0].exc_info[1] is raised
    assert client.call("next") == {"method": "next"}


@pytest.mark.parametrize(("method", "said"), [("object", "object"), ("long", "longer")])
def test_an_answer_that_cannot_be_sent_is_an_error(client, method, said):
    with pytest.raises(LabLiveError, match=said):
        client.call(method)
    assert client.call("next") == {"method": "next"}


def test_a_question_over_the_limit_never_leaves(client):
    with pytest.raises(LinkError, match="longer than"):
        client.call("ask", text="x" * MAX_LINE)
    assert client.call("next") == {"method": "next"}


def test_a_host_that_takes_too_long_is_told_and_its_late_answer_dropped(lab, client):
    with pytest.raises(
        LinkError, match=r"\(host\) does not answer 'hold' within"
    ) as no:
        client.call("hold", timeout_s=0.05)
    assert not no.value.no_host
    lab.hold.set()
    assert client.call("next") == {"method": "next"}
    assert client.replies() == []


def test_a_slow_question_of_one_client_does_not_hold_up_another(lab, client):
    client.post("hold")
    assert lab.held.wait(10)
    other = LinkClient.connect(lab.folder)
    assert other.call("next") == {"method": "next"}
    other.close()


def test_posts_never_block_when_the_host_reads_nothing(lab, client):
    client.post("hold")
    assert lab.held.wait(10)
    text = "x" * 500_000
    for _ in range(60):  # far more than every buffer of the loopback
        client.post("ask", text=text)
    assert client.replies() == []
    assert client.alive


def test_a_host_that_never_answers_is_told_after_a_thousand_posts(
    lab, client, monkeypatch
):
    monkeypatch.setattr(link, "MAX_WAITING", 20)
    client.post("hold")
    for _ in range(19):
        client.post("ask")
    with pytest.raises(LinkError, match="does not answer 20 questions"):
        client.post("ask")


def test_when_the_host_goes_every_open_question_is_answered(
    lab, client, until, monkeypatch
):
    first = client.post("hold")
    assert lab.held.wait(10)
    second = client.post("ask")
    monkeypatch.setattr(link, "CONNECT_S", 0.1)  # the held thread outlives close()
    lab.server.close()
    until(lambda: not client.alive, "the end of the link")
    replies = {reply.id: reply for reply in client.replies()}
    assert isinstance(replies[second].error, LinkError)
    assert replies[first].method == "hold"
    for ask in (client.call, client.post):
        with pytest.raises(LinkError, match="is gone"):
            ask("next")
    client.close()
    client.close()


def test_what_was_posted_leaves_before_close(lab, until):
    seen = []
    lab.server._handler = lambda method, params: seen.append((method, params["n"]))
    client = LinkClient.connect(lab.folder)
    for n in range(20):
        client.post("marker", n=n)
    client.close()
    until(lambda: len(seen) == 20, "the markers")
    assert seen == [("marker", n) for n in range(20)]


def test_no_host_file_means_no_host(tmp_path):
    for folder in (tmp_path, tmp_path / "none"):
        with pytest.raises(LinkError, match="No recording program") as caught:
            LinkClient.connect(folder)
        assert caught.value.no_host


def test_a_stale_host_file_means_no_host(lab):
    told = (lab.folder / "host.json").read_bytes()
    lab.close()
    for text in (told, b"{", b""):
        (lab.folder / "host.json").write_bytes(text)
        with pytest.raises(LinkError) as caught:
            LinkClient.connect(lab.folder)
        assert caught.value.no_host


@pytest.mark.parametrize("says", [b"SSH-2.0-x\r\n", b"", None])
def test_a_stranger_on_the_port_of_a_dead_host_means_no_host(
    tmp_path, says, monkeypatch
):
    monkeypatch.setattr(link, "CONNECT_S", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as stranger:
        port = stranger.getsockname()[1]
        told = {"pid": 1, "port": port, "token": "x", "version": 1, "started": ""}
        (tmp_path / "host.json").write_bytes(msgspec.json.encode(told))

        def answer():
            sock, _ = stranger.accept()
            with sock:
                if says is None:  # listens and keeps silent
                    sock.recv(1000)
                    sock.recv(1000)
                else:
                    sock.sendall(says)

        thread = threading.Thread(target=answer)
        thread.start()
        with pytest.raises(LinkError) as caught:
            LinkClient.connect(tmp_path)
        thread.join()
    assert caught.value.no_host


def test_a_living_host_that_cannot_be_reached_is_not_called_absent(lab):
    lab.server.close()
    with pytest.raises(
        LinkError, match=f"host, process {os.getpid()}.*cannot be"
    ) as no:
        LinkClient.connect(lab.folder)
    assert not no.value.no_host
    (lab.folder / "host.json").unlink()  # as while it starts
    with pytest.raises(LinkError, match="cannot be reached") as no:
        LinkClient.connect(lab.folder)
    assert not no.value.no_host


def test_closing_the_server_ends_its_threads(lab, client, until):
    idle = lab.raw(b"")
    until(lambda: len(lab.server._clients) == 2, "both clients")
    threads = list(lab.server._clients.values())
    lab.server.close()
    lab.server.close()
    assert not any(thread.is_alive() for thread in threads)
    assert read_all(idle) == b""
    with pytest.raises(OSError, match="refused"):
        lab.raw()
