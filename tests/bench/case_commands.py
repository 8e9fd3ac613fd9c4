"""Commands from the start of the process to its end."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from tempfile import mkdtemp
from typing import TYPE_CHECKING

from mtrrviz.scenario.library import DEFAULT_NAME
from tests.bench.case_importers import SHORT_LINES, split_lines, trace_file, write_lines
from tests.bench.registry import Pair, case

if TYPE_CHECKING:
    from collections.abc import Callable, Collection


def started(*arguments: str, good: Collection[int] = (0,)) -> Callable[[], None]:
    """Return a callable that runs Python with these arguments; what it compiles is kept."""
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    environment |= {
        "PYTHONPATH": str(Path(__file__).parents[2]),
        "PYTHONPYCACHEPREFIX": mkdtemp(prefix="mtrrviz-bench-"),
    }
    command = [sys.executable, *arguments]

    def run() -> None:
        done = subprocess.run(command, env=environment, capture_output=True, check=False)
        assert done.returncode in good, done.stderr

    return run


@case("mtrrviz run of the default boot", reference="import numpy", limit=2.2, in_short=False)
def run_default() -> Pair:
    """What it loads, beside reading and replaying 2e5 touches under two policies."""
    return Pair(started("-m", "mtrrviz", "run", DEFAULT_NAME), started("-c", "import numpy"))


@case(
    "mtrrviz check of 1e5 register writes",
    reference="line.split() of each line, fifty times",
    limit=1.8,
    in_short=False,
)
def check_writes() -> Pair:
    """Import, replay and all rules."""
    path = trace_file(write_lines(SHORT_LINES))

    def split() -> None:
        for _ in range(50):
            split_lines(path)

    return Pair(started("-m", "mtrrviz", "check", str(path), good=(0, 1)), split)
