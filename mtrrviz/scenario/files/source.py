"""A scenario file as error messages speak of it: its name, and on which line a place is."""

from __future__ import annotations

import re
from typing import Any, cast

from mtrrviz.scenario.scenario_error import ScenarioError

_STEP = re.compile(r"([A-Za-z_]\w*)|\[(\d+)\]")
_HEADER = re.compile(r"^[ \t]*\[\[?[ \t]*([\w.]+)[ \t]*\]\]?[ \t]*(?:#.*)?$", re.MULTILINE)


class ScenarioSource:
    """The text of one file, and what it was decoded to.

    ``data`` is the decoded TOML, with which places are checked before a line is named.
    """

    def __init__(self, file: str, text: str = "", data: dict[str, Any] | None = None) -> None:
        self.file = file
        self._text = text
        self._data = data or {}

    def error(self, place: str, problem: str, expected: str) -> ScenarioError:
        """Return the error for a place such as ``event[3].value``; its line is added if known."""
        line = self.line_of(place)
        where = place if line is None else f"{place} (line {line})"
        return ScenarioError(self.file, where, problem, expected)

    def value_at(self, place: str) -> Any:
        """Return the value at a place, None if there is none."""
        found: Any = self._data
        for key, index in _STEP.findall(place):
            try:
                found = found[key] if key else found[int(index)]
            except (KeyError, IndexError, TypeError):
                return None
        return found

    def line_of(self, place: str) -> int | None:
        """Return the line, from 1, of a key, else of its table's header; None when not certain."""
        # Lines within a multi-line string could look like headers.
        if not place or '"""' in self._text or "'''" in self._text:
            return None
        span = self._table_span(place)
        if span is None:
            return None
        start, end = span
        key = re.escape(place.rpartition(".")[2])
        found = re.compile(rf"^[ \t]*{key}[ \t]*=", re.MULTILINE).search(self._text, start, end)
        at = found.start() if found else start
        return self._text.count("\n", 0, at) + 1

    def _table_span(self, place: str) -> tuple[int, int] | None:
        """Return where in the text the table of a place begins and ends."""
        headers = list(_HEADER.finditer(self._text))
        table, index = self._table_of(place)
        if not table:
            return 0, headers[0].start() if headers else len(self._text)
        own = [i for i, header in enumerate(headers) if header[1] == table]
        if len(own) != self._count(table) or index >= len(own):
            return None
        after = own[index] + 1
        end = headers[after].start() if after < len(headers) else len(self._text)
        return headers[own[index]].start(), end

    def _count(self, table: str) -> int:
        """Return how many tables of a name there are."""
        rows: list[Any] | Any = self.value_at(table)
        return len(cast("list[Any]", rows)) if isinstance(rows, list) else 1

    def _table_of(self, place: str) -> tuple[str, int]:
        """Return the header name and row number of the table that holds a place."""
        steps: list[tuple[str, str]] = _STEP.findall(place)
        if isinstance(self.value_at(place), (dict, list)) or (steps and steps[-1][1]):
            inner = steps
        else:
            inner = steps[:-1]
        names = ".".join(key for key, _ in inner if key)
        index = int(inner[-1][1]) if inner and inner[-1][1] else 0
        return names, index


_KINDS = {
    "int": "an integer",
    "float": "a number",
    "str": "text",
    "bool": "true or false",
    "array": "a list",
    "object": "a table",
}


def wanted_words(problem: str) -> str:
    """Return what a validation error asks for: "an integer or text" for "Expected `int | str`"."""
    wanted = problem.removeprefix("Expected ").partition(", got")[0].replace("`", "")
    kinds = [kind.partition(" ") for kind in wanted.split(" | ") if kind != "null"]
    return " or ".join(f"{_KINDS.get(kind, kind)}{space}{rest}" for kind, space, rest in kinds)
