"""Tables as text to paste: tab-separated lines under a line of names."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

_BLANKS = str.maketrans({"\t": " ", "\n": " ", "\r": " "})


def tab_separated(names: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """Return a line of names and a line a row, cells between tabs; cells stay on their line."""
    return "\n".join(
        "\t".join(cell.translate(_BLANKS).strip() for cell in line) for line in (names, *rows)
    )
