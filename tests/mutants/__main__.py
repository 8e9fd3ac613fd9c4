"""The command line: `./dev mutants [--sample N] [--minutes M] [--seed S] [PACKAGE...]`."""

from __future__ import annotations

import argparse
import os
import random
import select
import sys
import time
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from tests.mutants.kinds import KINDS
from tests.mutants.places import Mutant, mutants_of, read_source
from tests.mutants.reach import (
    PICTURES,
    TEST_DIRECTORIES,
    Reach,
    TimedTest,
    entry_of,
    measure,
    test_files,
)
from tests.mutants.survivors import Key, as_entry, read_survivors
from tests.mutants.trial import Outcome, ordered, start
from tests.mutants.warm import Child, Ended, warm_up

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

ROOT = Path(__file__).resolve().parents[2]
CACHE = ROOT / ".dev" / "mutants"
SURVIVORS = Path(__file__).with_name("survivors.toml")
PACKAGES = (
    *("core", "scenario", "sim", "facts", "importers", "analysis"),
    *("geometry", "exporters", "lessons", "session"),
)
GOAL = 0.90
AboutT = TypeVar("AboutT")
_LONGEST_WALL_S = 900.0


def parser() -> argparse.ArgumentParser:
    """Return the parser of the command line."""
    made = argparse.ArgumentParser(prog="./dev mutants", description=__doc__)
    made.add_argument("packages", nargs="*", metavar="PACKAGE", help="default: all without Qt")
    made.add_argument("--sample", type=int, default=200, help="changes to try (200)")
    made.add_argument("--minutes", type=float, default=60.0, help="start no change after this (60)")
    made.add_argument("--seed", type=int, default=1, help="chooses the sample (1)")
    made.add_argument("--kind", choices=KINDS, help="one kind of change alone")
    made.add_argument("--near", action="store_true", help="only tests of the packages named")
    made.add_argument("--quick", action="store_true", help="only the quickest tests of a change")
    made.add_argument("--retry", action="store_true", help="try what survives with all its tests")
    made.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="processes")
    return made


def main(arguments: list[str]) -> int:
    """Try a sample; 0 if enough of it was noticed, 1 if not, 2 for wrong arguments."""
    options = parser().parse_args(arguments)
    wrong = [name for name in options.packages if name not in PACKAGES]
    if wrong:
        print(f"{wrong[0]!r} is none of {', '.join(PACKAGES)}", file=sys.stderr)
        return 2
    warm_up()
    packages = options.packages or PACKAGES
    near = [*packages, PICTURES]
    reach = known_reach(near if options.near else TEST_DIRECTORIES, options.jobs)
    known = read_survivors(SURVIVORS)
    everything = [m for m in changes(packages) if options.kind in {None, m.kind}]
    count = min(options.sample, len(everything))
    chosen = random.Random(options.seed).sample(everything, count)
    end = time.monotonic() + 60 * options.minutes
    outcomes = []
    for outcome in tried(chosen, reach, options.jobs, end, only_quick=options.quick):
        outcomes.append(outcome)
        say(outcome, known)
    if options.retry:
        left = [o.mutant for o in outcomes if o.word == "survived" and not is_known(o, known)]
        for outcome in tried(left, reach, options.jobs, end, only_quick=False):
            outcomes = [outcome if o.mutant is outcome.mutant else o for o in outcomes]
            say(outcome, known)
    return report(outcomes, len(chosen), known)


def changes(packages: Iterable[str]) -> list[Mutant]:
    """Return every change of some packages, in the order of files and lines."""
    paths = sorted(p for name in packages for p in (ROOT / "mtrrviz" / name).rglob("*.py"))
    return [mutant for path in paths for mutant in mutants_of(read_source(path, ROOT))]


def known_reach(directories: Iterable[str], jobs: int) -> Reach:
    """Return which tests run which lines; measures what changed since the last time."""
    reach, files = Reach(ROOT), test_files(ROOT, directories)
    stale = [name for name in files if entry_of(ROOT, CACHE, name) is None]
    for at, (name, ended) in enumerate(
        in_parallel(((measure(ROOT, CACHE, name), name) for name in stale), jobs)
    ):
        done = f"{at + 1} of {len(stale)}"
        print(f"lines of {name} ({done}, {ended.seconds:.1f} s)", file=sys.stderr, flush=True)
        if ended.answer is not True:
            raise SystemExit(f"{name} could not be measured: {ended.answer or 'stopped'}")
    for name in files:
        entry = entry_of(ROOT, CACHE, name)
        if entry is not None:  # None: its sources changed meanwhile
            reach.add(name, entry)
    return reach


