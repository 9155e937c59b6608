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


def microphone(name="Yeti", problem=""):
    return {"name": name, "rate_hz": 48000.0, "channels": 1, "problem": problem}


def test_a_microphone_is_never_ticked_by_itself_and_stores_no_speech_unasked():
    found = {"microphones": [microphone(), microphone("Headset", "is a Bluetooth one")]}
    yeti, headset = offers(found, [])
    assert (yeti.spec.driver, yeti.spec.options) == ("microphone", {"device": "Yeti"})
    assert yeti.private
    assert yeti.switch[0] == "record_raw_audio"
    assert headset.problem
    assert [offer.title for offer in offers(found, [yeti.spec])] == ["Headset"]


def test_a_bluetooth_device_comes_with_the_profile_that_fits():
    device = {"address": "C0:01", "name": "ORPHE", "rssi_dbm": -50}
    found = {
        "bluetooth": [device | {"profiles": ["orphe_56"]}, device | {
            "address": "C0:02", "profiles": []}],
        "bluetooth_profiles": ["orphe_56", "ftms"],
    }  # fmt: skip
    one, other = offers(found, [])
    assert one.spec.options == {"port": "C0:01"}
    assert (one.fits, other.fits) == ("orphe_56", "")
    assert one.profiles == other.profiles == ("orphe_56", "ftms")
    assert one.private
    opened = SourceSpec("x", "profile", {"port": "C0:01", "profile": "orphe_56"})
    assert [it.spec.options["port"] for it in offers(found, [opened])] == ["C0:02"]
