"""Slow libraries, loaded while nobody waits for them.

scipy takes a second, pipeline and metrics a third of one. Loaded by the first filter
that needs it, scipy would stop the window in the middle of a recording; loaded at the
start, they would delay the window.
"""

from __future__ import annotations

import contextlib
from importlib import import_module
from threading import Thread
from typing import Final

# what the first stream needs, what opening a trial and weighing need, the filters
SLOW: Final = (
    "lablive.live.terms",
    "lablive.live.replaying",
    "lablive.protocol.gate_run",
    "lablive.protocol.gate_meter",
    "scipy.signal",
)
DRAWING: Final = "ui.strip_chart"


def preload() -> Thread:
    """Load the slow libraries in a thread of their own; return it.

    Those that make Qt objects are loaded here, by the caller: it owns them.
    """
    import_module(DRAWING)
    thread = Thread(target=_load, name="preload")
    thread.start()
    return thread


def _load() -> None:
    for name in SLOW:
        with contextlib.suppress(ImportError):  # who needs it will tell
            import_module(name)
