"""Text that a spreadsheet would take for a formula.

Spreadsheets compute cells that begin with = + - or @, of CSV files and of what is pasted, and a
formula may start programs or fetch addresses. Names and notes come from files of others.
"""

from __future__ import annotations

import re

FORMULA_SIGNS = frozenset("=+-@\t\r")
"""What a formula begins with; blanks count, since they are passed over."""

_NUMBER = re.compile(r"[+-]?[0-9][0-9.,]{0,40}(?: ?[A-Za-zµ%]{1,20})?|-")


def without_formula(text: str) -> str:
    """Return a cell's text, with ' before it where a spreadsheet would compute it.

    Numbers with a sign stay as they are, also those with a unit.
    """
    if text[:1] not in FORMULA_SIGNS or _NUMBER.fullmatch(text):
        return text
    return f"'{text}"
