"""Aligned text tables for terminals."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

Align = Literal["left", "right"]

_GAP = "  "


def printable(text: str) -> str:
    """Return text on one line, with what could steer a terminal replaced by "?".

    Names and titles come from files, and a file must not move the cursor.
    """
    return "".join(char if char.isprintable() else "?" for char in text)


def text_table(
    header: Sequence[str], rows: Sequence[Sequence[str]], align: Sequence[Align]
) -> list[str]:
    """Return a table as lines without trailing blanks: header, then rows, columns aligned.

    ValueError if a row and the header differ in length.
    """
    cells = [[printable(cell) for cell in row] for row in (header, *rows)]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    return [_line(row, widths, align) for row in cells]


def _line(row: Sequence[str], widths: Sequence[int], align: Sequence[Align]) -> str:
    """Pad each cell to its column's width on the side its alignment leaves open."""
    padded = [
        cell.rjust(width) if side == "right" else cell.ljust(width)
        for cell, width, side in zip(row, widths, align, strict=True)
    ]
    return _GAP.join(padded).rstrip()
