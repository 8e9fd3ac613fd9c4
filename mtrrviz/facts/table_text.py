"""Tables as text to paste: tab-separated lines under a line of names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mtrrviz.facts.formulas import without_formula

if TYPE_CHECKING:
    from collections.abc import Iterable

_BLANKS = str.maketrans({"\t": " ", "\n": " ", "\r": " "})


def tab_separated(names: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """Return a line of names and a line a row, cells between tabs; cells stay on their line.

    What a spreadsheet would compute has a ' before it.
    """
    lines = [[cell.translate(_BLANKS).strip() for cell in line] for line in (names, *rows)]
    return "\n".join("\t".join(map(without_formula, line)) for line in lines)