def tried(
    chosen: list[Mutant], reach: Reach, jobs: int, end: float, *, only_quick: bool
) -> Iterator[Outcome]:
    """Try changes side by side, as long as there is time."""
    waiting: list[tuple[Mutant, list[TimedTest]]] = []
    for mutant in chosen:
        lines = range(mutant.line, mutant.last_line + 1)
        name = mutant.source.name
        found = reach.tests_of(name, lines, in_function=mutant.in_function)
        after_loading = reach.tests_after_loading(name, lines)
        if found or after_loading:
            tests = ordered(mutant, found, after_loading, only_quick=only_quick)
            waiting.append((mutant, tests))
        else:
            yield Outcome(mutant, "not reached")
    children = ((start(m, tests), m) for m, tests in waiting if time.monotonic() < end)
    for mutant, ended in in_parallel(children, jobs):
        if ended.timed_out:
            yield Outcome(mutant, "timed out", "", ended.seconds)
        elif ended.answer == "":
            yield Outcome(mutant, "survived", "", ended.seconds)
        else:
            yield Outcome(mutant, "killed", str(ended.answer or "a crash"), ended.seconds)


def in_parallel(
    started: Iterator[tuple[Child, AboutT]], jobs: int
) -> Iterator[tuple[AboutT, Ended]]:
    """Yield what belongs to a child and how it ended; at most so many run at a time."""
    running: dict[int, tuple[Child, AboutT]] = {}
    while True:
        while len(running) < jobs and (one := next(started, None)) is not None:
            running[one[0].reader] = one
        if not running:
            return
        ready, _, _ = select.select(list(running), [], [], 1.0)
        for reader in ready:
            child, about = running.pop(reader)
            yield about, child.finish()
        for child, _ in running.values():
            child.kill_if_late(time.monotonic(), _LONGEST_WALL_S)


def say(outcome: Outcome, known: dict[Key, str]) -> None:
    """Print one line of what became of a change."""
    mutant = outcome.mutant
    word = "known" if is_known(outcome, known) else outcome.word
    place = f"{mutant.source.name}:{mutant.line}"
    print(f"{word:11} {outcome.seconds:6.1f} s  {place}  {mutant.kind}  {outcome.by}", flush=True)
    if word in {"survived", "not reached"}:
        print(mutant.diff, flush=True)


def is_known(outcome: Outcome, known: dict[Key, str]) -> bool:
    """Say whether a change went unnoticed for a reason that is in the list."""
    return outcome.word in {"survived", "not reached"} and outcome.mutant.key in known


def report(outcomes: list[Outcome], wanted: int, known: dict[Key, str]) -> int:
    """Print the survivors with their changes, then the counts; return the exit code."""
    listed = [outcome for outcome in outcomes if is_known(outcome, known)]
    unnoticed = [o for o in outcomes if o.word in {"survived", "not reached"} and o not in listed]
    for outcome in unnoticed:
        mutant = outcome.mutant
        print(f"\n{mutant.source.name}:{mutant.line}: {outcome.word} ({mutant.kind})")
        print(f"{mutant.diff}\n{as_entry(mutant)}")
    counts = Counter(outcome.word for outcome in outcomes)
    noticed = counts["killed"] + counts["timed out"]
    judged = noticed + len(unnoticed)
    share = noticed / judged if judged else 1.0
    print(f"\n{len(outcomes)} of {wanted} changes tried: {counts['killed']} killed, ", end="")
    print(f"{counts['timed out']} timed out, {counts['survived']} survived, ", end="")
    print(f"{counts['not reached']} not reached; {len(listed)} of them listed with a reason")
    print(f"{share:.1%} of {judged} noticed, goal {GOAL:.0%}")
    return 0 if share >= GOAL else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
