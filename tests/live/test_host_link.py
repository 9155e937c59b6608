"""The app's end of the control link with a host made up by the test."""

from __future__ import annotations

import threading

import pytest

from lablive.errors import LinkError, RecordingError
from lablive.live import host_link
from lablive.live.host_link import HostLink
from lablive.live.link import Reply


class FakeLink:
    """A link whose answers the test gives."""

    def __init__(self):
        self.alive = True
        self.posted = []
        self.answers = []
        self.closed = threading.Event()

    def post(self, method, **params):
        if not self.alive:
            raise LinkError("gone")
        self.posted.append((method, params))
        return len(self.posted)

    def replies(self):
        found, self.answers = self.answers, []
        return found

    def answer(self, result=None, error=None):
        self.answers.append(Reply(len(self.posted), self.posted[-1][0], result, error))

    def close(self):
        self.closed.set()


class Clock:
    def __init__(self):
        self.s = 1000.0

    def __call__(self):
        return self.s


@pytest.fixture
def clock(monkeypatch):
    made = Clock()
    monkeypatch.setattr(host_link, "now_s", made)
    return made


class Hosts:
    """What start_host finds, in order."""

    def __init__(self, *found):
        self.found = list(found)
        self.asked = threading.Semaphore(0)

    def __call__(self):
        self.asked.release()
        found = self.found.pop(0)
        if isinstance(found, LinkError):
            raise found
        return found


def test_answers_and_refusals_find_their_question(clock):
    link, told, got = FakeLink(), [], []
    host = HostLink(lambda: link, told.append)
    host.ask("one", got.append, value=3)
    assert host.is_asked("one")
    link.answer("first")
    assert host.poll() == []
    host.ask("two", got.append)
    link.answer(error=RecordingError("No."))
    host.poll()
    host.ask("three", got.append, lambda error: got.append(error.what))
    link.answer(error=RecordingError("Never."))
    host.poll()
    assert link.posted == [("one", {"value": 3}), ("two", {}), ("three", {})]
    assert got == ["first", "Never."]
    assert told == ["No."]
    assert not host.is_asked("one")


def test_what_the_app_makes_of_an_answer_cannot_stop_the_others(clock):
    link, told, got = FakeLink(), [], []
    host = HostLink(lambda: link, told.append)

    def refuse(_):
        raise LinkError("This is no ring.")

    host.ask("one", refuse)
    link.answer()
    host.ask("two", got.append)
    link.answer("second")
    host.poll()
    assert told == ["This is no ring."]
    assert got == ["second"]


def test_a_silent_host_is_told_once_and_its_answer_too(clock):
    link = FakeLink()
    host = HostLink(lambda: link, [].append)
    host.ask("status")
    events = []
    for _ in range(100):
        clock.s += 0.1
        events += host.poll()
    assert events == ["silent"]
    assert host.connected
    link.answer()
    assert host.poll() == ["answers"]
    clock.s += 100.0
    assert host.poll() == []  # nothing is asked


def test_a_pause_of_the_app_is_no_silence_of_the_host(clock):
    link = FakeLink()
    host = HostLink(lambda: link, [].append)
    host.ask("status")
    clock.s += 10.0  # the app stood still
    assert host.poll() == []
    clock.s += 1.0
    assert host.poll() == []


def test_a_slow_question_has_more_time(clock):
    link = FakeLink()
    host = HostLink(lambda: link, [].append)
    host.ask("stop_recording")
    events = []
    for _ in range(int((host_link.LONG_S - 1.0) / 0.25)):
        clock.s += 0.25
        events += host.poll()
    assert events == []


def test_a_lost_host_is_looked_for_until_one_is_there(clock, until):
    first, last = FakeLink(), FakeLink()
    same = LinkError("There is none.")
    hosts = Hosts(first, same, same, LinkError("Full."), last)
    told, failed, events = [], [], []
    host = HostLink(hosts, told.append)
    host.ask("marker", failed=failed.append)
    first.answer(error=LinkError("gone"))
    first.alive = False
    assert host.poll() == ["lost"]
    assert first.closed.wait(5)
    assert not host.connected
    host.ask("status", failed=failed.append)  # no host to ask
    assert [type(error) for error in failed] == [LinkError, LinkError]

    def found():
        clock.s += 0.25
        events.extend(host.poll())
        return events

    until(found, "the last host")
    assert events == ["found"]
    assert host.connected
    assert told == ["There is none.", "Full."]  # each once
    host.ask("status")
    assert last.posted == [("status", {})]


def test_a_host_found_after_closing_is_left(clock, until):
    first, late = FakeLink(), FakeLink()
    go = threading.Event()

    def start():
        if not first.alive:
            assert go.wait(5)
            return late
        return first

    host = HostLink(start, [].append)
    first.alive = False
    host.poll()
    host.close()
    go.set()
    assert late.closed.wait(5)
    assert host.poll() == []
    assert not host.connected


def test_a_window_that_does_not_wait_joins_its_host_later(clock, until):
    link, told, failed = FakeLink(), [], []
    may_come = threading.Event()

    def start():
        may_come.wait(10.0)
        return link

    host = HostLink(start, told.append, wait=False)
    assert not host.connected
    assert host.poll() == []
    host.ask("discover", failed=failed.append)
    assert "is being started" in str(failed[0])
    may_come.set()
    events = []
    until(lambda: events.extend(host.poll()) or host.connected, "the host to be joined")
    assert events == ["joined"]
    host.ask("status")
    assert link.posted == [("status", {})]
    host.close()
    assert not told


def test_a_host_that_cannot_be_started_is_told_and_tried_again(clock, until):
    link, told, events = FakeLink(), [], []
    hosts = Hosts(LinkError("It did not start."), link)
    host = HostLink(hosts, told.append, wait=False)
    until(lambda: events.extend(host.poll()) or told, "the failure to be told")
    assert told == ["It did not start."]
    clock.s += 10.0
    until(lambda: events.extend(host.poll()) or host.connected, "the host to be joined")
    assert events == ["joined"]
    host.close()
