"""Lines that mail and terminals cut, put together again.

Quoted-printable ends a cut line with "="; a mail program breaks it at a space and repeats the
quote but not the head; a terminal breaks it anywhere. Whether two pieces are one line is asked
of the formats: they are if the whole says at least what its pieces say.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from mtrrviz.importers.lines.heads import Head
from mtrrviz.importers.lines.markup import is_printable_coded, printable_decoded

SHORTEST_WRAP = 60
"""No line is wrapped if its next word would still end before this column."""

MAX_JOINED = 8
"""Most pieces of one line."""

MAX_JOINED_CHARS = 4000
"""Longest line that is put together."""

Numbered = tuple[int, str]
"""A line with its number in the text."""

Counter = Callable[[str], int]
"""Returns how many facts the formats find in a line."""


@dataclass(slots=True)
class Piece:
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
    is_open = False
    for number, line in lines:
        is_coded = is_printable_coded(line)
        text = line.rstrip() if is_coded else line
        ends_soft = is_coded and text.endswith("=")
        text = printable_decoded(text[:-1] if ends_soft else line) if is_coded else line
        if is_open and len(found[-1][1]) < MAX_JOINED_CHARS:
            found[-1] = (found[-1][0], found[-1][1] + text)
        else:
            found.append((number, text))
        is_open = ends_soft
    return found


def is_quoted_printable(lines: list[str]) -> bool:
    """Return whether a text is quoted-printable: "=3D" in it, or several soft ends."""
    with_sign = [line for line in lines if "=" in line]
    if any("=3D" in line and is_printable_coded(line) for line in with_sign):
        return True
    soft = [line for line in with_sign if line.endswith("=") and 70 <= len(line) <= 77]
    return sum(map(is_printable_coded, soft)) >= 2


def wrapped_joined(pieces: Iterable[Piece], count: Counter) -> Iterator[Piece]:
    """Yield the lines that pieces make, each with the number of its first piece."""
    last: Piece | None = None
    many = 1
    width = 0
    for piece in pieces:
        if last is not None and many < MAX_JOINED and _may_continue(last, width, piece):
            whole = _whole(last, piece, count)
            if whole is not None:
                last = Piece(last.number, whole, last.head, last.width)
                many, width = many + 1, piece.width
                continue
        if last is not None:
            yield last
        last, many, width = piece, 1, piece.width
    if last is not None:
        yield last


def _may_continue(last: Piece, width: int, piece: Piece) -> bool:
    """Return whether a piece may be the rest of the line before; ``width`` is of its last piece."""
    if piece.head >= Head.LOG or not last.text.strip() or len(last.text) > MAX_JOINED_CHARS:
        return False
    word = piece.text.split(None, 1)[:1]
    return bool(word) and width + 1 + len(word[0]) > SHORTEST_WRAP


def _whole(last: Piece, piece: Piece, count: Counter) -> str | None:
    """Return two pieces as one line if they are one."""
    apart = count(last.text) + count(piece.text)
    spaced = f"{last.text.rstrip()} {piece.text.strip()}"
    for joined in (spaced, last.text.rstrip() + piece.text.strip()):
        if (found := count(joined)) and found >= apart:
            return joined
    # In a log a line without a head is the rest of the one before, whatever it says.
    return spaced if not apart and last.head >= Head.LOG else None
