"""Fuzz targets in turns and log what was done.

./dev fuzz --list
./dev fuzz TARGET [TARGET ...] --seconds 600 [--slice 60] [--work DIRECTORY] [--blind]
./dev fuzz all --minutes 60
./dev fuzz --counts

Inputs are texts of the corpus, changed and, some of them, grown to a MiB, under names that files
may have. Each is watched: what it takes of the processor and of memory is bounded by its length.
Without coverage a sixteenth of what is accepted is also played, checked and saved, and whatever
comes to anything new (tests/fuzz/share.py); the tests do so with all of it.

Where atheris is installed it leads to new code (not in the window, whose views are a target too);
elsewhere, and with --blind, inputs are drawn without looking, some times as many in the same time.
atheris is not among the project's locked parts, since it has wheels for few systems. Install it in
an environment of its own (it wants Python 3.11 or 3.12 on Linux), beside what the targets import:

    python3.11 -m venv ~/fuzzvenv
    ~/fuzzvenv/bin/pip install atheris numpy msgspec
    ~/fuzzvenv/bin/python -m tests.fuzz all --minutes 60

Inputs that reach new code are kept in DIRECTORY/corpus, findings in DIRECTORY as TARGET-crash-...,
a line for each slice in DIRECTORY/log.tsv; --counts adds them up. To turn a finding into a test,
mend what it shows and copy the file to tests/fuzz/corpus/TARGET, where tests/fuzz/test_corpus.py
replays it.
"""

from __future__ import annotations

import argparse
import itertools
import re
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

from tests.fuzz.targets import EVERY_TARGET


def main(arguments: list[str] | None = None) -> int:
    """Fuzz the chosen targets by turns until the time is up; 1 if anything was found."""
    options = parse(arguments)
    if options.list:
        print("\n".join(EVERY_TARGET))
        return 0
    if options.counts:
        print(counts(options.work / "log.tsv"))
        return 0
    names = list(EVERY_TARGET) if "all" in options.targets else options.targets
    unknown = [name for name in names if name not in EVERY_TARGET]
    if unknown or not names:
        print(f"no target {', '.join(unknown)}; --list shows them", file=sys.stderr)
        return 2
    seconds = options.seconds if options.minutes is None else options.minutes * 60
    more = ["--blind"] if options.blind else []
    return 1 if fuzz(names, seconds, options.slice, options.work, more) else 0


def parse(arguments: list[str] | None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        prog="./dev fuzz",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("targets", nargs="*", metavar="TARGET", help="or all")
    parser.add_argument("--list", action="store_true", help="print the targets")
    parser.add_argument("--seconds", type=int, default=600, help="in all (default 600)")
    parser.add_argument("--minutes", type=int, help="in place of --seconds")
    parser.add_argument("--blind", action="store_true", help="not by coverage")
    parser.add_argument("--counts", action="store_true", help="print how many inputs were tried")
    parser.add_argument("--slice", type=int, default=60, help="at once for a target (default 60)")
    parser.add_argument("--work", type=Path, default=Path("fuzz-work"), help="default: fuzz-work")
    return parser.parse_args(arguments)


def fuzz(names: list[str], seconds: int, slice_s: int, work: Path, more: list[str]) -> int:
    """Run slices of the targets in turns; return how many ended with a finding."""
    work.mkdir(parents=True, exist_ok=True)
    end = time.monotonic() + seconds
    found = 0
    for name in itertools.cycle(names):
        left = int(end - time.monotonic())
        if left < 2:
            return found
        found += run_slice(name, min(slice_s, left), work.resolve(), more)
    return found


def run_slice(name: str, seconds: int, work: Path, more: list[str]) -> bool:
    """Fuzz a target in a process of its own, log the slice and return whether it found anything."""
    command = [sys.executable, "-m", "tests.fuzz.worker", name, str(work), str(seconds), *more]
    start = time.monotonic()
    with (work / f"{name}.log").open("ab") as log:
        before = log.tell()  # a slice that dies must not be counted as the one before it
        ended = subprocess.run(command, stdout=log, stderr=log, check=False)
    took = time.monotonic() - start
    text = (work / f"{name}.log").read_bytes()[before:][-20_000:].decode(errors="replace")
    runs = re.findall(r"stat::number_of_executed_units:\s*(\d+)", text)
    count = runs[-1] if runs else "?"
    verdict = "ok" if ended.returncode == 0 else f"exit code {ended.returncode}"
    row = f"{time.strftime('%H:%M:%S')}\t{name}\t{took:.1f}\t{count}\t{verdict}"
    with (work / "log.tsv").open("a") as table:
        table.write(row + "\n")
    print(row, flush=True)
    return ended.returncode != 0


def counts(log: Path) -> str:
    """Return how many inputs of each target a log counts, and of all."""
    found = Counter[str]()
    for row in log.read_text().splitlines():
        _, name, _, count, _ = row.split("\t")
        found[name] += int(count) if count.isdigit() else 0
    rows = [*sorted(found.items()), ("all", found.total())]
    return "\n".join(f"{name}\t{count}" for name, count in rows)


if __name__ == "__main__":
    sys.exit(main())
