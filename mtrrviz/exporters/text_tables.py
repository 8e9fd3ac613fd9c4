"""Aligned text tables for terminals."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

_GAP = "  "


def one_line(text: str) -> str:
    """Return text without line breaks: names and titles come from files and may hold any."""
    return " ".join(text.split())


def text_table(
    header: Sequence[str], rows: Sequence[Sequence[str]], left_columns: int = 1
) -> list[str]:
    """Return a table as lines without trailing blanks: header, then rows.

    The first ``left_columns`` hold words and are aligned left, the others numbers. ValueError if
    a row and the header differ in length.
    """
    cells = [[one_line(cell) for cell in row] for row in (header, *rows)]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    return [_line(row, widths, left_columns) for row in cells]


def _line(row: Sequence[str], widths: Sequence[int], left_columns: int) -> str:
    """Pad each cell to its column's width on the side its alignment leaves open."""
    padded = [
        cell.ljust(width) if column < left_columns else cell.rjust(width)
        for column, (cell, width) in enumerate(zip(row, widths, strict=True))
    ]
    return _GAP.join(padded).rstrip()
