"""What the bundle is made of: versions, licences, and none that forbids giving it on.

Usage: python installers/licences.py [BUNDLE]
Without a bundle: the Python packages of this environment. With one: its libraries too;
the texts of the licences and the list of parts (CycloneDX) are put into the bundle.
Ends with 1 and one line for each licence that is missing or refused.
"""

from __future__ import annotations

import json
import platform
import re
import shutil
import sys
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import bundle_parts

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

LIST_NAME: Final = "parts.cdx.json"

# licences under which the bundle may be given on, also together. The LGPL asks that its
# libraries can be replaced: they are files of their own. GPL only with its exceptions.
ACCEPTED: Final = frozenset(
    {
        "0BSD", "AFL-2.1", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "CC0-1.0",
        "FTL", "ISC", "LGPL-2.1-or-later", "LGPL-3.0-only", "MIT", "MIT-0", "OFL-1.1",
        "PSF-2.0", "Unicode-3.0", "Zlib", "blessing", "bzip2-1.0.6", "libpng-2.0",
        "libselinux-1.0", "GPL-3.0-or-later WITH GCC-exception-3.1",
        "GPL-2.0-or-later WITH Bootloader-exception",
    }
)  # fmt: skip

# packages whose metadata say it in words or not at all; read in their licence files
_SAID_ELSEWHERE: Final = {
    "brainflow": "MIT", "ezc3d": "MIT", "pyinstaller":
    "GPL-2.0-or-later WITH Bootloader-exception", "pyserial": "BSD-3-Clause",
    "scipy": "BSD-3-Clause", "colorama": "BSD-3-Clause", "shellingham": "ISC",
    "sqlcipher3": "Zlib",
}  # fmt: skip
_CLASSES: Final = {
    "MIT License": "MIT", "ISC License (ISCL)": "ISC",
    "Apache Software License": "Apache-2.0",
    "Python Software Foundation License": "PSF-2.0",
}  # fmt: skip


class Part(NamedTuple):
    """One part: licence as SPDX expression, "" when it is not known."""

    name: str
    version: str
    licence: str
    kind: str  # package, library, program, font
    homepage: str = ""


def packages() -> Iterator[Part]:
    """Yield every Python package of the bundle, with PyInstaller's own starter."""
    for name in [*bundle_parts.distributions(), "pyinstaller"]:
        try:
            found = distribution(name).metadata
        except PackageNotFoundError:
            continue
        yield Part(
            found["Name"], found["Version"], _licence(found), "package", _home(found)
        )


def others() -> Iterator[Part]:
    """Yield what is no Python package: Python and the font."""
    yield Part("Python", platform.python_version(), "PSF-2.0", "program")
    yield Part("Inter", "4.1", "OFL-1.1", "font", "https://rsms.me/inter/")


def libraries(bundle: Path) -> Iterator[Part]:
    """Yield the shared libraries of a bundle; licence "" where nobody said it."""
    known = bundle_parts.inner_libraries() | bundle_parts.system_libraries()
    seen: set[str] = set()
    for file in sorted((bundle / "_internal").rglob("lib*.so*")):
        name = bundle_parts.plain_library(file.name)
        if name in seen:
            continue
        seen.add(name)
        if name.startswith("libQt6") or "plugins" in file.parts:
            continue  # of Qt: told as PySide6-Essentials
        found = known.get(name) or known.get(re.sub(r"[\d]+$", "", name), {})
        version = file.name.partition(".so.")[2]
        yield Part(name, version, found.get("licence", ""), "library")


def is_accepted(licence: str) -> bool:
    """Tell whether the bundle may be given on with a part of this licence.

    >>> is_accepted("LGPL-3.0-only OR GPL-2.0-only"), is_accepted("GPL-3.0-only")
    (True, False)
    """
    choices = re.split(r"\s+OR\s+", licence.replace("(", "").replace(")", ""))
    return any(
        all(part in ACCEPTED for part in re.split(r"\s+AND\s+", choice))
        for choice in choices
    )


def faults(parts: Iterable[Part]) -> Iterator[str]:
    """Yield one sentence for each part that must not be given on."""
    for part in parts:
        if not part.licence:
            yield f"{part.name}: its licence is not known. Find it, then name it here."
        elif not is_accepted(part.licence):
            yield f"{part.name}: not to be bundled under {part.licence}."


def cyclonedx(parts: Iterable[Part]) -> dict[str, Any]:
    """Return the list of parts as CycloneDX 1.6."""
    kinds = {"package": "library", "program": "application", "font": "file"}
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {
            "component": {
                "type": "application",
                "name": "LabLive",
                "version": bundle_parts.version(),
                "licenses": [{"license": {"id": "MIT"}}],
            }
        },
        "components": [
            {
                "type": kinds.get(part.kind, "library"),
                "name": part.name,
                "version": part.version,
                "licenses": [{"expression": part.licence}],
            }
            | ({"purl": _purl(part)} if part.kind == "package" else {})
            for part in parts
        ],
    }


def put_texts(bundle: Path) -> int:
    """Copy the licence texts of every part into the bundle; return how many."""
    target = bundle / "licences"
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir(parents=True)
    for name in [*bundle_parts.distributions(), "pyinstaller"]:
        for file in distribution(name).files or ():
            if re.match(r"(?i)(licen[cs]e|copying|notice|authors)", file.name):
                text = Path(str(file.locate()))
                if text.is_file() and text.suffix != ".py":
                    shutil.copy(text, target / f"{name}-{file.name}")
    for part in libraries(bundle):
        package = bundle_parts.system_libraries().get(part.name, {}).get("package")
        text = Path("/usr/share/doc", package or "", "copyright")
        if package and text.is_file():
            shutil.copy(text, target / f"{package}-copyright.txt")
    shutil.copy(Path(__file__).parents[1] / "LICENSE", target / "lablive-LICENSE")
    return len(list(target.iterdir()))


def _licence(found: Any) -> str:
    name = found["Name"].lower()
    if name in _SAID_ELSEWHERE:
        return _SAID_ELSEWHERE[name]
    if found.get("License-Expression"):
        return str(found.get("License-Expression"))
    told = (found.get("License") or "").strip()
    if told and len(told) < 80 and is_accepted(told):
        return told
    classes = [
        line.rpartition("::")[2].strip()
        for line in found.get_all("Classifier", [])
        if line.startswith("License ::")
    ]
    return " AND ".join(_CLASSES.get(line, line) for line in classes) or told


def _home(found: Any) -> str:
    links = dict(
        tuple(re.split(r",\s*", line, maxsplit=1))
        for line in found.get_all("Project-URL", [])
    )
    for name in ("Homepage", "homepage", "Repository", "Source", "source"):
        if name in links:
            return str(links[name])
    return str(found.get("Home-page") or "")


def _purl(part: Part) -> str:
    return f"pkg:pypi/{part.name.lower().replace('_', '-')}@{part.version}"


def main() -> int:
    """Judge the parts, and put their list and licences into the bundle."""
    bundle = Path(sys.argv[1]) if len(sys.argv) > 1 else None
    parts = [*packages(), *others(), *(libraries(bundle) if bundle else ())]
    found = list(faults(parts))
    for line in found:
        sys.stderr.write(f"{line}\n")
    if bundle is None:
        for part in parts:
            sys.stdout.write(f"{part.name} {part.version}: {part.licence}\n")
        return 1 if found else 0
    texts = put_texts(bundle)
    text = json.dumps(cyclonedx(parts), indent=1) + "\n"
    (bundle / LIST_NAME).write_text(text, encoding="utf-8")
    sys.stdout.write(f"{len(parts)} parts, {texts} licence texts\n")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
