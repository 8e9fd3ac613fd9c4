"""Finding TOML of very many or very long parts, which would take much time and memory to read.

The lines that scenarios are long of (headers, known keys and simple values, rows) are passed at
once, and no more of each than a scenario may have. What is between them is counted and measured: no
scenario has much of it, however long it is.
"""

from __future__ import annotations

import re
from functools import cache

from mtrrviz.scenario.files.endless_keys import TOKENS
from mtrrviz.scenario.files.schema import TABLES, most_rows

#: Texts up to this length are read whatever is in them.
SMALL_CHARS = 1 << 16
#: Most names, values and signs between familiar lines.
MAX_STRANGE_TOKENS = 50_000
#: Most lines; a row of a table alone is longer than a scenario of so many lines may be.
MAX_LINES = 4_000_000
#: Longest number, date or bare key: the TOML reader takes a hundred bytes for each of its digits.
MAX_WORD_CHARS = 1000
#: Longest string as it is spelled, or space: the TOML reader goes through it sign by sign.
MAX_STRING_CHARS = 1 << 18

_TOO_MANY = "there are too many keys, tables or values"
_TOO_LONG = "a number, a name or a text is far too long"
_NAME = "|".join(
    sorted({*TABLES, *(key for table in TABLES.values() for key in table.__struct_fields__)})
)
_SIMPLE = r"""(?:[\w.+:-]{1,400}+|"(?:[^"\\\n]|\\.){0,10000}+"|'[^'\n]{0,10000}+')"""
_SPACE = r"[ \t]{0,1000}+"
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


def too_broad(text: str) -> tuple[int, str] | None:
    """Return the line, from 1, at which there is too much for any scenario, and what; else None."""
    if len(text) <= SMALL_CHARS:
        return None
    if text.count("\n") > MAX_LINES:
        return MAX_LINES, "there are too many lines"
    for mark, most in _most_of_each().items():
        if text.count(mark) > most:
            return _line_of(text, mark, most), _TOO_MANY
    familiar_lines, one_token = _patterns()
    place = count = 0
    while place < len(text):
        familiar = familiar_lines.match(text, place)
        if familiar is not None:
            place = familiar.end()
            continue
        token = one_token.match(text, place)
        end = token.end() if token is not None and token.end() > place else place + 1
        count += 1
        if count > MAX_STRANGE_TOKENS:
            return text.count("\n", 0, end) + 1, _TOO_MANY
        if end - place > MAX_WORD_CHARS and _is_too_long(text[place], end - place):
            return text.count("\n", 0, place) + 1, _TOO_LONG
        place = end
    return None


def _line_of(text: str, mark: str, number: int) -> int:
    """Return the line of the mark before which there are so many of it."""
    place = -1
    for _ in range(number + 1):
        place = text.find(mark, place + 1)
    return text.count("\n", 0, place) + 1


def _is_too_long(first: str, chars: int) -> bool:
    """Whether a token that begins with a character is longer than one of its kind may be."""
    if first == "#":  # a comment, which the TOML reader passes at once
        return False
    return chars > (MAX_STRING_CHARS if first in "\"' \t" else MAX_WORD_CHARS)


@cache
def _most_of_each() -> dict[str, int]:
    """Return how many there may be of each header of a list of tables, and of rows.

    A header is familiar in this spelling alone. Rows may be of any list.
    """
    most = most_rows()
    return {**{f"[[{name}]]": rows for name, rows in most.items()}, "{": sum(most.values())}


@cache
def _patterns() -> tuple[re.Pattern[str], re.Pattern[str]]:
    """Return the patterns of familiar lines and of one token; few files are so long as to need it.

    To compile them takes longer than to read most scenarios.
    """
    return re.compile(_FAMILIAR, re.MULTILINE), re.compile(_TOKEN)
