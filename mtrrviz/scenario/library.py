"""The built-in scenarios: found by name, listed without reading their recorded data."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

from mtrrviz.core.errors import MtrrvizError
from mtrrviz.core.record import Record
from mtrrviz.core.wording.slips import did_you_mean
from mtrrviz.paths import scenarios_dir
from mtrrviz.scenario.files.loader import load_scenario, read_file
from mtrrviz.scenario.scenario_error import printable

if TYPE_CHECKING:
    from mtrrviz.scenario.model import Scenario

#: The scenario that opens when the user names none.
DEFAULT_NAME = "ovmf-8vcpu-2g"


class Purpose(StrEnum):
    """What a built-in scenario is there for. The values are the words of lists, in their order."""

    START = "Start here"
    STORY = "Stories"
    BOOT = "Recorded boots"
    INCIDENT = "Incidents"
    OTHER = "More"


#: Which purpose a tag says, those that decide first.
_PURPOSE_TAGS = {
    "start": Purpose.START,
    "sandbox": Purpose.START,
    "incident": Purpose.INCIDENT,
    "recorded": Purpose.BOOT,
    "teaching": Purpose.STORY,
}


class LibraryEntry(Record):
    """What a list shows of a built-in scenario."""

    name: str
    title: str
    tags: tuple[str, ...]
    vcpus: int
    path: Path
    description: str = ""

    @property
    def purpose(self) -> Purpose:
        """What it is there for, as its tags say."""
        said = (purpose for tag, purpose in _PURPOSE_TAGS.items() if tag in self.tags)
        return next(said, Purpose.OTHER)


def builtin_paths() -> dict[str, Path]:
    """Return the built-in scenario files by name, sorted."""
    return {path.stem: path for path in sorted(scenarios_dir().glob("*.toml"))}


def list_builtin() -> list[LibraryEntry]:
    """Return an entry for each built-in scenario, by name."""
    return [_entry(name, path) for name, path in builtin_paths().items()]


def _entry(name: str, path: Path) -> LibraryEntry:
    content = read_file(path)
    return LibraryEntry(
        name,
        content.title,
        tuple(content.tags),
        content.machine.vcpus,
        path,
        content.description,
    )


def find(name_or_path: str) -> Path:
    """Return the file of a built-in scenario's name or of a path.

    Raises :class:`MtrrvizError` when there is neither.
    """
    path = Path(name_or_path)
    if _is_file(path):
        return path
    builtin = builtin_paths()
    if name_or_path in builtin:
        return builtin[name_or_path]
    known = ", ".join(builtin)
    meant = did_you_mean(name_or_path, builtin)
    problem = f"{_problem(path)} ({meant}expected a file or one of {known})"
    raise MtrrvizError(f"{printable(name_or_path)}: {problem}")


def _is_file(path: Path) -> bool:
    """Return whether there is something to read: a file, or a pipe that a shell made."""
    try:
        return path.exists() and not path.is_dir()
    except OSError:  # a name that is too long, a directory that may not be read
        return False


def _problem(path: Path) -> str:
    """Return why a path is no file to read."""
    try:
        path.stat()
    except FileNotFoundError:
        return "no such file"
    except OSError as error:
        return error.strerror or "no such file"
    except ValueError:  # a name with a NUL
        return "no such file"
    return "this is a folder"


def open_scenario(name_or_path: str) -> Scenario:
    """Return the scenario of a built-in name or a path.

    Raises :class:`MtrrvizError` or its subclass ``ScenarioError``.
    """
    return load_scenario(find(name_or_path))
