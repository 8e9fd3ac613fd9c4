"""Clean virtual environments: the wheel alone, with its extras, and with a plug-in beside it."""

from __future__ import annotations

import json
import shutil
import subprocess
from typing import TYPE_CHECKING

from tests.distribution.commands import ROOT, WORK, FailedError, run, say

if TYPE_CHECKING:
    from pathlib import Path

_PYTHONS = ("python3.11", "python3.12", "python3.13", "python3.14")
_EXAMPLE = ROOT / "tests/data/plugin_example"
_LIBRARIES = ("pandas", "pyarrow", "pytest")
_LIBRARY_TESTS = ("test_other_libraries.py", "test_plots.py")
_WINDOW = """
from PySide6.QtWidgets import QApplication
from mtrrviz.gui.documents.import_dialog import FORMATS
from mtrrviz.gui.export.exports import ExportDialog
from mtrrviz.gui.machine.settings_bar import policy_ids
app = QApplication([])
dialog = ExportDialog(("per-vcpu", "per-vm"))  # kept, or its list is gone
kinds = dialog.kinds
print(policy_ids()[-1], FORMATS[-1].id, kinds.item(kinds.count() - 1).text())
"""
_IN_WINDOW = "lazy mtrr-csv summary: the zaps of a run in a line"
_NO_QT = "mtrrviz: the window and pictures of it need Qt, which is not installed"
_BAD_USAGE = 2


def check(wheel: Path) -> None:
    """Try the wheel on each Python that is here; FailedError if something does not work."""
    pythons = [name for name in _PYTHONS if _works(name)]
    if not pythons:
        raise FailedError(f"none of {', '.join(_PYTHONS)} is here")
    for python in pythons:
        place = WORK / "installs" / python
        shutil.rmtree(place, ignore_errors=True)
        place.mkdir(parents=True)
        _try_alone(_Venv(python, place / "alone", str(wheel)))
        whole = (f"{wheel}[gui,plots]", *_LIBRARIES, str(_EXAMPLE))
        _try_whole(_Venv(python, place / "whole", *whole))
        say(f"{python}: the wheel runs alone and with its extras; a plug-in is found")
    left_out = [name for name in _PYTHONS if name not in pythons]
    if left_out:
        say(f"not here, so not tried: {', '.join(left_out)}")


def _works(python: str) -> bool:
    if shutil.which(python) is None:
        return False
    done = subprocess.run([python, "-c", "import ensurepip"], capture_output=True, check=False)
    return done.returncode == 0


class _Venv:
    """An environment with some packages, and an empty folder to work in."""

    def __init__(self, python: str, place: Path, *packages: str) -> None:
        run(python, "-m", "venv", place)
        self._bin, self.folder = place / "bin", place / "work"
        self.folder.mkdir()
        pip = (self._bin / "pip", "--disable-pip-version-check", "install", "--quiet")
        run(*pip, *packages)

    def run(self, program: str, *arguments: str | Path) -> str:
        """Run a program of the environment and return what it prints."""
        env = {"QT_QPA_PLATFORM": "offscreen"}
        return run(self._bin / program, *arguments, folder=self.folder, env=env)


def _try_alone(venv: _Venv) -> None:
    rows = json.loads(venv.run("mtrrviz", "run", "ovmf-8vcpu-2g", "--policy", "per-vm", "--json"))
    _require("zaps", rows[0]["zap_count"], 14)
    for arguments in ((), ("render", "sandbox", "-o", "x.png")):
        try:
            told = venv.run("mtrrviz", *arguments)
        except FailedError as error:
            _, told = str(error).split("\n", 1)
        _require("lines without Qt", len(told.splitlines()), 1)
        _require("word without Qt", told[: len(_NO_QT)], _NO_QT)


def _try_whole(venv: _Venv) -> None:
    told = venv.run("mtrrviz", "run", "ovmf-8vcpu-2g", "--policy", "lazy")
    if "lazy" not in told or "left out" not in told:
        raise FailedError(f"the plug-in is not found, or its broken part not named: {told}")
    told = venv.run("python", "-c", _WINDOW)
    _require("what the window offers", told.splitlines()[-1], _IN_WINDOW)
    venv.run("mtrrviz", "render", "sandbox", "-o", "x.png")
    for name in _LIBRARY_TESTS:
        shutil.copy(ROOT / "tests/api" / name, venv.folder)
    (venv.folder / "pytest.ini").touch()  # so that the checkout's settings do not count
    told = venv.run("python", "-m", "pytest", "-q", "-p", "no:cacheprovider", *_LIBRARY_TESTS)
    if "skipped" in told:
        raise FailedError(f"not all libraries are there: {told}")


def _require(what: str, found: object, expected: object) -> None:
    if found != expected:
        raise FailedError(f"{what}: {found!r}, not {expected!r}")
