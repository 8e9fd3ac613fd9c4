"""A changed tree of tables written into the text that said the tree before.

What did not change stays, byte for byte; see :mod:`mtrrviz.scenario.files.writing.table_tree`.
A new file is a change of the empty one.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, cast

from mtrrviz.scenario.files.writing.inline_rows import changed_rows
from mtrrviz.scenario.files.writing.row_matching import partners, staying
from mtrrviz.scenario.files.writing.table_patch import TableText
from mtrrviz.scenario.files.writing.table_tree import Cell, Row, TableRows, Tree, written
from mtrrviz.scenario.files.writing.toml_blocks import Entry, Path, TextBlock, blocks_of, entries_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_NOTHING: Tree = {}


def patched(text: str, before: Tree, after: Tree) -> str:
    """Return ``text``, which says ``before``, so that it says ``after``."""
    is_crlf = "\r\n" in text and text.count("\r\n") == text.count("\n")
    lines = text.replace("\r\n", "\n") if is_crlf else text
    has_last_newline = not lines or lines.endswith("\n")
    patcher = _Patcher(lines if has_last_newline else lines + "\n")
    patcher.patch((), before, after)
    found = patcher.text
    if not has_last_newline:
        found = found.removesuffix("\n")
    return found.replace("\n", "\r\n") if is_crlf else found


class _Patcher:
    """The tables of a text, being changed."""

    def __init__(self, text: str) -> None:
        self._blocks, self._tail = blocks_of(text)
        self._tables: dict[Path, TextBlock] = {}
        self._rows: dict[Path, list[TextBlock]] = {}
        for block in self._blocks:
            if block.is_row:
                self._rows.setdefault(block.path, []).append(block)
            else:
                self._tables[block.path] = block

    @property
    def text(self) -> str:
        """The whole text."""
        return "".join([*(block.text for block in self._blocks), self._tail])

    def patch(self, path: Path, before: Tree, after: Tree) -> None:
        """Write what is different in the table at ``path``, which is there, and in those below."""
        old_cells, new_cells = _cells(before), _cells(after)
        if old_cells != new_cells:
            block, prefix = self._holder(path)
            table = TableText(block.body, prefix)
            table.apply(old_cells, new_cells)
            block.body = table.body
        for key in dict.fromkeys((*after, *before)):
            old, new = before.get(key), after.get(key)
            if old != new and _is_table(old, new):
                self._patch_below((*path, key), old, new, list(after))

    def _patch_below(self, path: Path, old: object, new: object, order: list[str]) -> None:
        """Write a table or an array of tables whose neighbours are ``order``."""
        if self._change_inline(path, old, new):
            return
        if self._remove_inline(path):
            old = None
        if isinstance(old, TableRows) or isinstance(new, TableRows):
            self._patch_rows(path, _rows(old), _rows(new), order)
        elif new is None:
            self._remove(path)
        else:
            if old is None:
                self._add_table(path, order)
            self.patch(path, _tree(old), _tree(new))

    # Tables

    def _holder(self, path: Path) -> tuple[TextBlock, Path]:
        """Return the block that has the keys of a table, and what stands before them there."""
        for length in range(len(path), 0, -1):
            block, prefix = self._tables.get(path[:length]), path[length:]
            if block is not None and (not prefix or _has_below(block, prefix)):
                return block, prefix
        return self._tables[()], path

    def _add_table(self, path: Path, order: list[str]) -> None:
        block = TextBlock(path, is_row=False, gap="\n", head="", body=f"[{'.'.join(path)}]\n")
        self._blocks.insert(self._blocks.index(self._anchor(path, order)) + 1, block)
        self._tables[path] = block

    def _remove(self, path: Path) -> None:
        """Take a table out, however it is written, with all tables below it."""
        for block in self._blocks:
            if block.path[: len(path)] == path:
                block.is_removed = True
        for length in range(len(path)):
            block, prefix = self._tables.get(path[:length]), path[length:]
            if block is not None:
                _remove_below(block, prefix)
        self._tables.pop(path, None)

    def _change_inline(self, path: Path, old: object, new: object) -> bool:
        """Change rows that are written as the value of one key; return whether that was done."""
        place = self._inline(path)
        if place is None or not isinstance(old, TableRows) or not isinstance(new, TableRows):
            return False
        block, entry = place
        start, end = entry.value_start, entry.value_end
        value = changed_rows(block.body[start:end], old, new)
        if value is not None:
            block.body = block.body[:start] + value + block.body[end:]
        return value is not None

    def _remove_inline(self, path: Path) -> bool:
        """Take out what is written as the value of one key; return whether it was."""
        place = self._inline(path)
        if place is not None:
            _remove_below(place[0], place[1].key)
        return place is not None

    def _inline(self, path: Path) -> tuple[TextBlock, Entry] | None:
        """Return the key whose value is a whole table or array, and the block that has it."""
        for length in range(len(path)):
            block, key = self._tables.get(path[:length]), path[length:]
            for entry in () if block is None else entries_of(block.body):
                if block is not None and entry.key == key:
                    return block, entry
        return None

    def _anchor(self, path: Path, order: list[str]) -> TextBlock:
        """Return the block after which a new table belongs: the last of what comes before it."""
        *parent, own = path
        for key in reversed(order[: order.index(own)]):
            found = self._last((*parent, key))
            if found is not None:
                return found
        return self._holder(tuple(parent))[0]

    def _last(self, path: Path) -> TextBlock | None:
        """Return the last block of a table or array and of all below it."""
        below = (block for block in reversed(self._blocks) if block.path[: len(path)] == path)
        return next(below, None)

    # Arrays of tables

    def _patch_rows(
        self, path: Path, before: TableRows, after: TableRows, order: list[str]
    ) -> None:
        blocks = self._rows.get(path, [])
        if before.order is not None:
            sort_key = before.order
            blocks = sorted(blocks, key=lambda block: sort_key(_decoded(block)))
        if len(blocks) != len(before.items):
            # The file says in other tables what these say: nothing tells which is which.
            for block in blocks:
                block.is_removed = True
            texts = [row_text(path, after.row(item)) for item in after.items]
            self._append(blocks[:1] or [self._anchor(path, order)], texts, "\n")
            return
        rows = _RowPatcher(path, blocks, before, after)
        rows.patch()
        if rows.unplaced:
            place = blocks[:1] or [self._anchor(path, order)]
            self._append(place, rows.unplaced, rows.between)

    @staticmethod
    def _append(place: Sequence[TextBlock], texts: Iterable[str], between: str) -> None:
        place[0].after.extend(between + text for text in texts)


class _RowPatcher:
    """The rows of one array: kept, changed, moved, added and taken out.

    ``unplaced`` are new ones that have no neighbour which stays; ``between`` separates rows.
    """

    def __init__(
        self, path: Path, blocks: list[TextBlock], before: TableRows, after: TableRows
    ) -> None:
        self.between = "" if blocks[1:] and not blocks[1].gap else "\n"
        self.unplaced: list[str] = []
        self._path = path
        self._blocks = blocks
        self._before = before
        self._after = after

    def patch(self) -> None:
        """Write what is different."""
        found = partners(self._before, self._after)
        kept = staying(found)
        for number in set(range(len(self._blocks))).difference(found):
            self._blocks[number].is_removed = True
        last: TextBlock | None = None
        for number, partner in enumerate(found):
            if partner is None or number not in kept:
                text = self._new_text(number, partner)
                if last is None:
                    self.unplaced.append(text)
                else:
                    last.after.append(self.between + text)
                continue
            block = self._blocks[partner]
            block.body = self._body(number, partner)
            if last is None:
                block.before.extend(text + self.between for text in self.unplaced)
                self.unplaced.clear()
            last = block

    def _new_text(self, number: int, partner: int | None) -> str:
        """Return the text of a row that is new at its place; a row that moved keeps its text."""
        if partner is None:
            return row_text(self._path, self._after.row(self._after.items[number]))
        block = self._blocks[partner]
        block.is_removed = True
        return block.head + self._body(number, partner)

    def _body(self, number: int, partner: int) -> str:
        """Return the text of a row that was there, with what changed in it."""
        block = self._blocks[partner]
        before, after = self._before.items[partner], self._after.items[number]
        if before == after:
            return block.body
        old, new = self._before.row(before), self._after.row(after)
        if block.body == row_text(self._path, old):
            return row_text(self._path, new)  # a row as it is written new has no way of its own
        table = TableText(block.body)
        table.apply(old, new)
        return table.body


def row_text(path: Path, row: Row) -> str:
    """Return a new row of the array at ``path``."""
    lines = [f"[[{'.'.join(path)}]]\n"]
    for key, cell in row.items():
        if cell is not None and (value := written(cell)) is not None:
            lines.append(f"{key} = {value.text()}\n")
    return "".join(lines)


def _is_table(*values: object) -> bool:
    return any(isinstance(value, TableRows | Mapping) for value in values)


def _cells(tree: Tree) -> Row:
    """Return the values of a table, without the tables in it."""
    return {key: cast("Cell", value) for key, value in tree.items() if not _is_table(value)}


def _rows(value: object) -> TableRows:
    return value if isinstance(value, TableRows) else TableRows((), dict)


def _tree(value: object) -> Tree:
    return cast("Tree", value) if isinstance(value, Mapping) else _NOTHING


def _has_below(block: TextBlock, prefix: Path) -> bool:
    """Whether a block has dotted keys below ``prefix``."""
    return any(entry.key[: len(prefix)] == prefix for entry in entries_of(block.body))


def _remove_below(block: TextBlock, prefix: Path) -> None:
    """Take the key ``prefix`` and all dotted keys below it out of a block."""
    for entry in reversed(entries_of(block.body)):
        if entry.key[: len(prefix)] == prefix:
            block.body = block.body[: entry.start] + block.body[entry.end :]


def _decoded(block: TextBlock) -> dict[str, Any]:
    """Return the values of one row."""
    found: Any = tomllib.loads(block.body)
    for key in block.path:
        found = found[key]
    return found[0]
