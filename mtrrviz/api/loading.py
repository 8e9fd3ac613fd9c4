"""Opening anything: a built-in scenario, a scenario file, what a machine printed, or such text."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import TYPE_CHECKING

from mtrrviz.api.quantities import Size, size_bytes
from mtrrviz.importers.import_options import ImportOptions
from mtrrviz.importers.notes import NoteKind
from mtrrviz.importers.opening import open_request, request_for
from mtrrviz.scenario.files.loader import parse_scenario
from mtrrviz.scenario.files.saver import save_scenario
from mtrrviz.scenario.files.toml_text import TomlError, toml_data
from mtrrviz.scenario.machine_spec import MachineKind
from mtrrviz.scenario.scenario_error import ScenarioError
from mtrrviz.scenario.value_check import choice

if TYPE_CHECKING:
    from os import PathLike

    from mtrrviz.importers.opening import Text
    from mtrrviz.scenario.model import Scenario

_TEXT = "text"


class DumpWarning(UserWarning):
    """Something that a dump does not say was assumed, or something in it is odd."""


def load(
    source: str | PathLike[str] | bytes,
    *more: str | PathLike[str] | bytes,
    format: str | None = None,  # noqa: A002 - the word that everyone tries first
    machine: MachineKind | str | None = None,
    vcpus: int | None = None,
    memory: Size | None = None,
) -> Scenario:
    """Return what ``source`` stands for: a built-in name, a file, or a text with a line's end.

    Several are dumps of one machine. ``format`` is the id of an import format where recognising
    fails. What a dump does not say may be given: the kind of ``machine`` ("guest" or "host"),
    ``vcpus`` and ``memory``. What was assumed is told by a :class:`DumpWarning` each.
    ScenarioError, with file, line and expectation, for anything that cannot be read.
    """
    sources = (source, *more)
    if not more and (text := _scenario_text(source)) is not None:
        return parse_scenario(text, _TEXT, Path())
    options = ImportOptions(
        vcpus=vcpus,
        memory_bytes=None if memory is None else size_bytes(memory, "memory"),
        machine=None if machine is None else choice(machine, MachineKind, "machine"),
    )
    texts = [_text_or_path(one, number) for number, one in enumerate(sources, 1)]
    opened = open_request(request_for(texts, format, options))
    for note in opened.imported.notes if opened.imported else ():
        if note.kind is not NoteKind.INFO:
            warnings.warn(str(note), DumpWarning, stacklevel=2)
    return opened.scenario


def save(scenario: Scenario, path: str | PathLike[str]) -> None:
    """Write a scenario file, whole or not at all, with its data files beside it. Raises OSError."""
    save_scenario(scenario, Path(path))


def _scenario_text(source: object) -> str | None:
    """Return the text of a scenario file that was given as text, None for anything else."""
    text = source.decode("utf-8", "replace") if isinstance(source, bytes) else source
    if not isinstance(text, str) or "\n" not in text:
        return None
    try:
        return text if "schema" in toml_data(text) else None
    except TomlError:
        return None


def _text_or_path(source: object, number: int) -> Path | Text:
    """Return a path, or the bytes of a text with the name that messages call it."""
    if isinstance(source, bytes):
        return f"{_TEXT} {number}", source
    if isinstance(source, str) and "\n" in source:
        return f"{_TEXT} {number}", source.encode()
    try:
        return Path(source)  # pyright: ignore[reportArgumentType]
    except TypeError as error:
        problem = f"this is {type(source).__name__}"
        raise ScenarioError("", "source", problem, "a name, a path or a text") from error
