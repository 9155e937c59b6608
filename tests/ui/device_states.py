"""The Devices page in every state, with invented devices; see ``page_states``."""

from __future__ import annotations

import msgspec
from page_states import LONG, connected

from lablive.live.lsl_choices import LslIdentity
from lablive.live.reports import SourceReport
from lablive.messages import ChannelInfo, SourceSpec, StreamInfo, StreamStatus

GONE = (
    "/dev/ttyUSB0 is gone: the cable was pulled out or the receiver has no power. "
    "Other devices and the recording go on. Plug it in; it comes back by itself, in "
    "another socket, too."
)


def source(name, driver, options, state="streaming", rates=(200.0,), **health):
    """Return a device with one stream per rate."""
    numbered = enumerate(rates, start=900 + 10 * sum(map(ord, name)))
    infos = [
        StreamInfo(
            number, f"{name} stream {number % 10}", "IMU", rate_hz,
            (ChannelInfo("a"),), counter_bits=16 * (driver == "profile"),
        )
        for number, rate_hz in numbered
    ]  # fmt: skip
    usual = {
        "rows": 24_131, "rate_hz": rates[0], "effective_rate_hz": rates[0],
        "last_sample_age_s": 0.008, "ppm": -12.4, "jitter_p95_ms": 1.3,
    }  # fmt: skip
    status = [StreamStatus(it.id, state, **(usual | health)) for it in infos]
    spec = SourceSpec(name, driver, options)
    rings = ("",) * len(infos)
    return SourceReport(spec, state, "", tuple(infos), rings, tuple(status))


def many():
    """Return a lab in which nearly everything that can be wrong is wrong."""
    port = {"profile": "insole_a55a", "port": "10C4:EA60:0042"}
    soles = source("Insole receiver", "profile", port, rates=(100.0, 100.0), lost=3)
    gone = source(
        LONG, "profile", {"profile": "witmotion", "port": "1A86:7523:77"},
        "recovering", rate_hz=0.0, effective_rate_hz=0.0, last_sample_age_s=7.4,
        lost=1240, lost_is_exact=False, gaps=2,
    )  # fmt: skip
    tired = source(
        "IMU pelvis", "profile", {"profile": "xbus", "port": "2639:0300:DB000123"},
        rate_hz=104.0, effective_rate_hz=51.7, battery_pct=12.0, duplicates=96,
        reconnects=2, gaps=2,
    )  # fmt: skip
    silent = source(
        "Sim EMG", "lsl", {"source_id": "emg-1"}, "stalled", (2000.0,), rate_hz=0.0,
        effective_rate_hz=0.0, last_sample_age_s=3.4, ppm=0.0, jitter_p95_ms=0.0,
    )  # fmt: skip
    microphone = source(
        "Microphone Yeti Stereo", "microphone", {"device": "Yeti Stereo Microphone"},
        "streaming", (1000.0,), ppm=31.0, jitter_p95_ms=11.0,
    )  # fmt: skip
    refused = SourceReport(
        SourceSpec("CP2102N USB to UART", "profile", {"port": "/dev/ttyUSB3"}),
        "failed",
        "You may not open /dev/ttyUSB3. Other devices and the recording go on. "
        'Type "sudo usermod -aG dialout $USER", then log out and in.',
        (), (), (),
    )  # fmt: skip
    return [
        soles,
        msgspec.structs.replace(gone, message=GONE, fault=GONE, fault_age_s=7.4),
        msgspec.structs.replace(tired, fault=GONE, fault_age_s=412.0),
        silent,
        microphone,
        source("Treadmill", "ftms", {"port": "C0:FF"}, rates=(0.0,), rate_hz=1.0),
        refused,
    ]


def add(scene, sources):
    """Let the host have these devices, too; their streams have no ring."""
    for it in sources:
        scene.lab.host._sources[it.spec.id] = it


def go(scene):
    scene.tick()
    scene.window.places.go("Devices")
    scene.window.devices._shown_s = float("-inf")
    scene.window.devices.refresh()


def full(scene):
    connected(scene)
    go(scene)


def troubled(scene):
    connected(scene)
    scene.lab.host._sources.clear()
    add(scene, many())
    go(scene)
    scene.window.devices.list.choose(LONG)


