"""One table written inline, ``{ t = 0.5, kind = "init" }``: changed as one in lines is."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

from mtrrviz.scenario.files.writing.table_patch import TableText
from mtrrviz.scenario.files.writing.table_tree import written
from mtrrviz.scenario.files.writing.toml_blocks import entries_of, nested

if TYPE_CHECKING:
    from mtrrviz.scenario.files.writing.table_tree import Row


def new_table(row: Row, model: str) -> str:
    """Return a new inline table, with spaces within the braces if ``model`` has some."""
    pad = " " if model[1:2] == " " else ""
    keys = ((key, None if cell is None else written(cell)) for key, cell in row.items())
    said = ", ".join(f"{key} = {value.text()}" for key, value in keys if value is not None)
    return f"{{{pad}{said}{pad}}}"


def changed_table(text: str, before: Row, after: Row) -> str:
    """Return an inline table, which says ``before``, so that it says ``after``."""
    pieces = _pieces(text)
    table = TableText("".join(f"{piece.strip()}\n" for piece in pieces))
    table.apply(before, after)
    body = table.body
    leads = {_key(piece): piece[: len(piece) - len(piece.lstrip())] for piece in pieces[1:]}
    ends = {_key(piece): piece[len(piece.rstrip()) :] for piece in pieces[:-1]}
    first, last = pieces[0], pieces[-1]
    said: list[str] = []
    for entry in entries_of(body):
        own = body[entry.start : entry.value_end]
        lead = leads.get(_key(own), " ") if said else first[: len(first) - len(first.lstrip())]
        said.append(f"{lead}{own}{ends.get(_key(own), '')}")
    return f"{{{','.join(said).rstrip()}{last[len(last.rstrip()) :]}}}"


def _pieces(text: str) -> list[str]:
    """Return the keys with their values, as they stand between the commas."""
    _, commas, _ = nested(text)
    edges = [0, *commas, len(text) - 1]
    return [text[a + 1 : b] for a, b in itertools.pairwise(edges)]


def _key(piece: str) -> str:
    return entries_of(piece.strip() + "\n")[0].key[0]
