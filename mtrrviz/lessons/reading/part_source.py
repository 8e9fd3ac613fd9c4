"""TOML within a lesson: decoded and checked, every mistake with the line of the lesson's file."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec

from mtrrviz.lessons.lesson_fault import LessonFault
from mtrrviz.scenario.files.source import ScenarioSource, wanted_words
from mtrrviz.scenario.files.toml_text import TomlError, toml_data
from mtrrviz.scenario.scenario_error import shown

if TYPE_CHECKING:
    from mtrrviz.lessons.reading.blocks import TextPart

Content = TypeVar("Content")


class PlaceError(Exception):
    """What is wrong at a place within a part of a lesson."""

    def __init__(self, place: str, problem: str, expected: str = "") -> None:
        super().__init__(problem)
        self.place, self.problem, self.expected = place, problem, expected


class PartSource:
    """The TOML of a header or of a step's block.

    ``data`` is what it says; raises PlaceError if it is no TOML, with the line in ``place``.
    """

    def __init__(self, part: TextPart) -> None:
        self._part = part
        try:
            self.data = toml_data(part.text)
        except TomlError as error:
            raise PlaceError(error.place, error.problem, "TOML") from error
        self._source = ScenarioSource("", part.text, self.data)

    def fault(self, error: PlaceError) -> LessonFault:
        """Return an error with its line in the lesson's file."""
        return part_fault(self._part, error, self._source)

    def convert(self, data: Any, kind: type[Content], place: str = "") -> Content:
        """Return data of a place as the struct of a kind; PlaceError for what does not fit."""
        return converted(data, kind, place)


def part_fault(
    part: TextPart, error: PlaceError, source: ScenarioSource | None = None
) -> LessonFault:
    """Return an error with its line in the lesson's file."""
    at = re.match(r"line (\d+)", error.place)
    found = int(at[1]) if at else (_line(error.place, source, part.text) if source else 1)
    named = error.place and at is None
    problem = f"{error.place}: {error.problem}" if named else error.problem
    return LessonFault(part.line + found - 1, problem, error.expected)


def _line(place: str, source: ScenarioSource, text: str) -> int:
    """Return the line of a place, or of what holds it: inline tables have no lines of their own.

    A key with a list of values is found by its own name, below what holds it.
    """
    if not place:
        return 1
    line = source.line_of(place)
    if line is not None:
        return line
    parent = re.sub(r"(\.[^.\[]*|\[\d+\]|^[^.\[]*)$", "", place)
    above = _line(parent, source, text)
    key = place.removeprefix(parent).strip(".")
    wanted = re.compile(rf"[ \t]*{re.escape(key)}[ \t]*=")
    lines = text.split("\n")[above - 1 :]
    return next((above + at for at, one in enumerate(lines) if wanted.match(one)), above)


def converted(data: Any, kind: type[Content], place: str = "") -> Content:
    """Return data of a place as the struct of a kind; PlaceError for what does not fit."""
    try:
        return msgspec.convert(data, kind)
    except msgspec.ValidationError as error:
        raise _explained(error, data, place) from error
    except RecursionError as error:
        raise PlaceError(place, "it is nested too deeply", "a flat table") from error


def _explained(error: msgspec.ValidationError, data: Any, place: str) -> PlaceError:
    """Return a validation error with the value that is wrong and what would be right."""
    problem, _, path = str(error).partition(" - at `$")
    inner = path.rstrip("`").removeprefix(".")
    where = ".".join(filter(None, [place, inner])).replace(".[", "[")
    key = re.search(r"field `(.*)`", problem, re.DOTALL)
    if key is not None and problem.startswith("Object contains"):
        return PlaceError(
            _below(where, key[1]), "this key is not known here", "a key of this table"
        )
    if key is not None:
        return PlaceError(where, f"the key {key[1]!r} is missing", f"{key[1]} = ...")
    found = ScenarioSource("", "", {"root": data}).value_at(f"root.{inner}" if inner else "root")
    return PlaceError(where, f"{shown(found)} is not possible here", wanted_words(problem))


def _below(place: str, key: str) -> str:
    return f"{place}.{key}" if place else key
