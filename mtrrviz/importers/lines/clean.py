"""The reader in front of all dump formats: clean lines, each with its place in the text.

In any combination and nesting it takes off what :mod:`heads <mtrrviz.importers.lines.heads>`,
:mod:`markup <mtrrviz.importers.lines.markup>` and
:mod:`wrapping <mtrrviz.importers.lines.cut_lines>` know.
"""

from __future__ import annotations

import itertools
import re
from typing import TYPE_CHECKING

from mtrrviz.core.record import Record
from mtrrviz.importers.lines.cut_lines import (
    Counter,
    LinePiece,
    Numbered,
    is_dressed_printable,
    soft_ends_joined,
    wrapped_joined,
)
from mtrrviz.importers.lines.heads import Head, take_off_heads
from mtrrviz.importers.lines.joined import MIN_JOINED_CHARS, taken_apart
from mtrrviz.importers.lines.markup import (
    is_fence,
    unpacked_strings,
    without_colours,
    without_tags,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

MAX_NESTING = 4
"""Most layers of strings and quotes in one another that are opened."""

MIN_UNPACKED = 4096
SHORTEST_UNPACKED = 16
"""Strings and tags of a piece of a text are opened while they hold at most so many lines, and one
more for so many characters of it: what holds more is no log, and would cost far more than one."""

CHECKED_LINES = 5000
"""A piece of a text of no more lines is cleaned whole; of a longer one a sample decides."""

SAMPLED_LINES = 500

_MARKED = re.compile(r"[\"'<&`\\\x1b]|\[\d{1,3}(?:;\d{1,3}){0,4}m")
"""What a line has in which something is to be opened: most lines of a log have none of it."""

_LIST_NUMBER = re.compile(r"\s{0,12}(\d{1,7})(?:\t|[:|] ?)")
_INDENT = re.compile(r"[ \t]*")


class CleanLines(Record):
    """Lines to be given to formats: their places, ascending, and what their heads told."""

    lines: list[str]
    numbers: Sequence[int]
    heads: list[Head]


def needs_cleaning(lines: Sequence[str]) -> bool:
    """Return whether anything may have to come off a piece of a text.

    Long pieces are judged by a sample: what is left of them is cleaned when no format wants it.
    """
    if len(lines) <= CHECKED_LINES:
        return True
    sample = lines[:: len(lines) // SAMPLED_LINES]
    return any(_is_dressed(line) for line in sample)


def _is_dressed(line: str) -> bool:
    if line.endswith("=") or any(mark in line for mark in '"<&`'):
        return True
    return take_off_heads(line)[1] is not Head.NONE


def cleaned(
    lines: Sequence[str], numbers: Sequence[int], count: Counter, *, is_coded: bool
) -> CleanLines:
    """Return lines without what is not theirs, joined where they were cut.

    ``count`` says how many facts the formats find in a line; ``is_coded`` that the text is
    quoted-printable. Blank lines are kept.
    """
    numbered: Iterable[Numbered] = zip(numbers, _unnumbered(list(lines)), strict=True)
    if is_coded:
        numbered = soft_ends_joined(numbered)
    pieces = _decoded_within(_pieces(numbered))
    whole = list(wrapped_joined(_without_list_numbers(_without_indents(pieces)), count))
    return CleanLines(
        [piece.text for piece in whole],
        [piece.number for piece in whole],
        [piece.head for piece in whole],
    )


def _pieces(numbered: Iterable[Numbered]) -> list[LinePiece]:
    """Return all lines without heads; one line of the text may hold several."""
    numbered = list(numbered)
    room = MIN_UNPACKED + sum(len(line) for _, line in numbered) // SHORTEST_UNPACKED
    found: list[LinePiece] = []
    for number, line in numbered:
        is_marked = _MARKED.search(line) is not None
        if not is_marked and len(line) < MIN_JOINED_CHARS and "~" not in line:
            # One line with nothing in it to be opened, as most are.
            rest, head = take_off_heads(line)
            found.append(LinePiece(number, rest, head, len(line), line))
            continue
        opened = [line]
        if is_marked:
            opened = _opened_within(line, room)
            room -= len(opened) - 1
        opened = [part for text in opened for part in taken_apart(text)]
        found.extend(_bare(number, opened))
    return found


def _decoded_within(pieces: list[LinePiece]) -> list[LinePiece]:
    """Return pieces as they are or, if they are quoted-printable, those of the decoded lines.

    Their heads are not taken off before: what is cut may begin with half of one.
    """
    lines = _unnumbered([piece.raw for piece in pieces])
    if not is_dressed_printable(lines):
        return pieces
    numbers = [piece.number for piece in pieces]
    return _pieces(soft_ends_joined(zip(numbers, lines, strict=True)))


def _opened_within(line: str, room: int) -> list[str]:
    """Return the lines inside a line, or the line itself if there are more than ``room``."""
    ends = line.count("\\n")
    # Each string in quotes that holds an end of line gives one more line than ends.
    if ends + min(ends, line.count('"') // 2) > room:
        return [line]
    opened = _opened(line, MAX_NESTING)
    return opened if len(opened) <= room else [line]


def _bare(number: int, opened: list[str]) -> Iterator[LinePiece]:
    """Yield the lines, at least one, that a line of the text holds, without their heads."""
    for text in opened:
        rest, head = ("", Head.NONE) if is_fence(text) else take_off_heads(text)
        raw = text
        if "`" in text:  # Markdown's marks of code are no part of a line
            rest, raw = rest.replace("`", ""), text.replace("`", "")
        yield LinePiece(number, rest, head, len(text), raw)
    if not opened:
        yield LinePiece(number, "", Head.NONE, 0)


def _opened(line: str, nesting: int) -> list[str]:
    """Return the lines inside a line's tags, entities and strings."""
    if "[" in line or "\x1b" in line:
        line = without_colours(line)
    inside = [line]
    if '"' in line or "'" in line:
        inside = unpacked_strings(take_off_quotes(line))
    if inside == [line] and ("<" in line or "&" in line):
        inside = without_tags(line)
    if inside == [line] or not nesting:
        return inside
    return [part for text in inside for part in _opened(text, nesting - 1)]


def take_off_quotes(text: str) -> str:
    """Return a line without its heads if a quoted string follows them, else as it is."""
    rest, head = take_off_heads(text)
    bare = rest.strip(" \t`")
    return bare if head is not Head.NONE and bare[:1] in ("'", '"', "{") else text


def _without_indents(pieces: list[LinePiece]) -> list[LinePiece]:
    """Take off the indentation that all lines of a paragraph have, where no head told it."""
    start = 0
    for end in range(1, len(pieces) + 1):
        if end < len(pieces) and pieces[end].text.strip():
            continue
        block = [piece for piece in pieces[start:end] if piece.text.strip()]
        indents = [_indent(piece.text) for piece in block]
        common = min(map(len, indents), default=0)
        if common >= 2 and len(block) > 1 and all(p.head <= Head.QUOTE for p in block):
            for piece in block:
                piece.text = piece.text[common:]
        start = end + 1
    return pieces


def _indent(text: str) -> str:
    found = _INDENT.match(text)
    return found[0] if found else ""


def _without_list_numbers(pieces: list[LinePiece]) -> list[LinePiece]:
    """Take off line numbers that stood behind a quote, and heads behind them."""
    for piece, text in zip(pieces, _unnumbered([p.text for p in pieces]), strict=True):
        if text is not piece.text:
            piece.text, head = take_off_heads(text)
            piece.head = max(piece.head, head)
    return pieces


def _unnumbered(texts: list[str]) -> list[str]:
    """Return lines without the numbers of `cat -n` and the like, which go up by one from there.

    They are columns of something else if few lines have them or if they start at zero.
    """
    found = [_LIST_NUMBER.match(text) for text in texts]
    values = [int(match[1]) for match in found if match]
    if len(values) < 3 or len(values) * 5 < sum(1 for text in texts if text.strip()) * 4:
        return texts
    steps = sum(1 for one, other in itertools.pairwise(values) if other == one + 1)
    if values[0] == 0 or steps * 5 < (len(values) - 1) * 4:
        return texts
    pairs = zip(texts, found, strict=True)
    return [text[match.end() :] if match else text for text, match in pairs]


def cut_before_last_line(lines: Sequence[str], most: int = 64) -> int:
    """Return where to cut a piece of a text so that no line put together is cut in two.

    At most ``most`` lines from the end: before a line that begins one of its own.
    """
    for index in range(len(lines) - 1, max(len(lines) - most, 0), -1):
        if not lines[index].strip() or take_off_heads(lines[index])[1] >= Head.LOG:
            return index
    return len(lines)
