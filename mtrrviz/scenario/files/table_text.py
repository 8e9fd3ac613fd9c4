"""One table as text: keys are changed, added and taken out, all else stays as it is."""

from __future__ import annotations

import tomllib
from typing import TYPE_CHECKING

from mtrrviz.scenario.files.toml_blocks import entries_of
from mtrrviz.scenario.files.tree import spelled, written

if TYPE_CHECKING:
    from mtrrviz.scenario.files.spelling import Spelled
    from mtrrviz.scenario.files.toml_blocks import Entry, Path
    from mtrrviz.scenario.files.tree import Cell, Row


class TableText:
    """The text of a table with its header, being changed.

    ``prefix`` is what the keys of the row have in front of them here: a table may be written as
    dotted keys of the one around it.
    """

    def __init__(self, body: str, prefix: Path = ()) -> None:
        self.body = body
        self._prefix = prefix
        self._entries = self._read()

    def __contains__(self, key: str) -> bool:
        """Whether the table says ``key``."""
        return key in self._entries

    def apply(self, before: Row, after: Row) -> None:
        """Write what is different after an edit."""
        last: str | None = None
        for key in dict.fromkeys((*after, *before)):
            cell = after.get(key)
            if cell != before.get(key):
                self._set(key, cell, last)
            if key in self._entries:
                last = key

    def remove(self, key: str) -> None:
        """Take a key out, with its line."""
        entry = self._entries[key]
        self._replace(entry.start, entry.end, "")

    def _set(self, key: str, cell: Cell, previous: str | None) -> None:
        entry = self._entries.get(key)
        if entry is not None:
            value = spelled(cell)
            if value is None:
                self.remove(key)
            else:
                self._change(entry, value)
        elif (value := written(cell, self._entries)) is not None:
            self._insert(key, value.text(), previous)

    def _change(self, entry: Entry, value: Spelled) -> None:
        """Put another value there, unless it says the same in other words."""
        old = self.body[entry.value_start : entry.value_end]
        new = value.text(old)
        if tomllib.loads(f"x = {old}") != tomllib.loads(f"x = {new}"):
            self._replace(entry.value_start, entry.value_end, new)

    def _insert(self, key: str, value: str, previous: str | None) -> None:
        """Add a key below the one that a person would write it below."""
        model = self._entries.get(previous or "") or next(iter(self._entries.values()), None)
        indent, equals = (model.indent, model.equals) if model else ("", " = ")
        name = ".".join((*self._prefix, key))
        line = f"{indent}{name}{' = ' if equals.strip(' ') != '=' else equals}{value}\n"
        place = self._place(previous)
        self._replace(place, place, line)

    def _place(self, previous: str | None) -> int:
        """Return where the line of a new key begins."""
        if previous is not None:
            return self._entries[previous].end
        first = next(iter(self._entries.values()), None)
        return len(self.body) if first is None else first.start

    def _replace(self, start: int, end: int, text: str) -> None:
        self.body = self.body[:start] + text + self.body[end:]
        self._entries = self._read()

    def _read(self) -> dict[str, Entry]:
        depth = len(self._prefix)
        return {
            entry.key[-1]: entry
            for entry in entries_of(self.body)
            if len(entry.key) == depth + 1 and entry.key[:depth] == self._prefix
        }
