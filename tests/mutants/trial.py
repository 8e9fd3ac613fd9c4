"""Trying one change: its tests run in a forked process in which the changed module is loaded."""

from __future__ import annotations

import sys
from collections import Counter
from dataclasses import dataclass
from importlib.abc import MetaPathFinder
from importlib.machinery import SourceFileLoader
from importlib.util import spec_from_file_location
from itertools import groupby
from typing import TYPE_CHECKING, Any

from tests.mutants.warm import Child, run_pytest

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from types import CodeType

    from tests.mutants.places import Mutant
    from tests.mutants.reach import TimedTest

#: Tests of other packages that reach the line, the quickest ones, up to so many seconds in all.
_SECONDS_OF_OTHERS = 60.0
#: The same for tests that do not run the line, but were loaded after it ran.
_SECONDS_AFTER_LOADING = 30.0
#: Quick tests at first: in all, what loading a file counts, and how many of a file.
_SECONDS_AT_FIRST = 10.0
_SECONDS_TO_LOAD = 0.5
_A_FEW = 3
_PASSED, _NONE_COLLECTED = 0, 5


@dataclass(frozen=True)
class Outcome:
    """What became of a change, and which test noticed it first."""

    mutant: Mutant
    word: str
    """"killed", "survived", "timed out" or "not reached"."""
    by: str = ""
    seconds: float = 0.0


def ordered(
    mutant: Mutant,
    tests: Iterable[TimedTest],
    after_loading: Iterable[TimedTest] = (),
    *,
    only_quick: bool = False,
) -> list[TimedTest]:
    """Return tests in the order in which they are run: a few quick ones of every file first.

    Then come all others by file: those of the module's own package, then the quickest files, last
    tests that were only loaded after the line ran. ``only_quick`` leaves out all but the first;
    what is left may notice less, never more.
    """
    package = f"tests/{mutant.source.name.split('/')[1]}/"
    tests = list(tests)
    reaching = _by_file(tests, package)
    others = _by_file(set(after_loading).difference(tests), package)
    first = _quickest([*reaching, *others], _SECONDS_AT_FIRST, package)
    if only_quick:
        return first
    found = [
        *_affordable(reaching, _SECONDS_OF_OTHERS, free=package),
        *_affordable(others, _SECONDS_AFTER_LOADING),
    ]
    begun = set(first)
    return [*first, *(test for test in found if test not in begun)]


def _quickest(tests: list[TimedTest], limit_s: float, package: str) -> list[TimedTest]:
    """Return tests that take no longer in all: a few of each file of other packages."""
    chosen: list[TimedTest] = []
    spent, taken = 0.0, Counter[str]()
    for test in tests:
        cost = test.seconds + (0.0 if taken[test.file] else _SECONDS_TO_LOAD)
        is_enough = taken[test.file] >= _A_FEW and not test.file.startswith(package)
        if spent + cost <= limit_s and not is_enough:
            spent += cost
            taken[test.file] += 1
            chosen.append(test)
    return chosen


def _by_file(tests: Iterable[TimedTest], package: str) -> list[TimedTest]:
    tests = list(tests)
    times: dict[str, float] = {}
    for test in tests:
        times[test.file] = times.get(test.file, 0.0) + test.seconds

    def rank(test: TimedTest) -> tuple[bool, float, str, float]:
        return not test.file.startswith(package), times[test.file], test.file, test.seconds

    return sorted(tests, key=rank)


def _affordable(tests: list[TimedTest], limit_s: float, free: str | None = None) -> list[TimedTest]:
    """Return the tests that start before a limit; those of the free folder cost nothing."""
    chosen, spent = [], 0.0
    for test in tests:
        spent += 0.0 if free and test.file.startswith(free) else test.seconds
        if spent <= limit_s:
            chosen.append(test)
    return chosen


def start(mutant: Mutant, tests: Sequence[TimedTest]) -> Child:
    """Start to try a change. The answer is the name of the test that noticed, empty if none did."""
    cpu_s = 30.0 + 5.0 * sum(test.seconds for test in tests)

    def work() -> str:
        sys.meta_path.insert(0, _Changed(mutant))
        for file, group in groupby(tests, key=lambda test: test.file):
            only = _Only([test.name for test in group])
            code = run_pytest(["-x", file], [only])
            if code not in {_PASSED, _NONE_COLLECTED}:
                return only.failed or f"{file} (loading)"
        return ""

    return Child(work, cpu_s)


class _Only:
    """A plugin of pytest: runs some tests of a module, the quickest first; names one that fails."""

    def __init__(self, names: Sequence[str]) -> None:
        self.places = {name: at for at, name in enumerate(names)}
        self.failed = ""

    def pytest_collection_modifyitems(self, items: list[Any]) -> None:
        items[:] = [item for item in items if item.nodeid in self.places]
        items.sort(key=lambda item: self.places[item.nodeid])

    def pytest_runtest_logreport(self, report: Any) -> None:
        if report.failed and not self.failed:
            self.failed = report.nodeid


class _Changed(MetaPathFinder):
    """Finds the changed module before anything else does."""

    def __init__(self, mutant: Mutant) -> None:
        self.mutant = mutant
        name = mutant.source.name.removesuffix(".py").replace("/", ".")
        self.name = name.removesuffix(".__init__")

    def find_spec(self, fullname: str, path: Any = None, target: Any = None) -> Any:
        if fullname != self.name:
            return None
        loader = _ChangedLoader(fullname, str(self.mutant.source.path))
        loader.text = self.mutant.text
        return spec_from_file_location(fullname, loader.path, loader=loader)


class _ChangedLoader(SourceFileLoader):
    """Compiles the changed text in place of the file's."""

    text = ""

    def get_code(self, fullname: str) -> CodeType:
        return compile(self.text, self.path, "exec", dont_inherit=True)
