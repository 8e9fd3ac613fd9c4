"""Reading a scenario file: every mistake becomes one message with file, place and expectation.

Text becomes TOML, TOML becomes the structs of :mod:`mtrrviz.scenario.files.schema`, and those
become a Scenario in :mod:`mtrrviz.scenario.files.checking.scenario_building`.
"""

from __future__ import annotations

import re
from pathlib import PurePath
from typing import TYPE_CHECKING, Any, get_args, get_type_hints

import msgspec

from mtrrviz.core.bulk_work import bulk_work
from mtrrviz.core.file_kinds import file_itself
from mtrrviz.scenario.files.bounded_file import FileProblemError, bounded_bytes
from mtrrviz.scenario.files.checking.scenario_building import Builder
from mtrrviz.scenario.files.data_files.recorded import load_recording
from mtrrviz.scenario.files.original import Original
from mtrrviz.scenario.files.schema import SCHEMA_VERSION, TABLES, ScenarioFile
from mtrrviz.scenario.files.source import ScenarioSource, wanted_words
from mtrrviz.scenario.files.toml_text import TomlError, toml_data
from mtrrviz.scenario.scenario_error import ScenarioError, shown

if TYPE_CHECKING:
    from pathlib import Path

    from mtrrviz.scenario.files.checking.scenario_building import DataLoader
    from mtrrviz.scenario.model import Scenario

#: Largest scenario text read, in bytes; recorded data live in files of their own.
MAX_TEXT_BYTES = 32 << 20


def load_scenario(path: Path) -> Scenario:
    """Return the scenario in the TOML file ``path``, with its recorded data.

    Raises :class:`ScenarioError` if the file or its data cannot be read or are wrong anywhere;
    nothing is half loaded.
    """
    return load_original(path).scenario


def load_original(path: Path) -> Original:
    """Return the scenario in ``path`` with the bytes of the file; raises as load_scenario."""
    return original_of(bytes_of(path), str(path), file_itself(path).parent)


@bulk_work()
def original_of(
    data: bytes, file: str, directory: Path, load: DataLoader = load_recording
) -> Original:
    """Return the scenario in the bytes of a file; see :func:`parse_scenario`."""
    return Original(data, parse_scenario(_text_of(data, file), file, directory, load))


@bulk_work()
def parse_scenario(
    text: str, file: str, directory: Path, load: DataLoader = load_recording
) -> Scenario:
    """Return the scenario in ``text``, named after ``file``; recorded data are in ``directory``.

    ``load`` reads them.
    """
    content, source = _checked(text, file)
    return Builder(source, directory, load).scenario(content, stem_of(file))


def read_file(path: Path) -> ScenarioFile:
    """Return the checked content of a scenario file, without its recorded data."""
    return decode_text(_text_of(bytes_of(path), str(path)), str(path))


def decode_text(text: str, file: str) -> ScenarioFile:
    """Return the checked content of scenario text; ``file`` is only named in messages."""
    return _checked(text, file)[0]


def bytes_of(path: Path, name: str | None = None) -> bytes:
    """Return the content of a scenario file, of bounded size; ScenarioError if it has none.

    Messages call the file ``name``, by default its path.
    """
    try:
        return bounded_bytes(path, MAX_TEXT_BYTES, "a TOML scenario")
    except FileProblemError as error:
        raise ScenarioError(name or str(path), "", error.problem, error.expected) from error


def _text_of(data: bytes, file: str) -> str:
    """Return the text of a file."""
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        place = f"byte {error.start}"
        raise ScenarioError(file, place, "this is not UTF-8 text", "a TOML scenario") from error


def _checked(text: str, file: str) -> tuple[ScenarioFile, ScenarioSource]:
    """Return the content of scenario text in the form of the schema, and its source."""
    try:
        data = toml_data(text)
    except TomlError as error:
        raise ScenarioError(file, error.place, error.problem, "a TOML scenario") from error
    source = ScenarioSource(file, text, data)
    _check_version(source)
    try:
        return msgspec.convert(data, ScenarioFile), source
    except msgspec.ValidationError as error:
        raise _explained(error, source) from error
    except RecursionError as error:
        raise ScenarioError(file, "", "it is nested too deeply", "a TOML scenario") from error


def stem_of(file: str | PurePath) -> str:
    """Return a scenario's name: its file name without any of its endings."""
    return PurePath(file).name.removesuffix(".toml").removesuffix(".mtrrviz")


def _check_version(source: ScenarioSource) -> None:
    """Refuse files of another version before anything else in them is judged."""
    version = source.value_at("schema")
    if version is None:
        expected = f"schema = {SCHEMA_VERSION}"
        raise source.error("schema", "the version of the file format is missing", expected)
    if isinstance(version, int) and version > SCHEMA_VERSION:
        problem = f"version {shown(version)} is newer than this program"
        raise source.error("schema", problem, f"schema = {SCHEMA_VERSION}")


def _explained(error: msgspec.ValidationError, source: ScenarioSource) -> ScenarioError:
    """Turn a validation error into one that also shows the value and what would be right."""
    problem, _, place = str(error).partition(" - at `$.")
    place = place.rstrip("`")
    key = re.search(r"field `(.*)`", problem, re.DOTALL)
    if key is not None and problem.startswith("Object contains"):
        known = ", ".join(TABLES[_table_name(place)].__struct_fields__)
        return source.error(_below(place, key[1]), "this key is not known", f"one of {known}")
    if key is not None:
        problem = f"the key {key[1]!r} is missing"
        return source.error(place, problem, f"{key[1]} = ...")
    return source.error(
        place, f"{shown(source.value_at(place))} is not possible here", _expected(problem, place)
    )


def _below(place: str, key: str) -> str:
    return f"{place}.{key}" if place else key


def _table_name(place: str) -> str:
    """Return the name of the innermost table in a place, as in :data:`TABLES`."""
    names = [name for name in re.findall(r"[A-Za-z_]\w*", place) if name in TABLES]
    return names[-1] if names else ""


def _expected(problem: str, place: str) -> str:
    """Return what a validation error asks for, in words."""
    if problem.startswith("Expected "):
        return wanted_words(problem)
    parent, _, key = place.rpartition(".")
    annotation = get_type_hints(TABLES[_table_name(parent)], include_extras=True).get(key)
    choices = list(_literals(annotation))
    return "one of " + ", ".join(choices) if choices else "a value in range"


def _literals(annotation: Any) -> list[str]:
    """Return the words that an annotation allows."""
    found: list[str] = []
    for argument in get_args(annotation):
        found.extend([argument] if isinstance(argument, str) else _literals(argument))
    return found
