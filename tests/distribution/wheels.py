"""Wheel and sdist: made, made again elsewhere, and compared byte for byte."""

from __future__ import annotations

import os
import shutil
import sys
import tarfile
from typing import TYPE_CHECKING

from tests.distribution.commands import DIST, ROOT, TOOLS, WORK, FailedError, epoch, run, say

if TYPE_CHECKING:
    from pathlib import Path


def make(source: Path = ROOT, out: Path = DIST) -> tuple[Path, Path]:
    """Return the sdist of a checkout, and the wheel that is made of the sdist."""
    say(f"sdist and wheel of {source}")
    for old in (*out.glob("mtrrviz-*.whl"), *out.glob("mtrrviz-*.tar.gz")):
        old.unlink()
    build = (sys.executable, "-m", "build", "--no-isolation", "--outdir", out, source)
    run(*build, folder=source, env={"SOURCE_DATE_EPOCH": epoch()})
    (sdist,) = out.glob("mtrrviz-*.tar.gz")
    (wheel,) = out.glob("mtrrviz-*.whl")
    return sdist, wheel


def check(sdist: Path, wheel: Path) -> None:
    """Judge both; FailedError if they are not good, or not the same when made again."""
    run(TOOLS / "twine", "check", "--strict", sdist, wheel)
    run(TOOLS / "check-wheel-contents", wheel)
    again = WORK / "again"
    shutil.rmtree(again, ignore_errors=True)
    again.mkdir(parents=True)
    with tarfile.open(sdist) as packed:
        packed.extractall(again, filter="data")
    (source,) = again.iterdir()
    os.environ["TZ"] = "Asia/Kathmandu"
    umask = os.umask(0o077)
    try:
        copies = make(source, again / "dist")
    finally:
        os.umask(umask)
        del os.environ["TZ"]
    for first, second in zip((sdist, wheel), copies, strict=True):
        if first.read_bytes() != second.read_bytes():
            raise FailedError(f"{first} and {second}, made of the same, are not the same")
    say("twine and check-wheel-contents are content; made again, both are the same byte for byte")
