"""A session whose host is still starting: what is asked for meanwhile is not lost."""

from __future__ import annotations

import threading

from lablive.live.session import LiveSession
from lablive.messages import SourceSpec


class Link:
    """A host that takes questions and never answers."""

    alive = True

    def __init__(self):
        self.posted = []

    def post(self, method, **params):
        self.posted.append((method, params))
        return len(self.posted)

    def replies(self):
        return []

    def close(self):
        pass


def test_devices_asked_for_before_there_is_a_host_are_opened_by_it(until):
    link, may_come = Link(), threading.Event()

    def start():
        may_come.wait(10.0)
        return link

    session = LiveSession(start, wait=False)
    session.add_source(SourceSpec("imu", "lsl", {"name": "imu"}))
    session.add_source(SourceSpec("gone", "lsl", {"name": "gone"}))
    session.remove_source("gone")
    session.poll()
    assert session.report is None
    may_come.set()
    until(lambda: session.poll() and link.posted, "the host to be joined")
    opened = [params["spec"]["id"] for method, params in link.posted if "add" in method]
    session.close()
    assert opened == ["imu"]
    assert not [text for text in session.troubles if "devices" in text]
