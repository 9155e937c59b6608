"""Slow libraries, loaded while nobody waits for them.

scipy takes a second. Loaded by the first filter that needs it, it would stop the window
in the middle of a recording; loaded at the start, it would delay the window.
"""

from __future__ import annotations

import contextlib
from importlib import import_module
from threading import Thread
from typing import Final

SLOW: Final = ("scipy.signal",)


def preload() -> Thread:
    """Load the slow libraries in a thread of their own; return it."""
    thread = Thread(target=_load, name="preload")
    thread.start()
    return thread


def _load() -> None:
    for name in SLOW:
        with contextlib.suppress(ImportError):  # who needs it will tell
            import_module(name)
