"""Pieces of blocks of events, of which an :class:`EventList` is made.

A block never changes, so lists share it. Short ones are objects; long ones that were read from a
file are columns, whose events are made when they are asked for.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from functools import cached_property
from itertools import accumulate, chain, pairwise, takewhile
from operator import attrgetter
from typing import TYPE_CHECKING, Literal, NamedTuple

import numpy as np

from mtrrviz.scenario.event_columns import EventColumns, joined_columns

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from mtrrviz.scenario.events import Event

Side = Literal["left", "right"]

#: At most so many events are one block of objects, also where they were read as columns.
SHORT = 4096
#: More pieces are made into one again.
MOST_PIECES = 256
#: Events that are made at once where a long piece is gone through.
_AT_ONCE = 1024


class EventBlock:
    """Events that never change, as objects or as columns; each is made of the other when asked.

    ``kept`` are the objects, None where they are made anew for whoever asks.
    """

    def __init__(
        self, kept: tuple[Event, ...] | None = None, columns: EventColumns | None = None
    ) -> None:
        if kept is None and columns is not None and len(columns) <= SHORT:
            kept = tuple(columns.events(0, len(columns)))
        self.kept = kept
        self._columns = columns

    @property
    def columns(self) -> EventColumns:
        """The events as columns."""
        if self._columns is None:
            self._columns = EventColumns.of(self.kept or ())
        return self._columns

    @cached_property
    def is_ordered(self) -> bool:
        """Whether no time in it goes back."""
        if self.kept is not None:
            return all(one.time_ns <= after.time_ns for one, after in pairwise(self.kept))
        times_ns = self.columns.time_ns
        return not (times_ns[1:] < times_ns[:-1]).any()

    @cached_property
    def highest_vcpu(self) -> int:
        """The highest vCPU of an event in it, -1 where it is empty."""
        if self.kept is not None:
            return max((event.vcpu for event in self.kept), default=-1)
        return int(self.columns.vcpu.max(initial=-1))

    def events(self, first: int, end: int) -> Sequence[Event]:
        """Return the events [first, end)."""
        if self.kept is not None:
            return self.kept[first:end]
        return self.columns.events(first, end)

    def time_ns(self, row: int) -> int:
        """Return the time of an event."""
        if self.kept is not None:
            return self.kept[row].time_ns
        return int(self.columns.time_ns[row])

    def place(self, time_ns: int, first: int, end: int, side: Side) -> int:
        """Return where in [first, end) a time belongs, before or after events of that time."""
        if self.kept is not None:
            find = bisect_left if side == "left" else bisect_right
            return find(self.kept, time_ns, first, end, key=attrgetter("time_ns"))
        times = self.columns.time_ns[first:end]
        return first + int(np.searchsorted(times, np.int64(time_ns), side))


class EventPiece(NamedTuple):
    """The events [first, end) of a block."""

    block: EventBlock
    first: int
    end: int

    @property
    def size(self) -> int:
        """The number of events."""
        return self.end - self.first

    @property
    def begins_ns(self) -> int:
        """The time of the first event."""
        return self.block.time_ns(self.first)

    @property
    def ends_ns(self) -> int:
        """The time of the last event."""
        return self.block.time_ns(self.end - 1)

    def cut(self, start: int, stop: int) -> EventPiece:
        """Return the events [start, stop) of this piece."""
        return EventPiece(self.block, self.first + start, self.first + stop)

    def events(self) -> Iterator[Event]:
        """Go through the events; those of columns are made some at a time."""
        for start in range(self.first, self.end, _AT_ONCE):
            yield from self.block.events(start, min(start + _AT_ONCE, self.end))

    def kept(self) -> Sequence[Event]:
        """Return the events that there are as objects, none where they are columns."""
        return (self.block.kept or ())[self.first : self.end]

    def is_of(self, other: EventPiece) -> bool:
        """Whether a piece of equal size has the very same events."""
        return self.block is other.block and self.first == other.first

    def agrees(self, other: EventPiece) -> bool:
        """Whether a piece of equal size has equal events."""
        if self.is_of(other):
            return True
        if self.block.kept is not None and other.block.kept is not None:
            return self.kept() == other.kept()
        return self.block.columns.agree(self.first, other.block.columns, other.first, self.size)


def piece_of(events: Iterable[Event]) -> EventPiece:
    """Return a piece of events of its own."""
    block = EventBlock(tuple(events))
    return EventPiece(block, 0, len(block.kept or ()))


def joined(pieces: Iterable[EventPiece]) -> tuple[EventPiece, ...]:
    """Return pieces of the same events, one if they are few events or very many pieces."""
    merged: list[EventPiece] = []
    for piece in pieces:
        if merged and piece.block is merged[-1].block and piece.first == merged[-1].end:
            merged[-1] = EventPiece(piece.block, merged[-1].first, piece.end)
        elif piece.size:
            merged.append(piece)
    size = sum(piece.size for piece in merged)
    if len(merged) > 1 and size <= SHORT:
        return (piece_of(chain.from_iterable(piece.events() for piece in merged)),)
    if len(merged) > MOST_PIECES:
        parts = [(piece.block.columns, piece.first, piece.end) for piece in merged]
        return (EventPiece(EventBlock(columns=joined_columns(parts)), 0, size),)
    return tuple(merged)


def starts_of(pieces: Sequence[EventPiece]) -> list[int]:
    """Return how many events there are before each piece, and altogether."""
    return [0, *accumulate(piece.size for piece in pieces)]


def cut(
    pieces: Sequence[EventPiece], starts: Sequence[int], start: int, stop: int
) -> Iterator[EventPiece]:
    """Yield the pieces of the events [start, stop); ``starts`` as :func:`starts_of`."""
    if start >= stop:
        return
    for number in range(bisect_right(starts, start) - 1, len(pieces)):
        at, piece = starts[number], pieces[number]
        if at >= stop:
            return
        yield piece.cut(max(start - at, 0), min(stop - at, piece.size))


def side_by_side(
    ones: Sequence[EventPiece], others: Sequence[EventPiece]
) -> Iterator[tuple[EventPiece, EventPiece]]:
    """Go through two lists of as many events in pieces of equal size."""
    starts, other_starts = starts_of(ones), starts_of(others)
    for start, stop in pairwise(sorted({*starts, *other_starts})):
        pairs = cut(ones, starts, start, stop), cut(others, other_starts, start, stop)
        yield from zip(*pairs, strict=True)


def same_from_start(pairs: Iterable[tuple[EventPiece, EventPiece]]) -> int:
    """Return how many events from the first on are the very same ones."""
    return _same(pairs, lambda piece: piece.kept())


def same_from_end(pairs: Iterable[tuple[EventPiece, EventPiece]]) -> int:
    """Return how many events up to the last are the very same ones."""
    return _same(reversed(list(pairs)), lambda piece: reversed(piece.kept()))


def _same(
    pairs: Iterable[tuple[EventPiece, EventPiece]], objects: Callable[[EventPiece], Iterable[Event]]
) -> int:
    count = 0
    for one, other in pairs:
        if one.is_of(other):
            count += one.size
            continue
        both = zip(objects(one), objects(other), strict=False)
        found = sum(1 for _ in takewhile(lambda pair: pair[0] is pair[1], both))
        count += found
        if found < one.size:
            break
    return count
