"""Lines that mail and terminals cut, put together again.

Quoted-printable ends a cut line with "="; a mail program breaks it at a space and repeats the
quote but not the head; a terminal breaks it anywhere. Whether two pieces are one line is asked
of the formats: they are if the whole says at least what its pieces say.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from mtrrviz.core.record import Record
from mtrrviz.importers.kernel.beginnings import may_tell
from mtrrviz.importers.lines.heads import Head, take_off_heads
from mtrrviz.importers.lines.markup import is_printable_coded, printable_decoded
from mtrrviz.importers.lines.surroundings import is_journal_field, is_shell

SHORTEST_WRAP = 60
"""No line is wrapped if its next word would still end before this column, or before the end of the
longest line of its paragraph: a narrow one was wrapped there."""

LOOKED_AHEAD = 4
"""Pieces that together may be one line though the first few of them say nothing yet."""

FEW_AHEAD = 2
"""Pieces tried together after :data:`MAX_SILENT`."""

MAX_SILENT, MAX_SILENT_LOG = 200, 500
"""Lines in a row that say nothing, with or without those behind them, after which fewer pieces are
tried: a long text that is no dump would take seconds. The second is for lines that may be of a log
by their beginning. The next line that says something ends it."""

MIN_CUT_LINES = 3
"""So many lines of the same greatest width were cut by a terminal."""

_SOFT_WIDTHS = range(70, 78)
_DRESSED_WIDTHS = range(70, 111)
"""Widths of lines with a soft end: as they were sent, and with what stands around them since."""

MAX_JOINED = 8
"""Most pieces of one line."""

MAX_JOINED_CHARS = 4000
"""Longest line that is put together."""

_SENTENCE = re.compile(r"[.?!:]\s*$|(?:\b[A-Za-z]{1,20} ){4}")

Numbered = tuple[int, str]
"""A line with its number in the text."""

Counter = Callable[[str], int]
"""Returns how many facts the formats find in a line."""


@dataclass(slots=True)
class LinePiece:
    """A line without its heads; ``width`` counts its characters with them, ``raw`` has them."""

    number: int
    text: str
    head: Head
    width: int
    raw: str = ""


def soft_ends_joined(lines: Iterable[Numbered]) -> list[Numbered]:
    """Return lines of quoted-printable decoded, those with a soft end joined to the next.

    A line with an "=" that encodes nothing is left as it is.
    """
    found: list[Numbered] = []
    is_open, indent = False, 0
    for number, line in lines:
        is_coded = is_printable_coded(line)
        text = line.rstrip() if is_coded else line
        ends_soft = is_coded and text.endswith("=")
        text = printable_decoded(text[:-1] if ends_soft else line) if is_coded else line
        if is_open and len(found[-1][1]) < MAX_JOINED_CHARS:
            found[-1] = (found[-1][0], found[-1][1] + _rest(text, indent))
        else:
            found.append((number, text))
            indent = len(text) - len(text.lstrip())
        is_open = ends_soft
    return found


def _rest(text: str, indent: int) -> str:
    """Return the rest of a line without the quotes or the indentation that its start has too."""
    rest, head = take_off_heads(text)
    if head is Head.QUOTE:
        return rest
    return text[indent:] if text[:indent].isspace() else text


def is_quoted_printable(lines: Sequence[str]) -> bool:
    """Return whether a text is quoted-printable: "=3D" in it, or several soft ends."""
    return _is_coded(lines, _SOFT_WIDTHS)


def is_dressed_printable(lines: Sequence[str]) -> bool:
    """Return whether the lines of a text are quoted-printable behind what was put before them."""
    return _is_coded(lines, _DRESSED_WIDTHS)


def _is_coded(lines: Sequence[str], soft_widths: range) -> bool:
    with_sign = [line for line in lines if "=" in line]
    if any("=3D" in line and is_printable_coded(line) for line in with_sign):
        return True
    soft = [line for line in with_sign if line.endswith("=") and len(line) in soft_widths]
    return sum(map(is_printable_coded, soft)) >= 2


def wrapped_joined(pieces: Iterable[LinePiece], count: Counter) -> Iterator[LinePiece]:
    """Yield the lines that pieces make, each with the number of its first piece."""
    pieces = list(pieces)
    wraps = _wrap_columns(pieces)
    joiner = _Joiner(count, _cut_width(pieces))
    index, last, silent = 0, len(pieces) - 1, 0
    while index <= last:
        # Most lines of a log are followed by another one that has a head: nothing to ask.
        if index == last or pieces[index + 1].head >= Head.LOG:
            yield pieces[index]
            index += 1
            continue
        limit = MAX_SILENT_LOG if _may_say_something(pieces[index]) else MAX_SILENT
        ahead = LOOKED_AHEAD if silent < limit else FEW_AHEAD
        line, index = _line_from(pieces, index, wraps, joiner, ahead)
        silent = 0 if count(line.text) else silent + 1
        yield line


def _may_say_something(piece: LinePiece) -> bool:
    """Return whether a piece begins as a line of a log that tells anything."""
    return piece.head >= Head.LOG or may_tell(piece.text)


def _line_from(
    pieces: list[LinePiece], index: int, wraps: list[int], joiner: _Joiner, ahead: int
) -> tuple[LinePiece, int]:
    """Return the line that begins at a piece, and where the next one begins.

    At most ``ahead`` pieces are tried together.
    """
    line, end = pieces[index], index + 1
    while end - index < MAX_JOINED:
        run = _run(pieces, index, end, wraps, ahead)
        wholes = (joiner.whole(line, run[:many]) for many in range(2, len(run) + 1))
        joined = next(filter(None, wholes), None)
        if joined is None:
            break
        text, many = joined
        line, end = LinePiece(line.number, text, line.head, line.width), end + many
    return line, end


def _run(
    pieces: list[LinePiece], start: int, end: int, wraps: list[int], ahead: int
) -> list[LinePiece]:
    """Return the pieces from ``end`` on that may go on with the line that began at ``start``.

    The piece before them is the first of the list.
    """
    run = [pieces[end - 1]]
    for place in range(end, min(end + ahead - 1, start + MAX_JOINED, len(pieces))):
        if not _may_continue(pieces[start], run[-1].width, pieces[place], wraps[place]):
            break
        run.append(pieces[place])
    return run


def _may_continue(last: LinePiece, width: int, piece: LinePiece, wrap: int) -> bool:
    """Return whether a piece may be the rest of a line.

    ``width`` is of the line's last piece, ``wrap`` the column at which their paragraph is wrapped.
    """
    if piece.head >= Head.LOG or not last.text.strip() or len(last.text) > MAX_JOINED_CHARS:
        return False
    word = piece.text.split(None, 1)[:1]
    if not word or width + 1 + len(word[0]) <= wrap:
        return False
    return not is_shell(piece.text) and not is_journal_field(piece.text)


def _cut_width(pieces: list[LinePiece]) -> int:
    """Return the width at which a terminal cut lines: of the longest, if several have it."""
    widths = [piece.width for piece in pieces]
    longest = max(widths, default=0)
    return longest if widths.count(longest) >= MIN_CUT_LINES else 0


def _wrap_columns(pieces: list[LinePiece]) -> list[int]:
    """Return for each piece the column at which its paragraph may be wrapped."""
    columns: list[int] = []
    block: list[LinePiece] = []
    for piece in [*pieces, LinePiece(0, "", Head.NONE, 0)]:
        block.append(piece)
        if not piece.text.strip():
            widest = max((one.width for one in block if " " in one.text.strip()), default=0)
            columns += [min(widest, SHORTEST_WRAP)] * len(block)
            block = []
    return columns


class _Joiner(Record):
    """Puts pieces together if they are one line; a terminal may have cut at ``cut_at``."""

    count: Counter
    cut_at: int

    def whole(self, line: LinePiece, run: list[LinePiece]) -> tuple[str, int] | None:
        """Return a line with the pieces behind the first of a run, and their number."""
        count, rest = self.count, run[1:]
        apart = count(line.text) + sum(count(piece.text) for piece in rest)
        joints = self._joints(line.text, run)
        for joined in joints:
            if count(joined) > apart:
                return joined, len(rest)
        # In a log a line without a head is the rest of the one before, unless it is a sentence.
        is_rest = len(rest) == 1 and line.head >= Head.LOG and not _SENTENCE.search(rest[0].text)
        joined = next((j for j in joints if is_rest and count(j) >= apart), None)
        return None if joined is None else (joined, 1)

    def _joints(self, text: str, run: list[LinePiece]) -> list[str]:
        """Return the ways to put a line together: with a space or without, each time."""
        joints = [text]
        for before, piece in pairwise(run):
            ways = [(f"{one.rstrip()} {piece.text.strip()}", one + piece.text) for one in joints]
            is_cut = before.width == self.cut_at
            joints = [way[::-1][n] if is_cut else way[n] for n in (0, 1) for way in ways]
        return joints
