"""The lab streaming layer library, tuned for this lab before its first call."""

from __future__ import annotations

import contextlib
import functools
import os
from typing import TYPE_CHECKING, Final

from drivers.lsl_groups import GROUPS
from lablive.errors import ConfigError, DeviceError
from lablive.live.sharing import lsl_settings
from lablive.recording.folders import home

if TYPE_CHECKING:
    from types import ModuleType

SCOPE_VARIABLE: Final = "LABLIVE_LSL_SCOPE"
SESSION_VARIABLE: Final = "LABLIVE_LSL_SESSION"
_SCOPES: Final = ("machine", "link", "site", "organization", "global")

# a frozen source is found again after 6 s instead of 29; only errors are printed
_ANYWHERE: Final = """
[tuning]
WatchdogCheckInterval = 1
WatchdogTimeThreshold = 2
[log]
level = -2
[ports]
PortRange = 128
[multicast]
ResolveScope = {scope}
[lab]
KnownPeers = {peers}
"""
# liblsl's own scope "machine" asks the first 32 ports of this machine, which hold 16
# streams; multicast that never leaves the machine (TTL 0) reaches every one
_THIS_MACHINE: Final = """
[tuning]
WatchdogCheckInterval = 1
WatchdogTimeThreshold = 2
MulticastMinRTT = 0.25
UnicastMinRTT = 0.25
[log]
level = -2
[ports]
PortRange = 128
[multicast]
ResolveScope = machine
TTLOverride = 0
AddressesOverride = {addresses}
[lab]
KnownPeers = {peers}
"""


@functools.cache
def load_lsl() -> ModuleType:
    """Return :mod:`pylsl`, configured; every driver takes it from here.

    Streams of this machine, and of those that ``lsl.toml`` of the library names, are
    seen, since LSL has neither password nor encryption. ``LABLIVE_LSL_SCOPE=link`` (one
    network) or ``site`` widens that; a configuration file named by ``LSLAPICFG``
    replaces all of it. Programs with another ``LABLIVE_LSL_SESSION`` do not see these
    streams, nor are theirs seen.

    Raises
    ------
    DeviceError
        ``library``: liblsl is missing, the scope is none, or ``lsl.toml`` is wrong.
    """
    scope = os.environ.get(SCOPE_VARIABLE, "machine")
    if scope not in _SCOPES:
        raise DeviceError(
            "library",
            f"{SCOPE_VARIABLE}={scope} is no scope of LSL.",
            still="Devices on serial ports work.",
            todo=f"Set it to one of {', '.join(_SCOPES)}.",
        )
    try:
        import pylsl
    except (ImportError, OSError, RuntimeError) as error:
        raise DeviceError(
            "library",
            f"The LSL library cannot be loaded ({str(error).splitlines()[0]}).",
            still="Devices on serial ports work.",
            todo='Install it again: pip install "pylsl>=1.18".',
        ) from error
    if "LSLAPICFG" not in os.environ:
        with contextlib.suppress(NotImplementedError):  # a liblsl of the system
            content = _THIS_MACHINE if scope == "machine" else _ANYWHERE
            filled = content.format(
                scope=scope,
                addresses=_set("127.0.0.1", *GROUPS),
                peers=_set("127.0.0.1", *machines()),
            )
            session = os.environ.get(SESSION_VARIABLE, "default")
            pylsl.set_config_content(f"{filled}SessionID = {session}\n")
    return pylsl


@functools.cache
def machines() -> tuple[str, ...]:
    """Return the other computers whose streams are looked for.

    Raises
    ------
    DeviceError
        ``library``: ``lsl.toml`` is wrong.
    """
    try:
        return lsl_settings(home()).machines
    except ConfigError as error:
        still = "Devices on serial ports work."
        raise DeviceError(
            "library", error.what, still=still, todo=error.todo
        ) from error


def only_this_machine() -> bool:
    """Tell whether streams of no other computer are wanted."""
    usual = os.environ.get(SCOPE_VARIABLE, "machine") == "machine"
    return usual and "LSLAPICFG" not in os.environ and not machines()


def _set(*names: str) -> str:
    """Return a set as liblsl's configuration has them."""
    return "{" + ", ".join(names) + "}"
