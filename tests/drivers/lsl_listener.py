"""A program of somebody else: joins LSL streams with pylsl alone, tells what it got.

``python -m tests.drivers.lsl_listener SESSION NAME...``; says ``ready`` when it hears
all of them, and everything it has when its input ends.
"""

import json
import select
import sys
import time

import pylsl

LOOK_S = 30.0
LAST_S = 0.3


def say(event: str, **told: object) -> None:
    sys.stdout.write(json.dumps({"event": event, **told}) + "\n")
    sys.stdout.flush()


def channels(info: pylsl.StreamInfo) -> list[dict[str, str]]:
    node = info.desc().child("channels").child("channel")
    found = []
    while not node.empty():
        keys = ("label", "unit", "type", "side")
        found.append({key: node.child_value(key) for key in keys})
        node = node.next_sibling("channel")
    return found


def main(session: str, names: list[str]) -> None:
    pylsl.set_config_content(f"[log]\nlevel = -2\n[lab]\nSessionID = {session}\n")
    inlets: dict[str, pylsl.StreamInlet] = {}
    until_s = time.monotonic() + LOOK_S
    while len(inlets) < len(names) and time.monotonic() < until_s:
        for found in pylsl.resolve_streams(0.5):
            if found.name() in names and found.name() not in inlets:
                inlets[found.name()] = pylsl.StreamInlet(found, recover=False)
                inlets[found.name()].open_stream(timeout=10.0)
    if len(inlets) < len(names):
        say("error", missing=sorted(set(names) - set(inlets)))
        return
    about = {name: inlet.info(timeout=10.0) for name, inlet in inlets.items()}
    rows: dict[str, list[list[object]]] = {name: [] for name in names}
    stamps: dict[str, list[float]] = {name: [] for name in names}
    say("ready")
    ending = False
    while True:
        for name, inlet in inlets.items():
            # the last rows may still be on their way
            wait_s = LAST_S if ending else 0.0
            x, t_s = inlet.pull_chunk(timeout=wait_s, max_samples=100_000)
            rows[name] += [list(row) for row in x]
            stamps[name] += list(t_s)
        if ending:
            break
        ending = bool(select.select([sys.stdin], [], [], 0.05)[0])
    say(
        "heard",
        streams={
            name: {
                "type": info.type(),
                "rate_hz": info.nominal_srate(),
                "source_id": info.source_id(),
                "channels": channels(info),
                "can_drop": info.desc()
                .child("synchronization")
                .child_value("can_drop_samples"),
                "maker": info.desc().child("acquisition").child_value("manufacturer"),
                "t_s": stamps[name],
                "rows": rows[name],
            }
            for name, info in about.items()
        },
    )


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
