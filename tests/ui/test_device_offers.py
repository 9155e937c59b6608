"""What the search found becomes offers that the host can open without doubt."""

from __future__ import annotations

from lablive.messages import SourceSpec
from ui.device_offers import TEXT, TWINS, offers


def stream(name="IMU", source_id="a", hostname="lab", kind="IMU", usable=True):
    return {
        "name": name, "type": kind, "channels": 6, "rate_hz": 200.0,
        "source_id": source_id, "hostname": hostname, "usable": usable,
    }  # fmt: skip


def port(path="/dev/ttyUSB0", identity="10C4:EA60:0001", profiles=(), problem=""):
    return {
        "path": path, "identity": identity, "description": "CP2102N",
        "problem": problem, "profiles": list(profiles),
    }  # fmt: skip


def made(serial=(), lsl=(), open_now=()):
    found = {"serial": serial, "lsl": lsl, "profiles": ["sole", "imu"], "problems": []}
    return offers(found, open_now)


def test_a_port_is_named_by_what_stays_in_another_socket():
    (offer,) = made([port(profiles=["sole"])])
    assert offer.spec.options == {"port": "10C4:EA60:0001"}
    assert (offer.fits, offer.profiles) == ("sole", ("sole", "imu"))


def test_a_port_that_says_nothing_of_itself_is_named_once():
    (offer,) = made([port("/dev/ttyS0", "/dev/ttyS0") | {"description": ""}])
    assert (offer.title, offer.detail) == ("/dev/ttyS0", "serial port")


def test_a_serial_number_may_hold_colons():
    (offer,) = made([port("/dev/ttyACM0", "303A:1001:24:58:7C:E1:02:9A")])
    assert offer.spec.options == {"port": "303A:1001:24:58:7C:E1:02:9A"}


def test_twin_ports_and_ports_without_number_are_named_by_their_path():
    found = made([port(), port("/dev/ttyUSB1"), port("/dev/ttyS0", "/dev/ttyS0")])
    found += made([port("/dev/ttyACM0", "303A:1001")])
    told = [offer.spec.options["port"] for offer in found]
    paths = ["/dev/ttyUSB0", "/dev/ttyUSB1", "/dev/ttyS0", "/dev/ttyACM0"]
    assert told == paths
    assert len({offer.spec.id for offer in found}) == 4


def test_several_fitting_profiles_leave_the_choice_open():
    (offer,) = made([port(profiles=["sole", "imu"])])
    assert offer.fits == ""


def test_what_may_not_be_opened_says_why():
    (offer,) = made([port(problem="You may not open it.")])
    assert offer.problem == "You may not open it."
    (offer,) = made(lsl=[stream(usable=False)])
    assert offer.problem == TEXT


def test_streams_with_one_name_are_told_apart():
    left, right = made(lsl=[stream(source_id="l"), stream(source_id="r")])
    assert left.spec.options == {"source_id": "l"}
    assert left.spec.id != right.spec.id


def test_streams_that_share_a_source_id_are_told_apart_by_the_rest():
    acc, gyro = made(lsl=[stream("acc"), stream("gyro")])
    assert acc.spec.options["name"] == "acc"
    assert gyro.spec.options["name"] == "gyro"


def test_streams_that_nothing_tells_apart_are_one_offer_that_cannot_be_opened():
    (offer,) = made(lsl=[stream(source_id=""), stream(source_id="")])
    assert offer.problem == TWINS


def test_what_is_open_is_not_offered_again():
    open_now = [
        SourceSpec("soles", "profile", {"profile": "sole", "port": "/dev/ttyUSB0"}),
        SourceSpec("lsl:IMU", "lsl", {"name": "IMU"}),
    ]
    assert made([port()], [stream()], open_now) == []
    assert made([port()], [stream("EMG")], open_now)[0].spec.id == "EMG"
