"""Read a C3D file with ezc3d, in a process of its own: a damaged file may end it.

``python -m lablive.importing.c3d_reader FILE.c3d OUT.npz``; exit code 1 and one line on
stderr when the library refuses the file.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import ezc3d
import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

# what the library raises for files that are none, cut off, or of a wrong shape
_FAULTS: Final = (
    OSError, RuntimeError, ValueError, LookupError, TypeError, MemoryError,
    OverflowError, SystemError,
)  # fmt: skip


def main(arguments: Sequence[str]) -> int:
    """Write header, parameters and data of a C3D file as arrays; return the exit code.

    The array ``texts`` is JSON: ``header``, ``parameters`` ({group: {name: value}}),
    ``plate_units`` and ``plates_fault``, which says why no plate could be computed.
    """
    source, target = arguments
    plates_fault = ""
    try:
        try:
            read = ezc3d.c3d(source, extract_forceplat_data=True)
        except _FAULTS as fault:
            plates_fault = _said(fault)
            read = ezc3d.c3d(source)
        arrays = _arrays(read, plates_fault)
    except _FAULTS as fault:
        sys.stderr.write(_said(fault) + "\n")
        return 1
    np.savez(Path(target), **arrays)
    return 0


def _said(fault: BaseException) -> str:
    return " ".join(str(fault).split())[:120] or type(fault).__name__


def _arrays(read: Any, plates_fault: str) -> dict[str, Any]:
    data = read["data"]
    plates: list[Any] = list(data["platform"]) if "platform" in data else []
    found: dict[str, Any] = {
        "points": np.asarray(data["points"], dtype=np.float64),
        "analogs": np.asarray(data["analogs"], dtype=np.float64),
    }
    for number, plate in enumerate(plates):
        found[f"force_{number}"] = np.asarray(plate["force"], dtype=np.float64)
        found[f"corners_{number}"] = np.asarray(plate["corners"], dtype=np.float64)
    texts = {
        "header": _plain(dict(read["header"])),
        "parameters": _parameters(read["parameters"]),
        "plate_units": [str(plate["unit_force"]) for plate in plates],
        "plates_fault": plates_fault,
    }
    found["texts"] = np.array(json.dumps(texts))
    return found


def _parameters(groups: Any) -> dict[str, dict[str, Any]]:
    return {
        str(name): {
            str(key): _plain(entry["value"])
            for key, entry in dict(groups[name]).items()
            if isinstance(entry, dict) and "value" in entry
        }
        for name in groups
    }


def _plain(value: Any) -> Any:
    """Return what JSON can carry."""
    if isinstance(value, np.ndarray | np.generic):
        return value.tolist()
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value if isinstance(value, str | int | float | bool) else str(value)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
