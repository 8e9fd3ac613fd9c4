"""Arrays of tables as TOML text, written directly: a recording has many thousands of events."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import tomlkit
from tomlkit.items import Item

Row = Mapping[str, str | int | float | Item | None]
"""Keys and values of one table; None leaves a key out, an item is written in its own form."""


def rows_text(name: str, rows: Sequence[Row]) -> str:
    """Return the tables ``[[name]]`` one below the other, each after an empty line."""
    return "".join(f"\n[[{name}]]\n{_lines(row)}" for row in rows)


def _lines(row: Row) -> str:
    return "".join(f"{key} = {_value(value)}\n" for key, value in row.items() if value is not None)


def _value(value: str | float | Item) -> str:
    """Return a value as TOML writes it."""
    if isinstance(value, Item):
        return value.as_string()
    if isinstance(value, str) and value.isprintable() and not {'"', "\\"} & set(value):
        return f'"{value}"'
    return tomlkit.item(value).as_string()
