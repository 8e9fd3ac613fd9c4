"""An array of tables that is written inline, ``event = [ { t = 0.5, ... }, ... ]``, being changed.

What did not change stays, byte for byte, and the rest is written in the same form.
"""

from __future__ import annotations

import re
import tomllib
from typing import TYPE_CHECKING

from msgspec.structs import replace

from mtrrviz.core.record import Record
from mtrrviz.scenario.files.writing.inline_table import changed_table, new_table
from mtrrviz.scenario.files.writing.row_matching import partners
from mtrrviz.scenario.files.writing.toml_blocks import nested

if TYPE_CHECKING:
    from mtrrviz.scenario.files.writing.table_tree import TableRows

_REST_OF_LINE = re.compile(r"[ \t]*(?:#[^\n]*)?\n")


class _RowText(Record):
    """A table of the array with its surroundings.

    ``lead`` is what stands before it from the end of the line of the one before, ``gap`` what
    stands between it and its comma, ``trail`` the rest of its line after the comma, with the
    newline; "" if another one follows on the line.
    """

    lead: str
    text: str
    gap: str = ""
    trail: str = ""


def changed_rows(value: str, before: TableRows, after: TableRows) -> str | None:
    """Return an inline array, which says ``before``, so that it says ``after``.

    None if it has other rows or in another order, so that nothing tells which is which, or if no
    row is left.
    """
    array = _ArrayText.parsed(value)
    if array is None or len(array.items) != len(before.items) or not after.items:
        return None
    if before.order is not None:
        keys = [before.order(table) for table in tomllib.loads(f"x = {value}")["x"]]
        if keys != sorted(keys):
            return None
    return array.changed(before, after)


class _ArrayText(Record):
    """The array cut into its tables, without losing a byte."""

    opening: str
    items: tuple[_RowText, ...]
    closing: str
    has_last_comma: bool

    @classmethod
    def parsed(cls, value: str) -> _ArrayText | None:
        """Cut an array; None if there is more in it than tables, or none."""
        tables, commas, others = nested(value)
        if others or not tables or not len(tables) - 1 <= len(commas) <= len(tables):
            return None
        first_line = _REST_OF_LINE.match(value, 1)
        pos = first_line.end() if first_line and first_line.end() <= tables[0][0] else 1
        opening = value[:pos]
        items: list[_RowText] = []
        for number, (start, end) in enumerate(tables):
            comma = commas[number] if number < len(commas) else end - 1
            gap = value[end:comma] if number < len(commas) else ""
            rest = _REST_OF_LINE.match(value, comma + 1)
            trail = rest[0] if rest else ""
            items.append(_RowText(value[pos:start], value[start:end], gap, trail))
            pos = comma + 1 + len(trail)
        return cls(opening, tuple(items), value[pos:], len(commas) == len(tables))

    @property
    def is_in_lines(self) -> bool:
        """Whether each table has its line."""
        return self.opening.endswith("\n")

    def changed(self, before: TableRows, after: TableRows) -> str:
        """Return the text with the rows after an edit."""
        found = partners(before, after)
        own, closing = self._without_removed(set(found))
        items: list[_RowText] = []
        for number, partner in enumerate(found):
            item = after.items[number]
            if partner is None:
                items.append(self._new_item(new_table(after.row(item), self.items[0].text)))
            elif item == before.items[partner]:
                items.append(own[partner])
            else:
                old, new = before.row(before.items[partner]), after.row(item)
                text = changed_table(own[partner].text, old, new)
                items.append(replace(own[partner], text=text))
        return self._text(items, closing)

    def _without_removed(self, kept: set[int | None]) -> tuple[list[_RowText], str]:
        """Return the tables and the closing; those that go leave what is above an empty line."""
        items: list[_RowText] = []
        left = ""
        for number, item in enumerate(self.items):
            if number in kept:
                items.append(replace(item, lead=left + item.lead))
                left = ""
            else:
                items.append(item)
                left += _apart(item.lead)
        return items, left + self.closing

    def _new_item(self, text: str) -> _RowText:
        """Return a new table, in a line of its own if the others are."""
        if not self.is_in_lines:
            return _RowText(" ", text)
        return _RowText(self.items[0].lead.rpartition("\n")[2], text, trail="\n")

    def _text(self, items: list[_RowText], closing: str) -> str:
        pieces = [self.opening]
        for number, item in enumerate(items):
            is_last = number == len(items) - 1
            comma = "," if self.has_last_comma or not is_last else ""
            trail = item.trail
            if not trail and self.is_in_lines and not is_last:
                trail = "\n"
            pieces += (self._lead(item, number), item.text, item.gap, comma, trail)
        return "".join((*pieces, closing))

    def _lead(self, item: _RowText, number: int) -> str:
        """Return what stands before a table that may have become the first one, or ceased to be."""
        first = self.items[0].lead
        if self.is_in_lines or item.lead.strip() or first.strip() or "\n" in item.lead:
            return item.lead
        return first if number == 0 else item.lead or " "


def _apart(lead: str) -> str:
    """Return the lines down to the last empty one: comments on more than the next table."""
    lines = lead.splitlines(keepends=True)
    empty = [
        number for number, line in enumerate(lines) if line.endswith("\n") and not line.strip()
    ]
    return "".join(lines[: empty[-1] + 1]) if empty else ""
