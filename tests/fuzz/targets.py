"""What is fuzzed: importers, mixed texts, a trace that grows, scenarios with data files, journals.

A target takes bytes and does with them what the program does with a file, under the oracle.
"""

from __future__ import annotations

import contextlib
import gzip
import importlib
import re
import zipfile
import zlib
from dataclasses import dataclass
from functools import cache, partial
from typing import TYPE_CHECKING

from mtrrviz.analysis.solve.solver import solve
from mtrrviz.analysis.solve.wanted import parse_wanted, wanted_map
from mtrrviz.core.layout import FIXED_LIMIT_GFN
from mtrrviz.importers import FORMATS, import_texts
from mtrrviz.importers.traces.follow import Follower
from mtrrviz.scenario.files.loader import load_scenario
from tests.fuzz.journal import restore_columns, restore_records
from tests.fuzz.names import name_for
from tests.fuzz.oracle import (
    check_import,
    check_order,
    check_saved,
    check_scenario,
    clear_errors,
)
from tests.fuzz.places import CORPUS, FILE_MARK, directory_for, scratch
from tests.fuzz.share import PLAYED, import_outcome, scenario_outcome
from tests.scenario.files import write_recorded

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from mtrrviz.importers import Import

_FOUND = "reached-"
"""How names of inputs begin that were kept for reaching new code."""

TOUCHES, OBSERVED = "boot.touches.npz", "boot.observed.npz"
TOUCH_COLUMNS = ("t_ns", "gfn", "vcpu", "access")
OBSERVED_COLUMNS = ("born_ns", "died_ns", "gfn", "level", "vcpu", "bits", "line")