def several_fit(scene):
    connected(scene)
    two = [LslIdentity("EMG", "EMG", f"emg-{n}", f"lab-pc-{n}") for n in (1, 2)]
    held = SourceReport(
        SourceSpec("EMG", "lsl", {"name": "EMG"}), "failed",
        'Two LSL streams are named "EMG". Other devices go on. Choose one on the '
        "Devices page; it is remembered.",
        (), (), (), choices=tuple(two),
    )  # fmt: skip
    add(scene, [held])
    go(scene)
    scene.window.devices.list.choose("EMG")


def chosen_refused(scene):
    troubled(scene)
    scene.window.devices.list.choose("CP2102N USB to UART")


def while_recording(scene):
    connected(scene)
    scene.model.record(scene.model.library / "trial-01.xdf")
    add(scene, many()[4:5])
    scene.tick()
    go(scene)
    scene.window.devices.list.choose("Microphone Yeti Stereo")


def none(scene):
    scene.tick()
    go(scene)


QUESTIONS = {
    "witmotion": [{"option": "site", "words": "Worn at", "answer": "imu_site"}],
    "orphe_56": [
        {"option": "site", "words": "Foot", "answer": "foot", "required": True}
    ],
    "bitalino": [
        {"option": f"a{number}", "words": f"Input A{number}", "answer": "muscle"}
        for number in range(1, 7)
    ],
    "Delsys Trigno": [
        {
            "option": "host", "words": "Its computer or address", "answer": "text",
            "usual": "127.0.0.1", "required": True,
        },
        *(
            {"option": f"sensor_{n}", "words": f"Sensor {n}", "answer": "muscle"}
            for n in range(1, 17)
        ),
    ],
    "x-io x-IMU3 by Wi-Fi": [
        {
            "option": "host", "words": "Address of the sensor", "answer": "text",
            "usual": "192.168.1.1", "required": True,
        },
        {"option": "site", "words": "Worn at", "answer": "imu_site"},
    ],
}  # fmt: skip
PORTS = {
    "serial": [
        {
            "path": "/dev/ttyUSB0", "identity": "1A86:7523:77", "problem": "",
            "description": "USB2.0-Serial", "profiles": ["witmotion"],
        },
        {
            "path": "/dev/ttyACM0", "identity": "2639:0300:DB000123", "problem": "",
            "description": "MTi-630 AHRS", "profiles": ["xbus", "xbus_setup"],
        },
    ],
    "lsl": [], "microphones": [], "problems": [],
    "profiles": ["bitalino", "witmotion", "xbus", "xbus_setup"],
    "bluetooth": [{
        "address": "C0:11:22:33:44:55", "name": "ORPHE CORE-L", "rssi_dbm": -52,
        "profiles": ["orphe_56"],
    }],
    "bluetooth_profiles": ["orphe_56", "ftms"],
    "questions": QUESTIONS,
    "network": [
        {"title": "Delsys Trigno", "driver": "trigno"},
        {"title": "x-io x-IMU3 by Wi-Fi", "driver": "ximu3"},
    ],
}  # fmt: skip
KNOWN = (
    SourceSpec(
        "pelvis · USB2.0-Serial (/dev/ttyUSB0)", "profile",
        {"port": "1A86:7523:77", "profile": "witmotion", "site": "pelvis"},
        record_raw=True,
    ),
    SourceSpec(
        "Insole receiver (/dev/ttyACM7)", "profile",
        {"port": "10C4:EA60:0042", "profile": "insole_a55a"},
    ),
    SourceSpec(
        "Delsys Trigno (192.168.0.5)", "trigno",
        {"host": "192.168.0.5", "sensor_1": "gluteus_maximus_left"},
    ),
)  # fmt: skip


def known(scene):
    """Return a window that finds one of three known devices."""
    scene.model.devices.known.remember(KNOWN)
    scene.lab.host.found = PORTS
    scene.tick()
    scene.model.devices.known._asked_s = float("-inf")
    scene.tick()


def known_on_devices(scene):
    known(scene)
    go(scene)


def known_in_dialog(scene):
    known(scene)
    scene.page.connect_devices()


DIALOG_STATES = {"known_dialog": (known_in_dialog, None)}
DEVICE_STATES = {
    "known": (known, None),
    "known_devices": (known_on_devices, None),
    "devices_none": (none, None),
    "devices_full": (full, None),
    "devices_troubled": (troubled, None),
    "devices_refused": (chosen_refused, None),
    "devices_several_fit": (several_fit, None),
    "devices_recording": (while_recording, None),
}
