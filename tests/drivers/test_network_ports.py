from __future__ import annotations

import contextlib
import socket
from typing import TYPE_CHECKING

import pytest

from drivers.tcp_port import TcpPort
from drivers.udp_port import UdpPort
from lablive.errors import DeviceError

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextlib.contextmanager
def server() -> Iterator[tuple[TcpPort, socket.socket]]:
    """A device on TCP, connected."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = TcpPort("127.0.0.1", listening.getsockname()[1])
        port.open()
        device, _ = listening.accept()
        with device:
            yield port, device
        port.close()
        port.close()


def test_tcp_bytes_pass_both_ways() -> None:
    with server() as (port, device):
        assert port.read(0.0) == []
        device.sendall(b"abc")
        assert port.read(2.0) == [b"abc"]
        port.write(b"start")
        assert device.recv(5) == b"start"


def test_tcp_reads_everything_that_waits() -> None:
    with server() as (port, device):
        data = bytes(100_000)
        device.sendall(data)
        got = 0
        while got < len(data):
            got += sum(map(len, port.read(2.0)))
        assert got == len(data)


def test_tcp_last_bytes_come_before_the_end_is_told() -> None:
    with server() as (port, device):
        device.sendall(b"last")
        device.shutdown(socket.SHUT_WR)
        assert port.read(2.0) == [b"last"]
        with pytest.raises(DeviceError, match="closed the connection") as caught:
            port.read(2.0)
        assert caught.value.kind == "unplugged"


def test_tcp_nobody_listens() -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        number = closed.getsockname()[1]
    with pytest.raises(DeviceError, match="cannot be reached") as caught:
        TcpPort("127.0.0.1", number).open()
    assert caught.value.kind == "missing"


def test_tcp_a_closed_port_reads_nothing() -> None:
    assert TcpPort("127.0.0.1", 1).read(0.0) == []


def test_udp_datagrams_stay_apart() -> None:
    port = UdpPort(0, "127.0.0.1")
    port.open()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as device:
        for data in (b"one", b"", b"three"):
            device.sendto(data, ("127.0.0.1", port.port))
        got: list[bytes] = []
        while len(got) < 3:
            got += port.read(2.0)
        assert got == [b"one", b"", b"three"]
        port.write(b"answer")
        device.settimeout(2.0)
        assert device.recv(16) == b"answer"
    assert port.read(0.0) == []
    port.close()
    port.close()


def test_udp_port_in_use() -> None:
    first = UdpPort(0, "127.0.0.1")
    first.open()
    with pytest.raises(DeviceError, match="used by another program") as caught:
        UdpPort(first.port, "127.0.0.1").open()
    assert caught.value.kind == "busy"
    first.close()


def test_udp_address_of_another_machine() -> None:
    with pytest.raises(DeviceError, match="Cannot listen on") as caught:
        UdpPort(0, "192.0.2.1").open()
    assert caught.value.kind == "missing"
