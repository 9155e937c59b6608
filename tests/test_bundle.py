"""What may be in the bundle and what may not; its recipes name what is there.

The bundle itself is built and tried by ``make bundle``: that takes minutes.
"""

from __future__ import annotations

import configparser
import importlib.util
import plistlib
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml

REPO = Path(__file__).resolve().parents[1]
INSTALLERS = REPO / "installers"
WORKFLOW = REPO / ".github" / "workflows" / "bundles.yml"


def tool(name):
    """Return a module of the installers folder, which is no package."""
    spec = importlib.util.spec_from_file_location(name, INSTALLERS / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


parts = tool("bundle_parts")
licences = tool("licences")
check = tool("bundle_check")


def test_every_package_may_be_given_on():
    assert list(licences.faults([*licences.packages(), *licences.others()])) == []


def test_every_listed_library_may_be_given_on():
    told = parts.system_libraries() | parts.inner_libraries()
    refused = {n: i for n, i in told.items() if not licences.is_accepted(i["licence"])}
    assert refused == {}


@pytest.mark.parametrize(
    ("licence", "accepted"),
    [
        ("MIT", True),
        ("LGPL-3.0-only OR GPL-2.0-only OR GPL-3.0-only", True),
        ("GPL-3.0-or-later WITH GCC-exception-3.1", True),
        ("GPL-3.0-only", False),
        ("MIT AND GPL-2.0-only", False),
        ("AGPL-3.0-only", False),
        ("Proprietary", False),
        ("", False),
    ],
)
def test_gpl_and_unknown_licences_stop_the_bundle(licence, accepted):
    part = licences.Part("it", "1", licence, "package")
    assert licences.is_accepted(licence) is accepted
    assert bool(list(licences.faults([part]))) is not accepted


def test_the_gpl_extra_is_never_bundled():
    text = (REPO / "pyproject.toml").read_text(encoding="utf-8")
    extras = tomllib.loads(text)["project"]["optional-dependencies"]
    assert extras["bundle"][0] == f"lablive[{','.join(parts.EXTRAS)}]"
    assert "shimmer" not in parts.EXTRAS
    assert not {"pyshimmer", "pytest", "h5py", "pip"} & set(parts.distributions())
    assert {"lablive", "numpy", "ezc3d", "brainflow"} <= set(parts.distributions())


@pytest.mark.parametrize(
    ("place", "source", "wanted"),
    [
        ("libxcb.so.1", "/usr/lib/x86_64-linux-gnu/libxcb.so.1", True),
        ("libreadline.so.8", "/usr/lib/x86_64-linux-gnu/libreadline.so.8", False),
        ("libjack.so.0", "/lib/x86_64-linux-gnu/libjack.so.0", False),
        ("brainflow/lib/libBoardController.so", "/v/x.so", True),
        ("brainflow/lib/libsimpleble-c.so", "/v/x.so", False),
        ("PySide6/Qt/plugins/platforms/libqxcb.so", "/v/x.so", True),
        ("PySide6/Qt/plugins/platforms/libqoffscreen.so", "/v/x.so", True),
        ("PySide6/Qt/lib/libQt6Qml.so.6", "/v/x.so", False),
        ("PySide6\\opengl32sw.dll", "C:\\v\\x.dll", False),
    ],
)
def test_what_is_wanted(place, source, wanted):
    assert parts.is_wanted(place, source) is wanted


def test_a_bundle_with_tests_or_gpl_parts_is_refused(tmp_path):
    inner = tmp_path / "_internal"
    inner.mkdir()
    (inner / "base_library.zip").write_bytes(b"")
    assert list(check.faults(tmp_path)) == []
    for name in ("libreadline.so.8", "test_numbers.py", "libsimpleble-c.so"):
        (inner / name).write_bytes(b"")
    told = " ".join(check.faults(tmp_path))
    assert all(n in told for n in ("libreadline", "test_numbers", "libsimpleble"))


@pytest.mark.skipif(shutil.which("objdump") is None, reason="no objdump (binutils)")
def test_a_library_that_is_missing_is_told(tmp_path):
    inner = tmp_path / "_internal"
    inner.mkdir()
    msgspec = importlib.util.find_spec("msgspec._core").origin
    shutil.copy(msgspec, inner / "libneeds.so")
    needed = subprocess.run(
        ["objdump", "-p", msgspec], capture_output=True, text=True, check=True
    ).stdout
    others = set(re.findall(r"NEEDED\s+(\S+)", needed)) - {"libc.so.6", "libm.so.6"}
    told = " ".join(check.faults(tmp_path))
    assert all(name in told for name in others if "pthread" not in name)


def test_the_list_of_parts_names_version_and_licence():
    told = licences.cyclonedx(licences.packages())
    found = {part["name"]: part for part in told["components"]}
    assert found["numpy"]["purl"] == f"pkg:pypi/numpy@{found['numpy']['version']}"
    assert all(part["licenses"][0]["expression"] for part in found.values())


@pytest.mark.parametrize(
    "script", sorted(INSTALLERS.rglob("*.sh")), ids=lambda path: path.name
)
@pytest.mark.skipif(shutil.which("sh") is None, reason="no shell")
def test_scripts_can_be_read(script):
    subprocess.run(["sh", "-n", str(script)], check=True)


def test_the_serial_rules_know_the_adapters_of_every_profile():
    rules = (INSTALLERS / "debian" / "70-lablive.rules").read_text(encoding="utf-8")
    known = set(re.search(r'idVendor\}=="([0-9a-f|]+)"', rules)[1].split("|"))
    profiles = sorted((REPO / "configs" / "devices").glob("*.toml"))
    used = {
        vendor.lower()
        for path in profiles
        for vendor in re.findall(r"vid = 0x([0-9A-Fa-f]{4})", path.read_text("utf-8"))
    }
    assert used
    assert used <= known


def test_the_workflow_runs_what_is_there():
    job = yaml.safe_load(WORKFLOW.read_text(encoding="utf-8"))["jobs"]["bundle"]
    text = "\n".join(step.get("run", "") for step in job["steps"])
    text = text.replace("\\", "/")
    named = set(re.findall(r"installers/[\w./]+\.\w+", text))
    named |= set(
        re.findall(r"installers/[\w./]+\.\w+", (REPO / "Makefile").read_text())
    )
    assert len(named) >= 6
    for name in named:
        assert (REPO / name).is_file(), name


def test_menu_entry_and_entitlements_can_be_read():
    entry = configparser.ConfigParser(interpolation=None)
    entry.optionxform = str
    entry.read(INSTALLERS / "debian" / "lablive.desktop", encoding="utf-8")
    assert entry["Desktop Entry"]["Exec"] == "/opt/lablive/lablive"
    rights = plistlib.loads((INSTALLERS / "macos" / "entitlements.plist").read_bytes())
    assert rights["com.apple.security.device.audio-input"] is True


def test_the_windows_recipe_names_programs_of_the_bundle():
    recipe = (INSTALLERS / "windows" / "lablive.iss").read_text(encoding="utf-8")
    spec = (INSTALLERS / "lablive.spec").read_text(encoding="utf-8")
    programs = set(re.findall(r'executable\("([\w-]+)"', spec))
    assert set(re.findall(r"([\w-]+)\.exe", recipe)) <= programs | {"lablive"}
