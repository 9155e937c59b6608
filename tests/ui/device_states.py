"""The Devices page in every state, with invented devices; see ``page_states``."""

from __future__ import annotations

import msgspec
from page_states import LONG, connected, recording, running

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
    running(scene)
    go(scene)


def troubled(scene):
    connected(scene)
    scene.lab.host._sources.clear()
    add(scene, many())
    go(scene)
    scene.window.devices.list.choose(LONG)


def chosen_refused(scene):
    troubled(scene)
    scene.window.devices.list.choose("CP2102N USB to UART")


def while_recording(scene):
    recording(scene)
    add(scene, many()[4:5])
    go(scene)
    scene.window.devices.list.choose("Microphone Yeti Stereo")


def none(scene):
    scene.tick()
    go(scene)


DEVICE_STATES = {
    "devices_none": (none, None),
    "devices_full": (full, None),
    "devices_troubled": (troubled, None),
    "devices_refused": (chosen_refused, None),
    "devices_recording": (while_recording, None),
}
