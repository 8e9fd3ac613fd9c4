"""A small HTML table, for what a notebook shows of a value; no text becomes markup."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


def html_table(header: Sequence[str], rows: Iterable[Sequence[object]], caption: str = "") -> str:
    """Return a table with a line of titles; without titles the first cell of a row is its title."""
    head = "".join(f"<th>{escape(title)}</th>" for title in header)
    body = "".join(_row(row, has_title=not header) for row in rows)
    return (
        f"<table><caption>{escape(caption)}</caption>"
        f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
    )


def _row(cells: Sequence[object], *, has_title: bool) -> str:
    words = [escape(str(cell)) for cell in cells]
    first = f"<th>{words[0]}</th>" if has_title else f"<td>{words[0]}</td>"
    return f"<tr>{first}{''.join(f'<td>{word}</td>' for word in words[1:])}</tr>"
