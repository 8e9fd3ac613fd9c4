"""Opening anything as a scenario: a built-in name, a scenario file, what a machine printed.

The one place that decides which of these a name means, for the command line and the window.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec.structs import replace

from mtrrviz.core.record import Record
from mtrrviz.importers.import_options import NO_OPTIONS
from mtrrviz.importers.this_machine import NAME as THIS_MACHINE
from mtrrviz.importers.this_machine import SYSTEM_ROOT
from mtrrviz.scenario.files.loader import bytes_of, load_original, original_of
from mtrrviz.scenario.library import builtin_paths, find
from mtrrviz.scenario.machine_kind import as_kind
from mtrrviz.scenario.scenario_error import ScenarioError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from mtrrviz.importers.import_options import ImportOptions
    from mtrrviz.importers.imported import Import
    from mtrrviz.importers.reading import FileProgress
    from mtrrviz.scenario.files.original import Original
    from mtrrviz.scenario.model import Scenario

Text = tuple[str, "bytes | Path"]
"""A text to import: the name that messages use, and its bytes or its file."""

STDIN_NAME = "standard input"
"""What messages call it, and the scenario that is read from it."""
SCENARIO_SUFFIX = ".toml"
_HEAD_BYTES = 1 << 16
_SCENARIO = re.compile(
    rb"""^[ \t]*(?:["']?schema["']?[ \t]*=[ \t]*\d|\[[ \t]*machine[ \t]*\])""", re.MULTILINE
)
"""Lines that scenario files have and no dump does."""


class OpenRequest(Record):
    """Texts to import together, and how: ``override`` is the id of a format for all of them.

    With ``machine_root`` there are no texts: the files of this machine below it are read.
    """

    texts: tuple[Text, ...]
    override: str | None = None
    options: ImportOptions = NO_OPTIONS
    machine_root: Path | None = None


class Opened(Record, eq=False):
    """A scenario and where it came from.

    ``path`` is the scenario file that it can be saved to again, None for a built-in one or an
    import. ``imported`` and ``request`` are set for an import, which is in no scenario file yet;
    ``original`` is what the scenario file holds.
    """

    scenario: Scenario
    path: Path | None = None
    imported: Import | None = None
    request: OpenRequest | None = None
    original: Original | None = None


def open_request(
    request: OpenRequest,
    progress: FileProgress | None = None,
    is_cancelled: Callable[[], bool] | None = None,
) -> Opened:
    """Return what is asked for: a scenario file, a built-in one by its name, or an import.

    The kind of machine in the options also turns a scenario into that kind. Raises MtrrvizError if
    there is no such file, it holds nothing that can be read or it is a scenario among dumps, and
    ImportCancelledError if ``is_cancelled`` said so.
    """
    options, found = request.options, _scenario_in(request)
    if found is not None:
        scenario = found.scenario
        if options.memory_bytes is not None:
            problem, expected = "a scenario says how much memory there is", "a dump"
            raise ScenarioError(scenario.name, "machine.memory", problem, expected)
        if options.machine is not None:
            scenario = as_kind(scenario, options.machine)
        return replace(found, scenario=scenario)
    imported = import_request(request, progress, is_cancelled)
    return Opened(imported.scenario, imported=imported, request=request)


def _scenario_in(request: OpenRequest) -> Opened | None:
    """Return the scenario that is asked for by itself, None for anything else.

    Recorded data that one on standard input names are looked for in the current folder.
    """
    if len(request.texts) != 1 or request.override is not None:
        return None
    name, content = request.texts[0]
    if not isinstance(content, Path):
        return None
    if str(content) == name and is_scenario_file(path := find(name)):
        original = load_original(path)
        return Opened(original.scenario, path if path == content else None, original=original)
    if name == STDIN_NAME and is_scenario_file(content):
        original = original_of(bytes_of(content, name), name, Path())
        return Opened(original.scenario, original=original)
    return None


def import_request(
    request: OpenRequest,
    progress: FileProgress | None = None,
    is_cancelled: Callable[[], bool] | None = None,
) -> Import:
    """Return the machine that was printed; raises as :func:`open_request`, for any scenario.

    The readers are loaded only now: they cost more than most scenarios take to replay.
    """
    if request.machine_root is not None:
        from mtrrviz.importers.this_machine.all_sources import import_this_machine

        return import_this_machine(request.machine_root, request.options, progress, is_cancelled)
    refuse_scenarios(request.texts)
    from mtrrviz.importers.reading import import_texts

    return import_texts(request.texts, request.override, request.options, progress, is_cancelled)


def request_for(
    texts: Sequence[Path | Text], override: str | None = None, options: ImportOptions = NO_OPTIONS
) -> OpenRequest:
    """Return the request to open files and texts; an import is called as the first of them."""
    named = [(str(text), text) if isinstance(text, Path) else text for text in texts]
    name = Path(named[0][0]).name.partition(".")[0] if named else ""
    return OpenRequest(tuple(named), override, replace(options, name=name or options.name))


def this_machine_request(
    root: Path = SYSTEM_ROOT, options: ImportOptions = NO_OPTIONS
) -> OpenRequest:
    """Return the request to read this machine, or the one whose files are below ``root``."""
    return OpenRequest((), options=replace(options, name=THIS_MACHINE), machine_root=root)


def refuse_scenarios(texts: Sequence[Text]) -> None:
    """Raise ScenarioError if one of the files is a scenario, which is a machine by itself.

    The name of a built-in scenario is one as well, unless there is a file of that name.
    """
    for name, content in texts:
        if isinstance(content, Path) and (is_scenario_file(content) or _is_builtin(content)):
            kind = "built-in scenario" if _is_builtin(content) else "scenario file"
            problem = f"this is a {kind}, a machine of its own"
            raise ScenarioError(name, "", problem, "dumps, logs and traces of one machine")


def _is_builtin(path: Path) -> bool:
    return str(path) in builtin_paths() and not path.exists()


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
