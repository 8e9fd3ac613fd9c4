"""One table as text: keys are changed, added and taken out, all else stays as it is."""

from __future__ import annotations

import tomllib
from operator import itemgetter
from typing import TYPE_CHECKING

from mtrrviz.scenario.files.writing.table_tree import spelled, written
from mtrrviz.scenario.files.writing.toml_blocks import Entry, entries_of

if TYPE_CHECKING:
    from mtrrviz.scenario.files.writing.spelling import Spelled
    from mtrrviz.scenario.files.writing.table_tree import Cell, Row
    from mtrrviz.scenario.files.writing.toml_blocks import Path


class TableText:
    """The text of a table with its header, being changed.

    ``prefix`` is what the keys of the row have in front of them here: a table may be written as
    dotted keys of the one around it.
    """

    def __init__(self, body: str, prefix: Path = ()) -> None:
        self._body = body
        self._prefix = prefix
        depth = len(prefix)
        self._entries = {
            entry.key[-1]: entry
            for entry in entries_of(body)
            if len(entry.key) == depth + 1 and entry.key[:depth] == prefix
        }
        self._edits: list[tuple[int, int, str]] = []

    @property
    def body(self) -> str:
        """The text with all changes."""
        pieces: list[str] = []
        done = 0
        for start, end, text in sorted(self._edits, key=itemgetter(0)):
            pieces += (self._body[done:start], text)
            done = max(done, end)
        return "".join((*pieces, self._body[done:]))

    def apply(self, before: Row, after: Row) -> None:
        """Write what is different after an edit."""
        last: str | None = None
        for key in dict.fromkeys((*after, *before)):
            cell = after.get(key)
            if cell != before.get(key):
                self._set(key, cell, last)
            if key in self._entries:
                last = key

    def _set(self, key: str, cell: Cell, previous: str | None) -> None:
        entry = self._entries.get(key)
        if entry is None:
            value = written(cell, self._entries)
            if value is not None:
                self._insert(key, value.text(), previous)
        elif (value := spelled(cell)) is not None:
            self._change(entry, value)
        else:
            del self._entries[key]
            self._edits.append((entry.start, entry.end, ""))

    def _change(self, entry: Entry, value: Spelled) -> None:
        """Put another value there, unless it says the same in other words."""
        old = self._body[entry.value_start : entry.value_end]
        new = value.text(old)
        if tomllib.loads(f"x = {old}") != tomllib.loads(f"x = {new}"):
            self._edits.append((entry.value_start, entry.value_end, new))

    def _insert(self, key: str, value: str, previous: str | None) -> None:
        """Add a key below the one that a person would write it below."""
        above = self._entries.get(previous or "")
        model = above or next(iter(self._entries.values()), None)
        indent, equals = (model.indent, model.equals) if model else ("", " = ")
        place = above.end if above else model.start if model else len(self._body)
        name = ".".join((*self._prefix, key))
        line = f"{indent}{name}{' = ' if equals.strip(' ') != '=' else equals}{value}\n"
        self._edits.append((place, place, line))
        self._entries[key] = Entry((key,), place, place, place, place, indent, equals)
