"""Devices that cannot be opened: one clear message each, the others go on."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import tempfile
import threading
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from drivers.sim.pty_wire import PtyWire
from lablive.live.link import LinkClient
from lablive.messages import SourceSpec
from lablive.recording.replay import Trial
from lablive.recording.verify import verify
from tests.promises.lab import assert_whole, numbers, source

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lablive.live.session import LiveSession
    from tests.promises.lab import Lab

NOBODY = 65534
# everything is imported while root may still read it
AS_NOBODY = f"""
import locale, os, sys
import drivers.host, drivers.profile_driver, drivers.serial_port
from drivers.profile_files import load_profile
load_profile("sim_insoles")
drivers.serial_port.serial_ports()
if os.geteuid() == 0:
    os.setegid({NOBODY})
    os.setgroups([])
    os.seteuid({NOBODY})
sys.exit(drivers.host.main(["--run-dir", sys.argv[1]]))
"""


def messages(lab: Lab, session: LiveSession, *specs: SourceSpec) -> list[str]:
    """Return what the host says of sources that cannot be opened."""
    for spec in specs:
        session.add_source(spec)

    def failed(spec: SourceSpec) -> bool:
        found = source(session, spec.id)
        return found is not None and found.state == "failed"

    lab.poll_until(lambda: all(failed(spec) for spec in specs), "them to fail")
    return [source(session, spec.id).message for spec in specs]


def port(path: str, name: str = "wrong") -> SourceSpec:
    return SourceSpec(name, "profile", {"profile": "sim_insoles", "port": path})


@pytest.mark.slow
def test_the_others_go_on_beside_every_wrong_device(lab: Lab) -> None:
    name = f"Twin {os.getpid()}"
    twins = [lab.own_lsl("one", name), lab.own_lsl("other", name)]
    ids = [twin.ready["streams"][0]["source_id"] for twin in twins]
    good = lab.numbered_port()
    session = lab.session()
    lab.connect(session, good)
    path = lab.record(session)

    busy = str(good.specs()[0].options["port"])
    told = messages(
        lab,
        session,
        SourceSpec("twins", "lsl", {"name": name}),
        SourceSpec("absent", "lsl", {"name": "Nowhere"}),
        port("/dev/ttyNONE", "unplugged"),
        port(busy, "busy"),
        SourceSpec("odd", "pigeon", {}),
    )
    ambiguous, missing, unplugged, used, unknown = told
    assert f'2 LSL streams have name "{name}"' in ambiguous
    assert all(one in ambiguous for one in ids)
    assert "source_id" in ambiguous
    assert "Nowhere" in missing
    assert all(one in missing for one in ids)  # what is there instead
    assert "There is no port /dev/ttyNONE" in unplugged
    assert f"{busy} is used by another program" in used
    assert "no driver named 'pigeon'" in unknown
    for text in told:
        assert "Other devices" in text
        assert "Traceback" not in text
    found = source(session, "numbered")
    assert found.state == "streaming"
    lab.stop(session)
    assert_whole(numbers(Trial(path)))
    assert verify(path).ok
    # a name that becomes right is found by itself
    twins[1].kill()
    lab.poll_until(
        lambda: source(session, "twins").state == "streaming", "the one that is left"
    )


@pytest.mark.slow
def test_garbage_at_full_speed(lab: Lab) -> None:
    """Told and left alone: another stream beside it loses nothing."""
    cable, over = PtyWire(), threading.Event()
    noise = random.Random(0).randbytes(4096)

    def send() -> None:
        while not over.is_set():
            if not cable.send_all(noise, over.is_set):
                over.wait(0.01)  # nobody listens at the moment

    session = lab.session()
    lab.connect(session, lab.numbered_port())
    path = lab.record(session)
    session.add_source(port(cable.path, "noise"))
    sender = threading.Thread(target=send)
    sender.start()

    def message() -> str:
        found = source(session, "noise")
        return found.message if found else ""

    try:
        lab.poll_until(lambda: "none fits the profile" in message(), "the message")
        tries = source(session, "noise").status[0].reconnects

        def tried_twice() -> bool:
            assert "none fits the profile" in message()  # not now and then
            return source(session, "noise").status[0].reconnects > tries + 1

        lab.poll_until(tried_twice, "two more openings")
        assert "wrong baud rate" in message()
    finally:
        over.set()
        sender.join()
        cable.close()
    lab.stop(session)
    trial = Trial(path)
    assert_whole(numbers(trial))
    assert verify(path).damage == []
    assert [trial.rows(info.id) for info in trial.streams if "sole" in info.name] == [
        0,
        0,
    ]


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX permissions")
def test_a_port_one_may_not_open(lab: Lab) -> None:
    cable, allowed = PtyWire(), PtyWire()
    Path(cable.path).chmod(0)
    with tempfile.TemporaryDirectory() as shared, as_nobody(lab, Path(shared)) as host:
        session = lab.session(lambda: LinkClient.connect(lab.folder))
        if os.geteuid() == 0:
            os.chown(allowed.path, NOBODY, NOBODY)
        (told,) = messages(lab, session, port(cable.path, "forbidden"))
        assert f"You may not open {cable.path}" in told
        assert "usermod" in told
        session.add_source(port(allowed.path, "allowed"))
        lab.poll_until(lambda: allowed.listened, "the other port")
        assert host.poll() is None
    cable.close()
    allowed.close()


@contextmanager
def as_nobody(lab: Lab, shared: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Run the host as somebody who is not root; root may open everything."""
    lab.folder = shared / "run"
    lab.folder.mkdir()
    shared.chmod(0o755)
    if os.geteuid() == 0:
        os.chown(lab.folder, NOBODY, NOBODY)
    command = [sys.executable, "-c", AS_NOBODY, str(lab.folder)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as host:
        lab.hosts.add(host.pid)
        try:
            assert host.stdout is not None
            assert host.stdout.readline() == b"ready\n"
            yield host
        finally:
            host.kill()
