"""The control link between app and host: loopback TCP, opened with a secret token."""

from __future__ import annotations

import contextlib
import itertools
import logging
import queue
import secrets
import socket
import threading
from collections import deque
from typing import TYPE_CHECKING, Any, Final

import msgspec

from lablive.errors import LabLiveError, LinkError
from lablive.live.lines import (
    MAX_LINE,
    PROTOCOL,
    Answer,
    Hello,
    Lines,
    Request,
    error_of,
    fault_of,
    line,
    message,
    too_long,
)
from lablive.live.run_folder import (
    Claim,
    claim,
    is_held,
    name_host,
    read_host,
    run_dir,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Handler = Callable[[str, dict[str, Any]], Any]

__all__ = ["Claim", "LinkClient", "LinkServer", "Reply", "claim", "run_dir"]

LOOPBACK: Final = "127.0.0.1"
CONNECT_S: Final = 2.0
HELLO_S: Final = 5.0  # a client must show its token within
FLUSH_S: Final = 0.2  # a closing client waits for what it has posted
MAX_CLIENTS: Final = 32
MAX_WAITING: Final = 1000  # questions without an answer, at 1 status per 250 ms: 4 min

log = logging.getLogger(__name__)


class LinkServer:
    """Answer clients that know the token; one thread per client.

    Parameters
    ----------
    token
        The secret.
    handler
        Called as ``handler(method, params)``, from several threads at once when there
        are several clients. What it returns must be JSON-able; a
        :class:`LabLiveError` is raised again in the client.
    """

    def __init__(self, token: str, handler: Handler) -> None:
        self._token = token.encode()
        self._handler = handler
        self._listener = socket.create_server((LOOPBACK, 0))
        self.port: int = self._listener.getsockname()[1]
        self._clients: dict[socket.socket, threading.Thread] = {}
        self._change = threading.Lock()
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._accept, name="link", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop listening and end every connection. Callable twice."""
        if self._closing.is_set():
            return
        self._closing.set()
        with contextlib.suppress(OSError):  # wakes accept(), on every platform
            socket.create_connection((LOOPBACK, self.port), CONNECT_S).close()
        self._thread.join(CONNECT_S)
        self._listener.close()
        with self._change:
            clients = dict(self._clients)
        for sock in clients:
            with contextlib.suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)
        for thread in clients.values():
            if thread is not threading.current_thread():
                thread.join(CONNECT_S)

    def _accept(self) -> None:
        while not self._closing.is_set():
            try:
                sock, _ = self._listener.accept()
                thread = threading.Thread(
                    target=self._serve, args=(sock,), name="link client", daemon=True
                )
                with self._change:
                    thread.start()
                    self._clients[sock] = thread
            except (OSError, RuntimeError):  # out of file handles, out of threads
                log.exception("the control link cannot take a client")
                self._closing.wait(0.1)  # others will end

    def _serve(self, sock: socket.socket) -> None:
        with sock:
            try:
                self._talk(sock, Lines(sock))
            except LinkError as error:
                with contextlib.suppress(OSError):
                    sock.sendall(line(Answer(0, error=fault_of(error))))
            except OSError as error:
                log.info("a client of the control link is gone: %s", error)
            finally:
                with self._change:
                    del self._clients[sock]

    def _talk(self, sock: socket.socket, lines: Lines) -> None:
        """Answer until the client goes; LinkError = a reason to send it away."""
        sock.settimeout(HELLO_S)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        text = lines.read()
        if text is None or self._closing.is_set():
            return
        hello = message(text, Hello)
        if not secrets.compare_digest(hello.token.encode(), self._token):
            raise LinkError("The host refused the connection: wrong token.")
        if hello.version != PROTOCOL:
            raise LinkError(
                f"The host speaks version {PROTOCOL} of the control link, "
                f"the app version {hello.version}.",
                still="What is being recorded goes on.",
                todo="End the recording, then restart host and app together.",
            )
        with self._change:  # this client may not be entered yet
            clients = len(self._clients)
        if clients > MAX_CLIENTS:
            raise LinkError(f"The host has {MAX_CLIENTS} clients already.")
        sock.sendall(line(Answer(0)))
        sock.settimeout(None)
        while (text := lines.read()) is not None:
            sock.sendall(self._answer(text))

    def _answer(self, text: bytes) -> bytes:
        number, method = 0, ""
        try:
            request = message(text, Request)
            number, method = request.id, request.method
            answer = line(Answer(number, self._handler(method, request.params)))
            if len(answer) > MAX_LINE:
                raise too_long(f"The answer to {method!r}")
        except LabLiveError as error:
            return line(Answer(number, error=fault_of(error)))
        except Exception as error:  # one bad request must not end the host
            log.exception("%r failed", method)
            said = " ".join(f"{type(error).__name__}: {error}".split())
            failed = LabLiveError(
                f"The recording program (host) failed in {method!r}: {said}.",
                still="What is being recorded goes on.",
                todo="This is a fault of the program; please report it with host.log.",
            )
            return line(Answer(number, error=fault_of(failed)))
        return answer


class Reply(msgspec.Struct, frozen=True):
    """The answer to a :meth:`LinkClient.post`: a result or an error."""

    id: int
    method: str
    result: Any = None
    error: LabLiveError | None = None


class LinkClient:
    """Ask a host; every method may be used from any thread.

    Made by :meth:`connect`.
    """

    def __init__(self, sock: socket.socket, lines: Lines) -> None:
        self._sock, self._lines = sock, lines
        self._numbers = itertools.count(1)
        self._news = threading.Condition()
        self._alive = True
        self._waiting: dict[int, str] = {}  # questions without an answer: method
        self._calls: dict[int, Reply | None] = {}  # those that call() waits for
        self._replies: deque[Reply] = deque()
        self._out: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        self._threads = [
            threading.Thread(target=task, name=name, daemon=True)
            for task, name in (
                (self._send, "link send"),
                (self._receive, "link receive"),
            )
        ]
        for thread in self._threads:
            thread.start()

    @classmethod
    def connect(cls, folder: Path) -> LinkClient:
        """Return a link to the host of a run folder.

        Raises
        ------
        LinkError
            With ``no_host`` true when none is running there.
        """
        sock = None
        try:
            host = read_host(folder)
            sock = socket.create_connection((LOOPBACK, host.port), CONNECT_S)
            lines = _greet(sock, host.token)
        except (OSError, LabLiveError) as error:
            if sock is not None:
                sock.close()
            if not is_held(folder):
                raise _no_host() from error
            if isinstance(error, LabLiveError):
                raise
            raise _unreachable(folder, error) from error
        return cls(sock, lines)

    @property
    def alive(self) -> bool:
        """Whether the connection stands."""
        return self._alive

    def call(self, method: str, /, timeout_s: float = 2.0, **params: Any) -> Any:
        """Ask and wait for the answer.

        Raises
        ------
        LabLiveError
            Of the kind that the host raised.
        LinkError
            The host is gone or does not answer in time.
        """
        with self._news:
            number = self._ask(method, params)
            self._calls[number] = None
            self._news.wait_for(
                lambda: self._calls[number] or not self._alive, timeout_s
            )
            self._waiting.pop(number, None)  # a late answer is dropped
            reply = self._calls.pop(number)
        if reply is None:
            raise (
                _silent(f"{method!r} within {timeout_s:g} s")
                if self._alive
                else _gone()
            )
        if reply.error is not None:
            raise reply.error
        return reply.result

    def post(self, method: str, /, **params: Any) -> int:
        """Ask without waiting; the answer comes in :meth:`replies` under this number.

        Raises
        ------
        LinkError
            The host is gone, or has left 1000 questions unanswered.
        """
        with self._news:
            return self._ask(method, params)

    def replies(self) -> list[Reply]:
        """Return the answers to posts since the last time, never waiting.

        When the host goes, every question still open is answered with a LinkError.
        """
        with self._news:
            found = list(self._replies)
            self._replies.clear()
        return found

    def close(self) -> None:
        """End the connection, after what was posted has been taken. Callable twice."""
        sender, receiver = self._threads
        self._out.put(None)
        for thread, end in ((sender, socket.SHUT_WR), (receiver, socket.SHUT_RDWR)):
            thread.join(FLUSH_S)
            with contextlib.suppress(OSError):
                self._sock.shutdown(end)
        sender.join(CONNECT_S)
        receiver.join(CONNECT_S)
        self._sock.close()

    def _ask(self, method: str, params: dict[str, Any]) -> int:
        if not self._alive:
            raise _gone()
        if len(self._waiting) >= MAX_WAITING:
            raise _silent(f"{MAX_WAITING} questions")
        number = next(self._numbers)
        text = line(Request(number, method, params))
        if len(text) > MAX_LINE:
            raise too_long(f"The question {method!r}")
        self._waiting[number] = method
        self._out.put(text)
        return number

    def _send(self) -> None:
        with contextlib.suppress(OSError):  # the receiver sees the end, too
            while (text := self._out.get()) is not None:
                self._sock.sendall(text)

    def _receive(self) -> None:
        try:
            while (text := self._lines.read()) is not None:
                self._take(message(text, Answer))
        except (OSError, LinkError) as error:
            log.info("the control link broke: %s", error)
        with self._news:
            self._alive = False
            for number, method in self._waiting.items():
                if number not in self._calls:
                    self._replies.append(Reply(number, method, error=_gone()))
            self._waiting.clear()
            self._news.notify_all()

    def _take(self, answer: Answer) -> None:
        with self._news:
            method = self._waiting.pop(answer.id, None)
            if method is None:
                return
            error = None if answer.error is None else error_of(answer.error)
            reply = Reply(answer.id, method, answer.result, error)
            if answer.id in self._calls:
                self._calls[answer.id] = reply
                self._news.notify_all()
            else:
                self._replies.append(reply)


def _greet(sock: socket.socket, token: str) -> Lines:
    """Show the token; raises LinkError when the host refuses."""
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    sock.sendall(line(Hello(token)))
    lines = Lines(sock)
    text = lines.read()
    if text is None:
        raise ConnectionError("it closed the connection")
    answer = message(text, Answer)
    if answer.error is not None:
        raise error_of(answer.error)
    sock.settimeout(None)
    return lines


def _no_host() -> LinkError:
    return LinkError(
        "No recording program (host) is running.",
        still="What was recorded before is on disk.",
        todo="Start the host.",
        no_host=True,
    )


def _unreachable(folder: Path, error: OSError) -> LinkError:
    return LinkError(
        f"The recording program ({name_host(folder)}) cannot be reached: {error}.",
        still="What it records goes on to disk.",
        todo="Try again; if it stays, end that process and start again.",
    )


def _silent(what: str) -> LinkError:
    return LinkError(
        f"The recording program (host) does not answer {what}.",
        still="What it records goes on to disk.",
        todo="Wait a moment; if it stays, restart the host.",
    )


def _gone() -> LinkError:
    return LinkError(
        "The connection to the recording program (host) is gone.",
        still="What was recorded until now is on disk.",
        todo="Join the host again, or start a new one.",
    )