@dataclass(frozen=True, slots=True)
class Target:
    """One way into the program: ``run`` returns, or raises what is a finding."""

    name: str
    run: Callable[[bytes], None]
    slowness: float = 1.0
    """How many times as long as an import an input may take."""
    also: tuple[Target, ...] = ()
    """Targets whose inputs fit this one as well."""

    @property
    def corpus(self) -> Path:
        """The directory of this target's inputs."""
        return CORPUS / self.name

    def inputs(self) -> list[Path]:
        """Return the inputs of this target's directory, in order."""
        return sorted(path for path in self.corpus.iterdir() if path.is_file())

    def seeds(self) -> list[Path]:
        """Return what long runs begin with: the inputs, and those of ``also``.

        Those that someone made, most of them sound, come as often as those that a run found.
        """
        paths = [path for target in (self, *self.also) for path in target.inputs()]
        made = [path for path in paths if not path.name.startswith(_FOUND)]
        return paths + made * max(0, len(paths) // max(1, len(made)) - 2)


def one_text(content: bytes, override: str | None = None) -> None:
    """Import a text, as the given format or as what it is taken for."""
    with clear_errors():
        result = import_texts([(name_for(content), content)], override)
        judge_import(result, content)


def judge_import(result: Import, content: bytes) -> None:
    """Check an import, and play and save what it made if that is of the share."""
    check_import(result, content)
    if PLAYED.takes(content, import_outcome(result)):
        check_scenario(result.scenario)
        check_saved(result.scenario, CORPUS)


def several_files(content: bytes) -> None:
    """Import the parts of an input together as files of one machine."""
    parts = content.split(FILE_MARK)
    with clear_errors():
        result = import_texts([(f"{n}{name_for(part)}", part) for n, part in enumerate(parts)])
        judge_import(result, content)


def packed_text(content: bytes) -> None:
    """Import a file that is gzip, by its bytes or (without the mark of gzip) once packed."""
    packed = content if content[:2] == b"\x1f\x8b" else gzip.compress(content, mtime=0)
    with scratch() as directory:
        path = directory / f"{name_for(content)}.gz"
        path.write_bytes(packed)
        with clear_errors():
            judge_import(import_texts([(path.name, path)]), packed)


def growing_trace(content: bytes) -> None:
    """Follow a trace that is written in parts, truncated and written again."""
    with scratch() as directory:
        path = directory / name_for(content)
        path.write_bytes(b"")
        with clear_errors(), contextlib.closing(Follower(path)) as follower:
            last_ns = 0
            for part in content.split(FILE_MARK):
                with path.open("wb" if part.startswith(b"\0") else "ab") as stream:
                    stream.write(part)
                for event in follower.poll().events:
                    assert event.time_ns >= last_ns, "times go back"
                    assert 0 <= event.value < 1 << 64
                    last_ns = event.time_ns


def wanted_text(content: bytes) -> None:
    """Solve the map of memory types that a text wants."""
    with clear_errors():
        ranges = parse_wanted(content.decode("utf-8", "replace"), name_for(content))
        solution = solve(wanted_map(ranges, 46))
        wrong = [found for found in solution.differences if found.start >= FIXED_LIMIT_GFN]
        assert solution.is_nearest or not wrong, "fixed ranges may be too coarse, pairs not"
        assert all(0 <= value < 1 << 64 for _, value in solution.writes)


def scenario_text(content: bytes) -> None:
    """Load a scenario file without data files."""
    with scratch() as directory:
        path = directory / f"{name_for(content)}.toml"
        path.write_bytes(content)
        play(path, content)


def data_file(content: bytes, name: str) -> None:
    """Load a recorded scenario one of whose data files is the input."""
    path = recorded_with(name, alone=is_alone(content))
    is_plain = name.endswith(".gz") and content[:2] != b"\x1f\x8b"
    data = gzip.compress(content, 1, mtime=0) if is_plain else content
    (path.parent / name).write_bytes(data)
    play(path, content)


def columns(content: bytes, name: str, column_names: tuple[str, ...]) -> None:
    """Load a recorded scenario with a data file that is sound but for the columns in it."""
    path, members = recorded_with(name, alone=is_alone(content)), content.split(FILE_MARK)
    with zipfile.ZipFile(path.parent / name, "w") as archive:
        for column, member in zip(column_names, members, strict=False):
            archive.writestr(f"{column}.npy", member)
    play(path, content)


def is_alone(content: bytes) -> bool:
    """Return whether an input is the only data file of its recording: seven of eight are."""
    return zlib.crc32(content) % 8 > 0


@cache
def recorded_with(name: str, *, alone: bool) -> Path:
    """Return a recorded scenario that refers to a data file, which is to be written."""
    path, key = write_recorded(directory_for(f"{name} {alone}")), name.split(".")[1]
    text = path.read_text()
    if alone:
        text = re.sub(r"^(?:events|phases|touches) = .*\n", "", text, flags=re.MULTILINE)
    if name not in text:
        text = text.replace("[recording]", f'[recording]\n{key} = "{name}"')
    path.write_text(text)
    return path


def play(path: Path, content: bytes) -> None:
    """Load the scenario file that ``content`` made, and play and save it if it is of the share."""
    with clear_errors():
        scenario = load_scenario(path)
        check_order(scenario)
        if PLAYED.takes(content, scenario_outcome(scenario)):
            check_scenario(scenario)
            check_saved(scenario, path.parent)


def views(content: bytes) -> None:
    """Open an input in the window; only then is Qt loaded."""
    importlib.import_module("tests.fuzz.window").show_in_window(content)


_OF_FORMATS = tuple(Target(known.id, partial(one_text, override=known.id)) for known in FORMATS)

_ALL = (
    *_OF_FORMATS,
    Target("any-format", one_text, also=_OF_FORMATS),
    Target("several-files", several_files),
    Target("packed", packed_text),
    Target("growing-trace", growing_trace),
    Target("wanted-map", wanted_text),
    Target("scenario", scenario_text),
    Target("events-csv", partial(data_file, name="boot.events.csv.gz")),
    Target("phases-csv", partial(data_file, name="boot.phases.csv")),
    Target("touches-npz", partial(data_file, name=TOUCHES)),
    Target("observed-npz", partial(data_file, name=OBSERVED)),
    Target("touch-columns", partial(columns, name=TOUCHES, column_names=TOUCH_COLUMNS)),
    Target("observed-columns", partial(columns, name=OBSERVED, column_names=OBSERVED_COLUMNS)),
    Target("journal", restore_records),
    Target("journal-columns", restore_columns),
)

TARGETS: dict[str, Target] = {target.name: target for target in _ALL}
"""All targets without a window, by name."""

VIEWS = Target("views", views, slowness=4)
"""The window's views."""

EVERY_TARGET = {**TARGETS, VIEWS.name: VIEWS}
