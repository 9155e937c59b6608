"""Look through a finished bundle: what is missing, what must not be there.

Usage: python installers/bundle_check.py dist/lablive
Tells the size; ends with 1 and one line for each fault.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

# the C library is the system's own on every Linux
_SYSTEM_OWN = re.compile(
    r"(libc|libm|libdl|libpthread|librt|libutil|libresolv|ld-linux-x86-64)\.so\.\d"
)
_FORBIDDEN = re.compile(
    r"(^|/)(tests?/|test_[^/]*\.py|conftest\.py)"
    r"|pyshimmer|libreadline|_?gdbm|libdb-|espeak|libjack|PyQt[56]|QtWebEngine"
    r"|simpleble|neurosdk|Ganglion|MuseLib|onnxruntime|eego|unicorn",
    re.IGNORECASE,
)


def faults(folder: Path) -> Iterator[str]:
    """Yield what is wrong with a bundle, one sentence each."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    for file in files:
        place = file.relative_to(folder).as_posix()
        if _FORBIDDEN.search(place):
            yield f"{place} must not be in the bundle."
    if sys.platform == "linux":
        yield from _missing_libraries(files)


def _missing_libraries(files: list[Path]) -> Iterator[str]:
    if shutil.which("objdump") is None:
        yield "objdump is missing (package binutils): libraries were not checked."
        return
    there = {file.name for file in files}
    for file in files:
        if ".so" not in file.name and file.name != "lablive":
            continue
        told = subprocess.run(
            ["objdump", "-p", str(file)], capture_output=True, text=True, check=False
        ).stdout
        for name in re.findall(r"^\s*NEEDED\s+(\S+)$", told, re.MULTILINE):
            if name not in there and not _SYSTEM_OWN.fullmatch(name):
                yield f"{file.name} needs {name}, which is not in the bundle."


def main() -> int:
    """Check the bundle that is named."""
    folder = Path(sys.argv[1])
    if not (folder / "_internal").is_dir():
        sys.stderr.write(f"There is no bundle in {folder}: make bundle\n")
        return 2
    found = list(faults(folder))
    for line in found:
        sys.stderr.write(f"{line}\n")
    files = [
        path for path in folder.rglob("*") if path.is_file() and not path.is_symlink()
    ]
    size = sum(path.stat().st_size for path in files)
    sys.stdout.write(f"{folder}: {len(files)} files, {size / 1e6:.0f} MB\n")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
