"""The folder that runs where there is no Python: Python, Qt and all else in it (PyInstaller)."""

from __future__ import annotations

import platform
import shutil
import sys
import tarfile
from typing import TYPE_CHECKING

from tests.distribution.commands import DIST, TOOLS, WORK, epoch, run, say

if TYPE_CHECKING:
    from pathlib import Path

_ENTRY = """\
import multiprocessing
import sys

multiprocessing.freeze_support()  # a sweep starts this program again for its processes
from mtrrviz.cli import main

sys.exit(main())
"""
_LEFT_OUT = ("tkinter", "pytest", "_pytest", "hypothesis", "IPython", "matplotlib", "OpenGL")


def name() -> str:
    """Return what the folder is called: the program and the system that it is for."""
    return f"mtrrviz-{platform.system().lower()}-{platform.machine().lower()}"


def make(wheel: Path) -> Path:
    """Return the folder made of a wheel, packed beside it as well."""
    say("bundle (PyInstaller)")
    work = WORK / "bundle"
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    program, entry = work / "program", work / "entry.py"
    pip = (sys.executable, "-m", "pip", "--disable-pip-version-check", "install", "--quiet")
    run(*pip, "--no-deps", "--target", program, wheel)
    entry.write_text(_ENTRY, encoding="utf-8")
    options = [word for module in _LEFT_OUT for word in ("--exclude-module", module)]
    run(
        *(TOOLS / "pyinstaller", "--noconfirm", "--onedir", "--name", "mtrrviz"),
        *("--paths", program, "--collect-all", "mtrrviz", *options, "--log-level", "ERROR"),
        *("--workpath", work / "work", "--specpath", work, "--distpath", work / "made", entry),
        env={"PYTHONPATH": str(program), "SOURCE_DATE_EPOCH": epoch()},
    )
    folder = DIST / name()
    shutil.rmtree(folder, ignore_errors=True)
    (work / "made" / "mtrrviz").rename(folder)
    with tarfile.open(DIST / f"{name()}.tar.gz", "w:gz", compresslevel=6) as packed:
        packed.add(folder, folder.name)
    say(f"{folder}: {size_mib(folder)} MiB")
    return folder


def size_mib(folder: Path) -> int:
    """Return the size of all files below a folder in MiB."""
    return sum(path.lstat().st_size for path in folder.rglob("*") if path.is_file()) >> 20
