"""Whatever can be opened, as a scenario: a built-in name, a scenario file, what a machine printed.

The one place that decides which of these a name means, for the command line and the window.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from mtrrviz.importers.reading import NO_OPTIONS, import_texts
from mtrrviz.importers.this_machine import SYSTEM_ROOT, import_this_machine
from mtrrviz.importers.this_machine.machine import NAME as THIS_MACHINE
from mtrrviz.scenario.files.loader import load_scenario
from mtrrviz.scenario.library import find
from mtrrviz.scenario.machine_kind import as_kind
from mtrrviz.scenario.scenario_error import ScenarioError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from mtrrviz.importers.imported import Import, ImportOptions
    from mtrrviz.importers.reading import FileProgress
    from mtrrviz.scenario.model import Scenario

Text = tuple[str, "bytes | Path"]
"""A text to import: the name that messages use, and its bytes or its file."""

SCENARIO_SUFFIX = ".toml"
_HEAD_BYTES = 1 << 16
_SCENARIO = re.compile(rb"^[ \t]*schema[ \t]*=[ \t]*\d", re.MULTILINE)
"""The line that every scenario file has and no dump does."""


@dataclass(frozen=True, slots=True)
class OpenRequest:
    """Texts to import together, and how: ``override`` is the id of a format for all of them.

    With ``machine_root`` there are no texts: the files of this machine below it are read.
    """

    texts: tuple[Text, ...]
    override: str | None = None
    options: ImportOptions = NO_OPTIONS
    machine_root: Path | None = None


@dataclass(frozen=True, eq=False)
class Opened:
    """A scenario and where it came from.

    ``path`` is the scenario file that it can be saved to again, None for a built-in one or an
    import. ``imported`` and ``request`` are set for an import, which is in no scenario file yet.
    """

    scenario: Scenario
    path: Path | None = None
    imported: Import | None = None
    request: OpenRequest | None = None


def open_any(
    name: str,
    progress: FileProgress | None = None,
    is_cancelled: Callable[[], bool] | None = None,
    *,
    options: ImportOptions = NO_OPTIONS,
) -> Opened:
    """Return what a name stands for: a built-in scenario, a scenario file or an importable dump.

    ``options`` are for dumps; the kind of machine they name also turns a scenario into that kind.
    Raises MtrrvizError if there is no such file or it holds nothing that can be read, and
    ImportCancelledError if ``is_cancelled`` said so.
    """
    path = find(name)
    if is_scenario_file(path):
        return Opened(_as_asked(load_scenario(path), options), path if path == Path(name) else None)
    request = request_for([(str(path), path)], options=options)
    return open_request(request, progress, is_cancelled)


def _as_asked(scenario: Scenario, options: ImportOptions) -> Scenario:
    """Return a scenario file's machine as the kind that was asked for."""
    if options.memory_bytes is not None:
        problem, expected = "a scenario says how much memory there is", "a dump"
        raise ScenarioError(scenario.name, "machine.memory", problem, expected)
    return scenario if options.machine is None else as_kind(scenario, options.machine)


def open_files(
    paths: Sequence[Path],
    progress: FileProgress | None = None,
    is_cancelled: Callable[[], bool] | None = None,
) -> Opened:
    """Return one file as :func:`open_any` does, or the machine that several dumps describe.

    Raises as :func:`open_any`; a scenario file is refused among several.
    """
    if len(paths) == 1:
        return open_any(str(paths[0]), progress, is_cancelled)
    refuse_scenarios(paths)
    return open_request(request_for([(str(path), path) for path in paths]), progress, is_cancelled)


def open_request(
    request: OpenRequest,
    progress: FileProgress | None = None,
    is_cancelled: Callable[[], bool] | None = None,
) -> Opened:
    """Import what a request asks for; raises as :func:`open_any`."""
    imported = imported_of(request, progress, is_cancelled)
    return Opened(imported.scenario, imported=imported, request=request)


def imported_of(
    request: OpenRequest,
    progress: FileProgress | None = None,
    is_cancelled: Callable[[], bool] | None = None,
) -> Import:
    """Return the machine that a request asks for; raises as :func:`open_any`."""
    options = request.options
    if request.machine_root is not None:
        return import_this_machine(request.machine_root, options, progress, is_cancelled)
    return import_texts(request.texts, request.override, options, progress, is_cancelled)


def request_for(
    texts: Sequence[Text], override: str | None = None, options: ImportOptions | None = None
) -> OpenRequest:
    """Return the request to import texts; the scenario is called as the first of them."""
    name = Path(texts[0][0]).name.partition(".")[0] if texts else ""
    options = replace(options or NO_OPTIONS, name=name or NO_OPTIONS.name)
    return OpenRequest(tuple(texts), override, options)


def this_machine_request(
    root: Path = SYSTEM_ROOT, options: ImportOptions | None = None
) -> OpenRequest:
    """Return the request to read this machine, or the one whose files are below ``root``."""
    options = replace(options or NO_OPTIONS, name=THIS_MACHINE)
    return OpenRequest((), options=options, machine_root=root)


def refuse_scenarios(paths: Sequence[Path]) -> None:
    """Raise ScenarioError if one of the files is a scenario, which is a machine by itself."""
    for path in paths:
        if is_scenario_file(path):
            problem = "this is a scenario file, a machine of its own"
            raise ScenarioError(str(path), "", problem, "dumps, logs and traces of one machine")


def is_scenario_file(path: Path) -> bool:
    """Return whether a file is meant as a scenario: by its name, else by its content."""
    if path.suffix.lower() == SCENARIO_SUFFIX:
        return True
    try:
        # Reading a part of a pipe would take it away from the import.
        if not path.is_file():
            return False
        with path.open("rb") as stream:
            return _SCENARIO.search(stream.read(_HEAD_BYTES)) is not None
    except OSError:
        return False
