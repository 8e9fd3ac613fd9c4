"""The built-in scenarios: found by name, listed without reading their recorded data."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from mtrrviz.core.errors import MtrrvizError
from mtrrviz.paths import scenarios_dir
from mtrrviz.scenario.errors import printable
from mtrrviz.scenario.loader import load_scenario, read_file

if TYPE_CHECKING:
    from mtrrviz.scenario.model import Scenario

#: The scenario that opens when the user names none.
DEFAULT_NAME = "ovmf-8vcpu-2g"


@dataclass(frozen=True, slots=True)
class Entry:
    """What a list shows of a built-in scenario."""

    name: str
    title: str
    tags: tuple[str, ...]
    vcpus: int
    path: Path


def builtin_paths() -> dict[str, Path]:
    """Return the built-in scenario files by name, sorted."""
    return {path.stem: path for path in sorted(scenarios_dir().glob("*.toml"))}


def list_builtin() -> list[Entry]:
    """Return an entry for each built-in scenario, by name."""
    return [_entry(name, path) for name, path in builtin_paths().items()]


def _entry(name: str, path: Path) -> Entry:
    content = read_file(path)
    return Entry(name, content.title, tuple(content.tags), content.machine.vcpus, path)


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
    problem = "this is a folder" if _is_folder(path) else "no such file"
    known = ", ".join(builtin)
    raise MtrrvizError(f"{printable(name_or_path)}: {problem} (expected a file or one of {known})")


def _is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except (OSError, ValueError):  # too long a name, or one with a NUL
        return False


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:  # a name that is too long, a directory that may not be read
        return False


def open_scenario(name_or_path: str) -> Scenario:
    """Return the scenario of a built-in name or a path.

    Raises :class:`MtrrvizError` or its subclass ``ScenarioError``.
    """
    return load_scenario(find(name_or_path))
