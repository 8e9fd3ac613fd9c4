"""What must work in bare systems of Debian 12 and 13: the bundle, the package, the README."""

from __future__ import annotations

import json
import os
import shutil
from typing import TYPE_CHECKING

from tests.distribution import checkouts
from tests.distribution.bare_system import SUITES, BareSystem
from tests.distribution.commands import FailedError, run, say

if TYPE_CHECKING:
    from pathlib import Path

_SCENARIO = "ovmf-8vcpu-2g"
_COUNTS = {"per-vcpu": 84, "per-vm": 14}
_RUNNING = 124
"""What timeout returns of a program that was still at work."""


def check(folder: Path, package: Path | None) -> None:
    """Try all in each system; FailedError if something does not work, or cannot be tried here."""
    if os.geteuid() != 0 or shutil.which("debootstrap") is None:
        raise FailedError("bare systems of Debian take root and debootstrap (apt-get install it)")
    for suite, title in SUITES.items():
        _try_bundle(BareSystem(suite), folder)
        say(f"{title}: the bundle runs and sweeps without Python")
        if package is not None:
            _try_package(BareSystem(suite), package)
            say(f"{title}: the package installs, starts, runs, and leaves nothing when removed")
        checkouts.try_dev(BareSystem(suite))
        checkouts.try_pipx(BareSystem(suite))


def _try_bundle(system: BareSystem, folder: Path) -> None:
    if "python" in system.run("ls /usr/bin"):
        raise FailedError("this system is not bare: it has a Python")
    run("cp", "-a", folder, system.root / "opt/mtrrviz")
    _require_counts(system, "/opt/mtrrviz/mtrrviz")
    rows = json.loads(system.run("/opt/mtrrviz/mtrrviz sweep --vcpus 8,16 --json"))
    counts = [row["zap_count"] for row in rows]
    if counts != [84, 164, 14, 14]:
        raise FailedError(f"the bundle sweeps to {counts}")


def _try_package(system: BareSystem, package: Path) -> None:
    before = _files(system)
    run("cp", package, system.root / "tmp/mtrrviz.deb")
    system.run("apt-get update -q && apt-get install -yq --no-install-recommends /tmp/mtrrviz.deb")
    _require_counts(system, "mtrrviz")
    window = f"QT_QPA_PLATFORM=offscreen timeout 10 mtrrviz {_SCENARIO}"
    code = system.run(f"set +e; {window} >/tmp/told 2>&1; echo $?; cat /tmp/told").split("\n", 1)
    if int(code[0]) != _RUNNING:
        raise FailedError(f"the window does not stay open: {code}")
    system.run(
        "QT_QPA_PLATFORM=offscreen mtrrviz render sandbox -o /tmp/x.png && test -s /tmp/x.png"
    )
    system.run("dpkg --audit; apt-get purge -yq mtrrviz")
    left = {name for name in _files(system) - before if "mtrrviz" in name}
    if left:
        raise FailedError(f"removing the package leaves {sorted(left)}")


def _require_counts(system: BareSystem, program: str) -> None:
    """Play the default boot under both policies."""
    policies = " ".join(f"--policy {name}" for name in _COUNTS)
    rows = json.loads(system.run(f"{program} run {_SCENARIO} {policies} --json"))
    counts = {row["policy"]: row["zap_count"] for row in rows}
    if counts != _COUNTS:
        raise FailedError(f"{program} counts {counts}, not {_COUNTS}")


def _files(system: BareSystem) -> set[str]:
    folders = (system.root / name for name in ("usr", "etc", "var"))
    return {str(path) for folder in folders for path in folder.rglob("*")}
