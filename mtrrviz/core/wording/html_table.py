"""A small HTML table, for what a notebook shows of a value; no text becomes markup."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


def html_table(header: Sequence[str], rows: Iterable[Sequence[object]], caption: str = "") -> str:
    """Return a table with a line of titles; without titles the first cell of a row is its title."""
    head = "".join(f"<th>{_escaped(title)}</th>" for title in header)
    body = "".join(_row(row, has_title=not header) for row in rows)
    return (
        f"<table><caption>{_escaped(caption)}</caption>"
        f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
    )


def _row(cells: Sequence[object], *, has_title: bool) -> str:
    words = [_escaped(str(cell)) for cell in cells]
    first = f"<th>{words[0]}</th>" if has_title else f"<td>{words[0]}</td>"
    return f"<tr>{first}{''.join(f'<td>{word}</td>' for word in words[1:])}</tr>"


def _escaped(text: str) -> str:
    # Only now: its table of all entities is for notebooks, and values that can be shown there are
    # in every command.
    from html import escape  # noqa: PLC0415

    return escape(text)
