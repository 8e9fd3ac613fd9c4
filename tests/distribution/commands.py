"""Where packages are made, and running what makes them."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DIST = ROOT / "dist"
WORK = ROOT / "build" / "package"
TOOLS = Path(sys.executable).parent


class FailedError(Exception):
    """A package could not be made, or is not as it must be."""


def say(text: str) -> None:
    """Tell what is going on."""
    print(f"package: {text}", file=sys.stderr, flush=True)


def run(*command: str | Path, folder: Path = ROOT, env: dict[str, str] | None = None) -> str:
    """Run a command and return what it printed; FailedError with that if it fails."""
    words = [str(word) for word in command]
    done = subprocess.run(
        words, cwd=folder, env={**os.environ, **(env or {})}, stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False,
    )  # fmt: skip
    if done.returncode != 0:
        raise FailedError(
            f"{' '.join(words)} ended with {done.returncode}:\n{done.stdout.rstrip()}"
        )
    return done.stdout


def epoch() -> str:
    """Return the time that goes into packages: of the last commit, so that all make the same."""
    told = os.environ.get("SOURCE_DATE_EPOCH")
    return told or run("git", "log", "-1", "--format=%ct").strip()
