"""The property tests with fresh examples: `./dev explore [--minutes N] [MODULES...]`.

Modules run side by side, in any order, each with a seed of its own, until the time is over. Of one
that fails all is printed, with the line that runs it again with the same examples.
"""

from __future__ import annotations

import argparse
import os
import random
import shlex
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

ROOT = Path(__file__).resolve().parents[1]
_PASSED, _FAILED, _NOTHING_RUN = 0, 1, 5
#: A module that has begun when the time is over may go on for so long.
_GRACE_S = 120.0


@dataclass(frozen=True)
class Trial:
    """One module, run with one seed."""

    module: str
    seed: int
    examples: int

    @property
    def command(self) -> list[str]:
        """The arguments of Python; of the module's tests only those run that draw examples."""
        quiet = ("-q", "-p", "no:cacheprovider", "-m", "hypothesis")
        return ["-m", "pytest", *quiet, f"--hypothesis-seed={self.seed}", self.module]

    @property
    def environment(self) -> dict[str, str]:
        """The variables that choose the profile of examples (tests/conftest.py)."""
        return {"HYPOTHESIS_PROFILE": "explore", "HYPOTHESIS_EXAMPLES": str(self.examples)}

    @property
    def line(self) -> str:
        """What to type to run it again."""
        settings = " ".join(f"{name}={value}" for name, value in self.environment.items())
        return f"{settings} {shlex.join(['.venv/bin/python', *self.command])}"


def main(arguments: list[str]) -> int:
    """Run modules until the time is over; 0 good, 1 something failed, 2 something could not run."""
    options = parser().parse_args(arguments)
    end = time.monotonic() + 60 * options.minutes
    modules = options.modules or property_modules()
    with ThreadPoolExecutor(options.jobs) as pool:
        shares = pool.map(lambda _: run_until(end, modules, options.examples), range(options.jobs))
        results = [result for share in shares for result in share]
    bad = [(trial, code) for trial, code in results if code not in {_PASSED, _NOTHING_RUN}]
    print(f"{len(results)} runs of modules, {options.examples} examples a test, {len(bad)} failed")
    for trial, _ in bad:
        print(f"again: {trial.line}")
    return max((1 if code == _FAILED else 2 for _, code in bad), default=0)


def parser() -> argparse.ArgumentParser:
    """Return the parser of the command line."""
    made = argparse.ArgumentParser(prog="./dev explore", description=__doc__)
    made.add_argument("modules", nargs="*", metavar="MODULE", help="default: all property tests")
    made.add_argument("--minutes", type=float, default=10.0, help="about how long (10)")
    made.add_argument("--examples", type=int, default=1000, help="examples a test (1000)")
    made.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="processes")
    return made


def property_modules() -> list[str]:
    """Return the test modules that draw examples."""
    paths = sorted((ROOT / "tests").rglob("test_*.py"))
    return [
        path.relative_to(ROOT).as_posix()
        for path in paths
        if "from hypothesis" in path.read_text(encoding="utf-8")
    ]


def run_until(end: float, modules: Sequence[str], examples: int) -> list[tuple[Trial, int]]:
    """Run modules one after the other until the time is over; a run ends with pytest's code."""
    results: list[tuple[Trial, int]] = []
    for trial in trials(modules, examples):
        left_s = end - time.monotonic()
        if left_s <= 0 or any(code > _FAILED for _, code in results):
            break
        results.append((trial, run(trial, left_s + _GRACE_S)))
    return results


def trials(modules: Sequence[str], examples: int) -> Iterator[Trial]:
    """Yield all modules in a new order, again and again."""
    chance = random.SystemRandom()
    while True:
        for module in chance.sample(modules, len(modules)):
            yield Trial(module, chance.getrandbits(32), examples)


def run(trial: Trial, seconds: float) -> int:
    """Run one module; print all of it if it fails. What takes too long counts as not run."""
    try:
        done = subprocess.run(
            [sys.executable, *trial.command],
            cwd=ROOT,
            env={**os.environ, **trial.environment},
            timeout=seconds,
            check=False,
            capture_output=True,
            text=True,
        )
    except subprocess.TimeoutExpired:
        print(f"{trial.module}: stopped, the time is over", flush=True)
        return _NOTHING_RUN
    is_good = done.returncode in {_PASSED, _NOTHING_RUN}
    said = done.stdout.splitlines()[-1:] if is_good else [done.stdout, done.stderr]
    print(f"{trial.module}:", *said, flush=True)
    return done.returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
