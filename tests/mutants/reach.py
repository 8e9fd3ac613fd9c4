"""Which tests run which lines, by coverage; kept beside the checkout and renewed where it changed.

One file a test module: the lines that each of its tests runs, and the digests of all sources that
it depends on. A test module is run again when its own text or one of those sources changed.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import time
from collections import defaultdict
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.mutants.warm import Child, run_pytest

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable

#: Pictures of what the geometry makes: they need Qt, but no window and little time.
PICTURES = "gui/golden"
#: Directories of tests that need no window.
TEST_DIRECTORIES = (
    PICTURES,
    *("core", "scenario", "sim", "facts", "importers", "analysis"),
    *("geometry", "exporters", "lessons", "session", "api", "cli"),
)
#: What coverage calls the time outside of all tests.
_LOADING = ""
_CPU_S = 900.0


@dataclass(frozen=True)
class TimedTest:
    """A test with the seconds it took under measurement."""

    name: str
    file: str
    seconds: float


@dataclass
class Reach:
    """The tests by file and line, and the test modules whose loading runs a line."""

    root: Path
    by_line: dict[tuple[str, int], set[TimedTest]] = field(default_factory=lambda: defaultdict(set))
    by_file: dict[str, set[TimedTest]] = field(default_factory=lambda: defaultdict(set))
    loading: dict[tuple[str, int], set[str]] = field(default_factory=lambda: defaultdict(set))
    by_test_file: dict[str, set[TimedTest]] = field(default_factory=lambda: defaultdict(set))

    def add(self, test_file: str, entry: dict[str, Any]) -> None:
        """Take in what was measured of one test module."""
        for name, (seconds, lines) in entry["tests"].items():
            test = TimedTest(name, test_file, seconds)
            self.by_test_file[test_file].add(test)
            for source, numbers in lines.items():
                self.by_file[source].add(test)
                for number in numbers:
                    self.by_line[source, number].add(test)
        for source, numbers in entry["loading"].items():
            for number in numbers:
                self.loading[source, number].add(test_file)

    def tests_of(self, source: str, lines: range, *, in_function: bool) -> set[TimedTest]:
        """Return the tests that run one of the lines; code of the module itself runs for all."""
        if not in_function:
            return self.by_file[source]
        return set().union(*(self.by_line[source, line] for line in lines))

    def tests_after_loading(self, source: str, lines: range) -> set[TimedTest]:
        """Return all tests of the modules whose loading runs one of the lines.

        They see what the line made (a constant, a table), whichever modules it is used in.
        """
        files = set[str]().union(*(self.loading[source, line] for line in lines))
        return set[TimedTest]().union(*(self.by_test_file[file] for file in files))


def test_files(root: Path, directories: Iterable[str]) -> list[str]:
    """Return the test modules of some directories, as paths from the checkout's root."""
    found = (path for name in directories for path in (root / "tests" / name).rglob("test_*.py"))
    return sorted(path.relative_to(root).as_posix() for path in found)


def entry_of(root: Path, cache: Path, test_file: str) -> dict[str, Any] | None:
    """Return what is known of a test module, None if something changed since."""
    try:
        entry = json.loads(gzip.decompress(_place(cache, test_file).read_bytes()))
    except (OSError, ValueError):
        return None
    is_good = all(_digest(root, name) == digest for name, digest in entry["digests"].items())
    return entry if is_good else None


def measure(root: Path, cache: Path, test_file: str) -> Child:
    """Start to run a test module under coverage; its lines are written to the cache."""

    def work() -> bool:
        os.environ["HYPOTHESIS_PROFILE"] = "quick"  # few examples reach what many do
        entry = _measured(root, test_file)
        place = _place(cache, test_file)
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(gzip.compress(json.dumps(entry).encode()))
        return True

    return Child(work, _CPU_S)


def _place(cache: Path, test_file: str) -> Path:
    return cache / (test_file.replace("/", "-") + ".json.gz")


@lru_cache(maxsize=4096)
def _digest(root: Path, name: str) -> str:
    try:
        return hashlib.sha256((root / name).read_bytes()).hexdigest()
    except OSError:
        return ""


def _measured(root: Path, test_file: str) -> dict[str, Any]:
    from coverage import Coverage

    everything = str(root / "mtrrviz" / "*")
    measuring = Coverage(data_file=None, include=[everything], config_file=False)
    tests = _Tests(measuring)
    measuring.start()
    run_pytest([test_file], [tests])
    measuring.stop()
    lines = _lines_by_test(root, measuring.get_data())
    names = {test_file, *(source for found in lines.values() for source in found)}
    return {
        "digests": {name: _digest(root, name) for name in sorted(names)},
        "loading": lines.get(_LOADING, {}),
        "tests": {
            name: (seconds, lines.get(name, {}))
            for name, seconds in tests.seconds.items()
            if name not in tests.failed
        },
    }


def _lines_by_test(root: Path, data: Any) -> dict[str, dict[str, list[int]]]:
    found: dict[str, dict[str, list[int]]] = defaultdict(lambda: defaultdict(list))
    for path in data.measured_files():
        source = Path(path).relative_to(root).as_posix()
        for number, contexts in data.contexts_by_lineno(path).items():
            for context in contexts:
                found[context][source].append(number)
    return found


class _Tests:
    """A plugin of pytest: tells coverage which test runs, and how long each takes.

    What fixtures of a module or a session run counts as loading: all tests may see what it made.
    """

    def __init__(self, measuring: Any) -> None:
        self.measuring = measuring
        self.seconds: dict[str, float] = {}
        self.failed: set[str] = set()
        """What fails here without any change notices nothing: it is left out."""
        self._now = _LOADING

    def pytest_runtest_logreport(self, report: Any) -> None:
        if report.failed:
            self.failed.add(report.nodeid)

    def _switch(self, context: str) -> None:
        self._now = context
        self.measuring.switch_context(context)

    @pytest.hookimpl(wrapper=True)
    def pytest_fixture_setup(self, fixturedef: Any) -> Generator[None, object, object]:
        before = self._now
        if fixturedef.scope != "function":
            self._switch(_LOADING)
        try:
            return (yield)
        finally:
            self._switch(before)

    def pytest_runtest_logstart(self, nodeid: str) -> None:
        self._switch(nodeid)
        self.seconds[nodeid] = time.process_time()

    def pytest_runtest_logfinish(self, nodeid: str) -> None:
        self.seconds[nodeid] = time.process_time() - self.seconds[nodeid]
        self._switch(_LOADING)
