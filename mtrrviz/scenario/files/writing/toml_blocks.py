"""TOML text cut into its tables without losing a byte, and a table into its keys.

Only the places of things are found here. The text has been read as TOML before, so what is no
valid TOML need not be told apart.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache

from mtrrviz.core.record import Record

Path = tuple[str, ...]
"""The names that lead to a table or a key."""

_BARE = r"[A-Za-z0-9_-]+"
_STRING = r"\"(?:[^\"\\\n]|\\.)*\"|'[^'\n]*'"
_PART = rf"(?:{_BARE}|{_STRING})"
_KEY = rf"{_PART}(?:[ \t]*\.[ \t]*{_PART})*+"
_END = r"[ \t\r]*(?:\#[^\n]*)?\n"
_SIMPLE_VALUE = r"(?:\"[^\"\\\n]*\"|[^\"'\[{\n\#\s](?:[^\"'\[{\n\#]*[^\"'\[{\n\#\s])?)"

_EMPTY_LINE = re.compile(_END)
_SIMPLE_LINES = re.compile(rf"(?:[ \t]*+(?:{_BARE}[ \t]*=[ \t]*{_SIMPLE_VALUE})?{_END})++")
_HEADER = re.compile(rf"[ \t]*(\[\[?)[ \t]*({_KEY})[ \t]*\]\]?{_END}")
_KEY_START = re.compile(rf"([ \t]*)({_KEY})([ \t]*=[ \t]*)")
_SIMPLE_REST = re.compile(rf"({_SIMPLE_VALUE}){_END}")
_PARTS = re.compile(_PART)
_TOKEN = re.compile(
    r"\"\"\"(?:[^\\]|\\.)*?\"\"\"+|'''.*?'''+"
    rf"|{_STRING}|\#[^\n]*|[\[\]{{}}]|[ \t\r\n]+|[^\"'\#\[\]{{}}\s]+",
    re.DOTALL,
)


@dataclass(slots=True, eq=False)
class TextBlock:
    """A table of the text: its header and keys, and what stands above.

    ``gap`` has the empty lines and the comments that belong to no table, ``head`` the comments
    right above the header, ``body`` the header and all up to the last key. ``before`` and
    ``after`` are new tables to be written there; the block itself may be left out.
    """

    path: Path
    is_row: bool
    gap: str
    head: str
    body: str
    is_removed: bool = False
    before: list[str] = field(default_factory=list[str])
    after: list[str] = field(default_factory=list[str])

    @property
    def text(self) -> str:
        """All of the block as it is to be written."""
        if self.is_removed:
            own = _without_last_empty_lines(self.gap) + "".join(self.before)
        else:
            own = "".join((self.gap, *self.before, self.head, self.body))
        return own + "".join(self.after) if self.after else own


class Entry(Record):
    """A key of a table: offsets of its lines and of its value in the body."""

    key: Path
    start: int
    value_start: int
    value_end: int
    end: int
    indent: str
    equals: str


def blocks_of(text: str) -> tuple[list[TextBlock], str]:
    """Return the tables of a text that ends with a newline, and what stands after the last key.

    The first block holds the keys above all headers; it has an empty path.
    """
    blocks: list[TextBlock] = []
    path: Path = ()
    is_row = False
    above = ("", "")
    start = pos = 0
    bound = 0  # where comments may begin: not within a text of several lines
    while pos < len(text):
        pos = _after_simple_lines(text, pos)
        header = _HEADER.match(text, pos)
        if header is None:
            if pos < len(text):
                pos = bound = _entry_at(text, pos).end
            continue
        body_end, head_start = _split(text, max(start, bound), pos)
        blocks.append(TextBlock(path, is_row, *above, text[start:body_end]))
        above = (text[body_end:head_start], text[head_start:pos])
        path, is_row = _key_path(header[2]), header[1] == "[["
        start, pos = pos, header.end()
        bound = pos
    body_end, _ = _split(text, max(start, bound), len(text))
    blocks.append(TextBlock(path, is_row, *above, text[start:body_end]))
    return blocks, text[body_end:]


def entries_of(body: str) -> list[Entry]:
    """Return the keys of a table in their order."""
    entries: list[Entry] = []
    header = _HEADER.match(body)
    pos = header.end() if header else 0
    while pos < len(body):
        empty = _EMPTY_LINE.match(body, pos)
        if empty is None:
            entries.append(_entry_at(body, pos))
            pos = entries[-1].end
        else:
            pos = empty.end()
    return entries


def _after_simple_lines(text: str, pos: int) -> int:
    """Return the end of the lines that hold a short value each, a comment or nothing."""
    lines = _SIMPLE_LINES.match(text, pos)
    return lines.end() if lines else pos


def _entry_at(text: str, pos: int) -> Entry:
    """Return the key that begins at ``pos``."""
    start = _KEY_START.match(text, pos)
    if start is None:
        raise ValueError(f"no key at {pos}")
    key, value_start = _key_path(start[2]), start.end()
    rest = _SIMPLE_REST.match(text, value_start)
    if rest is not None:
        return Entry(key, pos, value_start, rest.end(1), rest.end(), start[1], start[3])
    value_end, end = _value_end(text, value_start)
    return Entry(key, pos, value_start, value_end, end, start[1], start[3])


def _value_end(text: str, pos: int) -> tuple[int, int]:
    """Return the end of the value at ``pos``, and that of its last line."""
    depth, value_end = 0, pos
    while pos < len(text):
        token = _TOKEN.match(text, pos)
        if token is None:
            raise ValueError(f"no value at {pos}")
        word = token[0]
        if word in ("[", "{"):
            depth += 1
        elif word in ("]", "}"):
            depth -= 1
        if depth == 0 and word.isspace() and "\n" in word:
            return value_end, pos + word.index("\n") + 1
        if not word.isspace() and not word.startswith("#"):
            value_end = token.end()
        pos = token.end()
    return value_end, pos


def nested(value: str) -> tuple[list[tuple[int, int]], list[int], bool]:
    """Return what is right below the brackets around an array or an inline table.

    That is where each table begins and ends, where the commas are, and whether there is more than
    these, white space and comments.
    """
    tables: list[tuple[int, int]] = []
    commas: list[int] = []
    has_others = False
    depth, start = 0, 0
    for token in _TOKEN.finditer(value):
        word, is_within = token[0], depth == 1
        if word in ("[", "{"):
            depth += 1
            start = token.start() if is_within else start
            has_others |= is_within and word == "["
        elif word in ("]", "}"):
            depth -= 1
            if depth == 1 and word == "}":
                tables.append((start, token.end()))
        elif is_within and not word.isspace() and word[0] != "#":
            is_bare = word[0] not in "\"'"
            commas += [token.start() + i for i, c in enumerate(word) if is_bare and c == ","]
            has_others |= word.strip(",") != ""
    return tables, commas, has_others


@lru_cache(maxsize=1024)
def _key_path(key: str) -> Path:
    """Return the parts of a dotted key; quotes are taken off, which is all that known keys need."""
    return tuple(part.strip("\"'") for part in _PARTS.findall(key))


def _split(text: str, start: int, end: int) -> tuple[int, int]:
    """Return where the comments and empty lines before ``end`` begin, and the last comments."""
    body_end, head_start, is_head = end, end, True
    while body_end > start:
        line_start = max(text.rfind("\n", 0, body_end - 1) + 1, start)
        line = text[line_start:body_end].strip()
        if line and not line.startswith("#"):
            break
        is_head = is_head and bool(line)
        body_end = line_start
        if is_head:
            head_start = line_start
    return body_end, head_start


def _without_last_empty_lines(gap: str) -> str:
    stripped = gap.rstrip()
    return stripped + "\n" if stripped else ""
