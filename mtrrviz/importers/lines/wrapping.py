"""Lines that mail and terminals cut, put together again.

Quoted-printable ends a cut line with "="; a mail program breaks it at a space and repeats the
quote but not the head; a terminal breaks it anywhere. Whether two pieces are one line is asked
of the formats: they are if the whole says at least what its pieces say.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from mtrrviz.importers.lines.heads import Head, take_off_heads
from mtrrviz.importers.lines.markup import is_printable_coded, printable_decoded
from mtrrviz.importers.lines.surroundings import is_journal_field, is_shell

SHORTEST_WRAP = 60
"""No line is wrapped if its next word would still end before this column."""

MIN_CUT_LINES = 3
"""So many lines of the same greatest width were cut by a terminal."""

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
    """A line without its heads; ``width`` counts its characters with them."""

    number: int
    text: str
    head: Head
    width: int


def soft_ends_joined(lines: Iterable[Numbered]) -> list[Numbered]:
    """Return lines of quoted-printable decoded, those with a soft end joined to the next.

    A line in which some "=" means itself is left as it is.
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


def soft_pieces_joined(pieces: list[LinePiece]) -> list[LinePiece]:
    """Return pieces that still are quoted-printable, as where coded mail is quoted, decoded."""
    if not is_quoted_printable([piece.text for piece in pieces]):
        return pieces
    joined = soft_ends_joined((index, piece.text) for index, piece in enumerate(pieces))
    for index, text in joined:
        pieces[index].text = text
    return [pieces[index] for index, _ in joined]


def is_quoted_printable(lines: Sequence[str]) -> bool:
    """Return whether a text is quoted-printable: "=3D" in it, or several soft ends."""
    with_sign = [line for line in lines if "=" in line]
    if any("=3D" in line and is_printable_coded(line) for line in with_sign):
        return True
    soft = [line for line in with_sign if line.endswith("=") and 70 <= len(line) <= 77]
    return sum(map(is_printable_coded, soft)) >= 2


def wrapped_joined(pieces: Iterable[LinePiece], count: Counter) -> Iterator[LinePiece]:
    """Yield the lines that pieces make, each with the number of its first piece."""
    last: LinePiece | None = None
    many = 1
    width = 0
    pieces = list(pieces)
    cut_at = _cut_width(pieces)
    for piece in pieces:
        if last is not None and many < MAX_JOINED and _may_continue(last, width, piece):
            whole = _whole(last, piece, count, is_cut=width == cut_at)
            if whole is not None:
                last = LinePiece(last.number, whole, last.head, last.width)
                many, width = many + 1, piece.width
                continue
        if last is not None:
            yield last
        last, many, width = piece, 1, piece.width
    if last is not None:
        yield last


def _may_continue(last: LinePiece, width: int, piece: LinePiece) -> bool:
    """Return whether a piece may be the rest of the line before; ``width`` is of its last piece."""
    if piece.head >= Head.LOG or not last.text.strip() or len(last.text) > MAX_JOINED_CHARS:
        return False
    word = piece.text.split(None, 1)[:1]
    return bool(word) and width + 1 + len(word[0]) > SHORTEST_WRAP and not _is_around(piece.text)


def _is_around(text: str) -> bool:
    """Return whether a piece is a line of what surrounds a log."""
    return is_shell(text) or is_journal_field(text)


def _cut_width(pieces: list[LinePiece]) -> int:
    """Return the width at which a terminal cut lines: of the longest, if several have it."""
    widths = [piece.width for piece in pieces]
    longest = max(widths, default=0)
    return longest if widths.count(longest) >= MIN_CUT_LINES else 0


def _whole(last: LinePiece, piece: LinePiece, count: Counter, *, is_cut: bool) -> str | None:
    """Return two pieces as one line if they are one; ``is_cut`` if a terminal may have cut it."""
    apart = count(last.text) + count(piece.text)
    spaced = f"{last.text.rstrip()} {piece.text.strip()}"
    joints = (last.text + piece.text, spaced) if is_cut else (spaced, last.text + piece.text)
    for joined in joints:
        if count(joined) > apart:
            return joined
    # In a log a line without a head is the rest of the one before, unless it is a sentence.
    is_rest = last.head >= Head.LOG and not _SENTENCE.search(piece.text)
    return next((j for j in joints if is_rest and count(j) >= apart), None)
