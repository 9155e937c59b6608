"""Keep searches for LSL streams on this machine: Linux sends them out otherwise.

A multicast with a time to live of 0 is dropped by Linux only when somebody on this
machine is in its group on that network interface; else it goes out, and streams of
other computers answer (measured with Linux 6.18, decision 0025).
"""

from __future__ import annotations

import contextlib
import socket
import struct
import sys
import threading
from typing import Final

GROUPS: Final = ("224.0.0.183", "239.255.172.215")  # those of lsl_library
_lock = threading.Lock()
_held: dict[tuple[int, str, tuple[str, ...]], socket.socket] = {}


def stay_in_groups(groups: tuple[str, ...] = GROUPS) -> None:
    """Be in the groups on every interface there is now, until the process ends."""
    if sys.platform != "linux":
        return
    with _lock:
        for index, name in socket.if_nameindex():
            key = (index, name, groups)  # one plugged in again has another index
            if key in _held:
                continue
            # a socket each: Linux allows one socket 20 memberships
            member = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            for group in groups:
                wanted = struct.pack("4s4si", socket.inet_aton(group), b"", index)
                with contextlib.suppress(OSError):  # it has no multicast
                    member.setsockopt(
                        socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, wanted
                    )
            _held[key] = member
