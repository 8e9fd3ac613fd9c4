"""Reading a scenario file: every mistake becomes one message with file, place and expectation.

Text becomes TOML, TOML becomes the structs of :mod:`mtrrviz.scenario.files.schema`, and those
become a Scenario in :mod:`mtrrviz.scenario.files.building`.
"""

from __future__ import annotations

import re
import tomllib
from pathlib import PurePath
from typing import TYPE_CHECKING, Any, get_args, get_type_hints

import msgspec

from mtrrviz.scenario.files.building import Builder
from mtrrviz.scenario.files.original import Original
from mtrrviz.scenario.files.schema import SCHEMA_VERSION, TABLES, ScenarioFile
from mtrrviz.scenario.files.source import ScenarioSource
from mtrrviz.scenario.scenario_error import ScenarioError, shown

if TYPE_CHECKING:
    from pathlib import Path

    from mtrrviz.scenario.model import Scenario

#: Largest scenario text read, in bytes; recorded data live in files of their own.
MAX_TEXT_BYTES = 32 << 20
#: A key of very many parts would keep the TOML reader busy for hours.
_ENDLESS_KEY = re.compile(r"(?<![\w-])(?:[\w-]++[ \t]*+\.[ \t]*+){100}")


def load_scenario(path: Path) -> Scenario:
    """Return the scenario in the TOML file ``path``, with its recorded data.

    Raises :class:`ScenarioError` if the file or its data cannot be read or are wrong anywhere;
    nothing is half loaded.
    """
    return load_original(path).scenario


def load_original(path: Path) -> Original:
    """Return the scenario in ``path`` with the bytes of the file; raises as load_scenario."""
    return original_of(bytes_of(path), str(path), path.parent)


def original_of(data: bytes, file: str, directory: Path) -> Original:
    """Return the scenario in the bytes of a file; see :func:`parse_scenario`."""
    return Original(data, parse_scenario(_text_of(data, file), file, directory))


def parse_scenario(text: str, file: str, directory: Path) -> Scenario:
    """Return the scenario in ``text``, named after ``file``; recorded data are in ``directory``."""
    content, source = _checked(text, file)
    return Builder(source, directory).scenario(content, stem_of(file))


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
    file = name or str(path)
    try:
        if path.exists() and not path.is_file():
            raise ScenarioError(file, "", "this is not a file", "a TOML scenario")
        with path.open("rb") as stream:
            data = stream.read(MAX_TEXT_BYTES + 1)
    except OSError as error:
        problem = error.strerror or str(error)
        raise ScenarioError(file, "", problem, "a readable file") from error
    except ValueError as error:  # a path with a NUL in it
        raise ScenarioError(file, "", str(error), "the path of a file") from error
    if len(data) > MAX_TEXT_BYTES:
        raise ScenarioError(file, "", "the file is too large", "at most 32 MiB of TOML")
    return data


def _text_of(data: bytes, file: str) -> str:
    """Return the text of a file."""
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        place = f"byte {error.start}"
        raise ScenarioError(file, place, "this is not UTF-8 text", "a TOML scenario") from error


def _checked(text: str, file: str) -> tuple[ScenarioFile, ScenarioSource]:
    """Return the content of scenario text in the form of the schema, and its source."""
    data = _decoded(text, file)
    source = ScenarioSource(file, text, data)
    _check_version(source)
    try:
        return msgspec.convert(data, ScenarioFile), source
    except msgspec.ValidationError as error:
        raise _explained(error, source) from error
    except RecursionError as error:
        raise ScenarioError(file, "", "it is nested too deeply", "a TOML scenario") from error


def _decoded(text: str, file: str) -> dict[str, Any]:
    """Return the TOML data of a text."""
    expected = "a TOML scenario"
    endless = _ENDLESS_KEY.search(text)
    if endless is not None:
        line = text.count("\n", 0, endless.start()) + 1
        raise ScenarioError(file, f"line {line}", "a key has too many parts", expected)
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ScenarioError(file, *_syntax_place(str(error)), expected) from error
    except RecursionError as error:
        raise ScenarioError(file, "", "it is nested too deeply", expected) from error
    except ValueError as error:
        # tomllib passes on what int() says of a number with thousands of digits.
        raise ScenarioError(file, "", "a number in it is far too long", expected) from error


def stem_of(file: str | PurePath) -> str:
    """Return a scenario's name: its file name without any of its endings."""
    return PurePath(file).name.removesuffix(".toml").removesuffix(".mtrrviz")


def _syntax_place(message: str) -> tuple[str, str]:
    """Split tomllib's message into a place and a problem."""
    match = re.search(r"\s*\(at (line \d+, column \d+|end of document)\)", message)
    if match is None:
        return "", message or "this cannot be read"
    return match.group(1), message[: match.start()]


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
        wanted = problem.removeprefix("Expected ").partition(", got")[0].replace("`", "")
        return wanted.replace("object", "table").replace(" | null", "")
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
