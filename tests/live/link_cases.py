"""A host with nothing behind it, for tests of the control link."""

from __future__ import annotations

import socket
import threading

from lablive.live.lines import MAX_LINE, Hello, line
from lablive.live.link import LinkServer, claim


class Lab:
    """Answers what it is asked, holds or fails on demand."""

    def __init__(self, folder):
        self.folder = folder
        self.hold = threading.Event()
        self.held = threading.Event()
        self.raises = None
        self.claim = claim(folder)
        self.server = LinkServer(self.claim.token, self.answer)
        self.claim.publish(self.server.port)

    def answer(self, method, params):
        if method == "hold":
            self.held.set()
            self.hold.wait(60)
        if method == "fail":
            raise self.raises
        if method == "object":
            return object()
        if method == "long":
            return "x" * MAX_LINE
        return {"method": method, **params}

    def raw(self, hello=None):
        sock = socket.create_connection(("127.0.0.1", self.server.port), 10)
        sock.sendall(line(Hello(self.claim.token)) if hello is None else hello)
        return sock

    def close(self):
        self.hold.set()
        self.server.close()
        self.claim.release()


def read_all(sock):
    with sock:
        return b"".join(iter(lambda: sock.recv(65536), b""))
