"""The parts LabLive is made of, with licences and what is known to be wrong with them.

``python docs/tools/parts.py`` prints the page; ``--json`` the CycloneDX list;
``make docs`` puts both into the site.
"""

from __future__ import annotations

import json
import sys
import tomllib
from pathlib import Path
from typing import Final

HERE: Final = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[1] / "installers"))

import bundle_parts  # noqa: E402 - the folder has no package name of its own
import licences  # noqa: E402

LIST: Final = licences.LIST_NAME


def page() -> str:
    """Return the page of parts, versions, licences and anomalies."""
    anomalies = tomllib.loads((HERE / "anomalies.toml").read_text("utf-8"))["anomaly"]
    lines = [
        "# Parts: versions, licences, known anomalies",
        "",
        "Everything of the bundle that others wrote, read from the environment this",
        f"page was made in. The same as [CycloneDX]({LIST}); the bundle carries its",
        "own list and the text of every licence (`parts.cdx.json`, `licences/`).",
        "",
        "Nothing under the GPL is part of it: a licence that forbids giving LabLive on",
        "stops the build (`installers/licences.py`). Qt is taken under the LGPL 3: its",
        "libraries are files of their own, which you may replace. `pyshimmer` (GPL) is",
        "installed by a lab itself, never bundled.",
        "",
        "## Packages",
        "",
        "| part | version | licence |",
        "|---|---|---|",
    ]
    for part in [*licences.packages(), *licences.others()]:
        name = f"[{part.name}]({part.homepage})" if part.homepage else part.name
        lines.append(f"| {name} | {part.version} | {part.licence} |")
    lines += [
        "",
        "## Libraries of the Linux bundle",
        "",
        "| library | from | licence |",
        "|---|---|---|",
    ]
    known = bundle_parts.system_libraries() | bundle_parts.inner_libraries()
    lines += [
        f"| {name} | {told['package']} | {told['licence']} |"
        for name, told in known.items()
    ]
    lines += [
        "",
        "## Known anomalies",
        "",
        "| part | what is wrong | what LabLive does |",
        "|---|---|---|",
    ]
    lines += [f"| {one['part']} | {one['what']} | {one['done']} |" for one in anomalies]
    return "\n".join([*lines, ""])


def parts_json() -> str:
    """Return the list of parts as CycloneDX text."""
    told = licences.cyclonedx([*licences.packages(), *licences.others()])
    return json.dumps(told, indent=1) + "\n"


if __name__ == "__main__":
    sys.stdout.write(parts_json() if "--json" in sys.argv else page())
