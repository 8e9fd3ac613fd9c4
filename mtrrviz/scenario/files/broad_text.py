"""Finding TOML of very many keys, tables or values, which would take much time and memory to read.

The lines that scenarios are long of (headers, known keys and simple values, rows) are passed at
once. What is between them is counted: no scenario has much of it, however long it is.
"""

from __future__ import annotations

import re
from functools import cache

from mtrrviz.scenario.files.endless_keys import TOKENS
from mtrrviz.scenario.files.schema import TABLES

#: Texts up to this length are read whatever is in them.
SMALL_CHARS = 1 << 16
#: Most names, values and signs between familiar lines.
MAX_STRANGE_TOKENS = 50_000

_NAME = "|".join(
    sorted({*TABLES, *(key for table in TABLES.values() for key in table.__struct_fields__)})
)
_SIMPLE = r"""(?:[\w.+:-]{1,400}+|"(?:[^"\\\n]|\\.)*+"|'[^'\n]*+')"""
_SPACE = r"[ \t]*+"
_LIST = rf"\[{_SPACE}(?:{_SIMPLE}{_SPACE},?{_SPACE}){{0,128}}+\]"
_PAIR = rf"(?:{_NAME}){_SPACE}={_SPACE}(?:{_SIMPLE}|{_LIST})"
_ROW = rf"\{{{_SPACE}{_PAIR}(?:{_SPACE},{_SPACE}{_PAIR})*+{_SPACE}\}}{_SPACE},?"
_HEADER = rf"\[\[?(?:{_NAME})(?:\.(?:{_NAME}))?\]\]?"
_LINE_END = rf"{_SPACE}(?:#[^\n]*+)?(?:\r?\n|\Z)"
_LINES = (
    rf"{_PAIR}{_LINE_END}",
    rf"{_ROW}{_LINE_END}",
    rf"{_HEADER}{_LINE_END}(?!{_SPACE}\[)",  # a table without keys is no part of any scenario
    r"(?:#[^\n]*+)?\r?\n",
)
_FAMILIAR = rf"(?:^{_SPACE}(?:{'|'.join(_LINES)}))++"
_BETWEEN = r"\n|[\[\]{},]|[^\w\-\"'#\n\[\]{},]++"
_TOKEN = "|".join((_BETWEEN, *TOKENS))


def too_broad_line(text: str) -> int | None:
    """Return the line, from 1, at which there is too much that no scenario has, else None."""
    if len(text) <= SMALL_CHARS:
        return None
    familiar_lines, one_token = _patterns()
    place = count = 0
    while place < len(text):
        familiar = familiar_lines.match(text, place)
        if familiar is not None:
            place = familiar.end()
            continue
        token = one_token.match(text, place)
        place = token.end() if token is not None and token.end() > place else place + 1
        count += 1
        if count > MAX_STRANGE_TOKENS:
            return text.count("\n", 0, place) + 1
    return None


@cache
def _patterns() -> tuple[re.Pattern[str], re.Pattern[str]]:
    """Return the patterns of familiar lines and of one token; few files are so long as to need it.

    To compile them takes longer than to read most scenarios.
    """
    return re.compile(_FAMILIAR, re.MULTILINE), re.compile(_TOKEN)
