"""The events of a scenario: a sequence whose edits share all that they leave as it is."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from itertools import chain, pairwise, starmap
from typing import TYPE_CHECKING, Any, overload

import numpy as np
from msgspec.structs import replace

from mtrrviz.core.sorting import runs_of
from mtrrviz.scenario.event_columns import EventColumns, joined_columns, kind_flags
from mtrrviz.scenario.event_pieces import (
    MOST_PIECES,
    EventBlock,
    EventPiece,
    Side,
    cut,
    joined,
    piece_of,
    same_from_end,
    same_from_start,
    side_by_side,
    starts_of,
)
from mtrrviz.scenario.events import Event, EventKind

if TYPE_CHECKING:
    from numpy.typing import NDArray


class EventList(Sequence[Event]):
    """Events in the order in which they happen, as one immutable value.

    An edit cuts pieces and puts new ones between them, at a cost that does not grow with the list.
    Of short lists, and of events that were put in as objects, one gets the very same objects each
    time; those of long columns are made anew for whoever asks.
    """

    def __init__(self, events: Iterable[Event] = ()) -> None:
        of_list = isinstance(events, EventList)
        self.pieces = events.pieces if of_list else joined([piece_of(events)])
        self._starts = starts_of(self.pieces)

    @classmethod
    def of_columns(cls, columns: EventColumns) -> EventList:
        """Return the events that columns hold, which are not to change from then on."""
        return cls.of_pieces([EventPiece(EventBlock(columns=columns), 0, len(columns))])

    @classmethod
    def of_pieces(cls, pieces: Iterable[EventPiece]) -> EventList:
        """Return the events of pieces, one after the other."""
        made = cls()
        made.pieces = joined(pieces)
        made._starts = starts_of(made.pieces)
        return made

    def __len__(self) -> int:
        """Return the number of events."""
        return self._starts[-1]

    def __iter__(self) -> Iterator[Event]:
        """Go through all events."""
        return chain.from_iterable(piece.events() for piece in self.pieces)

    @overload
    def __getitem__(self, index: int) -> Event: ...
    @overload
    def __getitem__(self, index: slice) -> EventList: ...
    def __getitem__(self, index: int | slice) -> Event | EventList:
        """Return one event, or a part that shares all with this list."""
        if isinstance(index, slice):
            start, stop, step = index.indices(len(self))
            return EventList.of_pieces(self._cut(start, stop)) if step == 1 else self._steps(index)
        if index < 0:
            index += len(self)
        if not 0 <= index < len(self):
            raise IndexError(index)
        number = bisect_right(self._starts, index) - 1
        block, first, _ = self.pieces[number]
        row = first + index - self._starts[number]
        return block.events(row, row + 1)[0]

    def _steps(self, part: slice) -> EventList:
        return EventList([self[index] for index in range(len(self))[part]])

    def __eq__(self, other: object) -> bool:
        """Whether another list, or a tuple, has equal events; what both share is not looked at."""
        if isinstance(other, tuple):
            return tuple(self) == other
        if not isinstance(other, EventList):
            return NotImplemented
        return len(self) == len(other) and all(
            one.agrees(another) for one, another in side_by_side(self.pieces, other.pieces)
        )

    def __hash__(self) -> int:
        """Return the hash of the equal tuple."""
        return hash(tuple(self))

    def __add__(self, events: Iterable[Event]) -> EventList:
        """Return these events and then others."""
        return self.spliced(len(self), len(self), events)

    def __repr__(self) -> str:
        """Show the events as a tuple does."""
        return repr(tuple(self))

    # As columns

    @cached_property
    def time_ns(self) -> NDArray[np.int64]:
        """The time of each event, int64, ascending."""
        return self._column("time_ns", np.int64)

    @cached_property
    def kind(self) -> NDArray[np.uint8]:
        """The kind of each event, uint8: an index of :data:`KINDS`."""
        return self._column("kind", np.uint8)

    @cached_property
    def vcpu(self) -> NDArray[np.int16]:
        """The vCPU of each event, int16."""
        return self._column("vcpu", np.int16)

    @cached_property
    def register(self) -> NDArray[np.int32]:
        """The MSR that each event writes, int32, 0 where it writes none."""
        return self._column("register", np.int32)

    @cached_property
    def value(self) -> NDArray[np.uint64]:
        """The value that each event writes, uint64, 0 where it writes none."""
        return self._column("value", np.uint64)

    @property
    def is_surely_ordered(self) -> bool:
        """Whether no time goes back: said of blocks, so that those of an edit are not read again.

        Where it is False, only columns tell: what is wrong may be in a part that was cut off.
        """
        parts = [piece for piece in self.pieces if piece.size]
        return all(piece.block.is_ordered for piece in parts) and all(
            one.ends_ns <= after.begins_ns for one, after in pairwise(parts)
        )

    @property
    def vcpu_bound(self) -> int:
        """The highest vCPU of an event, or one above it that was cut off; -1 if there is none."""
        return max((piece.block.highest_vcpu for piece in self.pieces), default=-1)

    @property
    def parts(self) -> Iterator[tuple[EventColumns, slice]]:
        """The columns that hold the events, in order, each with the rows of it that count."""
        return ((p.block.columns, slice(p.first, p.end)) for p in self.pieces)

    @property
    def columns(self) -> EventColumns:
        """The events as columns of their own."""
        parts = [(columns, rows.start, rows.stop) for columns, rows in self.parts]
        return joined_columns(parts) if parts else EventColumns.of(())

    def _column(self, name: str, dtype: type[np.generic]) -> NDArray[Any]:
        """Return one column of all events; a copy only where there are several pieces."""
        parts = [getattr(columns, name)[rows] for columns, rows in self.parts]
        return parts[0] if len(parts) == 1 else np.concatenate([np.empty(0, dtype), *parts])

    def rows_of(self, kinds: Collection[EventKind]) -> list[int]:
        """Return the indices of the events of some kinds."""
        return np.flatnonzero(kind_flags(kinds)[self.kind]).tolist()

    # Places and edits

    def first_at(self, time_ns: int) -> int:
        """Return the index of the first event at or after ``time_ns``."""
        return self._place(time_ns, "left")

    def until(self, time_ns: int) -> int:
        """Return how many events have happened at ``time_ns``, those at that time included."""
        return self._place(time_ns, "right")

    def _place(self, time_ns: int, side: Side) -> int:
        find = bisect_left if side == "left" else bisect_right
        # It falls into the last piece that begins before, or at its end.
        number = find(self.pieces, time_ns, key=lambda piece: piece.begins_ns) - 1
        if number < 0:
            return 0
        block, first, end = self.pieces[number]
        return self._starts[number] + block.place(time_ns, first, end, side) - first

    def spliced(self, start: int, stop: int, events: Iterable[Event]) -> EventList:
        """Return the list with ``events`` in place of those of [start, stop)."""
        new = EventList(events)
        return EventList.of_pieces([*self._cut(0, start), *new.pieces, *self._cut(stop, len(self))])

    def changed(self, gone: Iterable[int], placed: Iterable[tuple[int, Event]]) -> EventList:
        """Return the list without the events at ``gone``, and with new ones put in.

        Each of ``placed`` goes before the event that has, or had, its index here; the indices
        ascend.
        """
        pieces: list[EventPiece] = []
        waiting: list[Event] = []
        done = 0
        steps = [*((index, event) for index, event in placed), *((i, None) for i in set(gone))]
        for index, event in sorted(steps, key=lambda step: (step[0], step[1] is None)):
            if done < index:
                pieces += [piece_of(waiting), *self._cut(done, index)]
                waiting, done = [], index
            if event is None:
                done = index + 1
            else:
                waiting.append(event)
        return EventList.of_pieces([*pieces, piece_of(waiting), *self._cut(done, len(self))])

    def without(self, rows: NDArray[np.intp]) -> EventList:
        """Return the list without events at some indices, which ascend."""
        firsts, ends = runs_of(rows)
        if len(firsts) > MOST_PIECES:
            return EventList.of_columns(self.columns.taken(np.delete(np.arange(len(self)), rows)))
        bounds = zip([0, *ends.tolist()], [*firsts.tolist(), len(self)], strict=True)
        return EventList.of_pieces(chain.from_iterable(starmap(self._cut, bounds)))

    def later(self, rows: NDArray[np.intp], by_ns: int) -> EventList:
        """Return the list with many events, at indices that ascend, later by a time.

        Each is where :meth:`in_order` puts it. Runs of the others are shared, unless there are
        very many.
        """
        times_ns, is_moved = self.time_ns.copy(), np.zeros(len(self), np.bool_)
        times_ns[rows] += np.int64(by_ns)
        is_moved[rows] = True
        order = np.argsort(times_ns, kind="stable")
        is_new = is_moved[order]
        begins = (np.diff(order) != 1) | (is_new[1:] != is_new[:-1])
        cuts = [0, *(np.flatnonzero(begins) + 1).tolist(), len(order)]
        if len(cuts) > MOST_PIECES:
            return EventList.of_columns(self._retimed(order, times_ns))
        moved = EventBlock(columns=self._retimed(order[is_new], times_ns))
        pieces: list[EventPiece] = []
        done = 0
        for first, end in pairwise(cuts):
            if first < end and is_new[first]:
                pieces.append(EventPiece(moved, done, done + end - first))
                done += end - first
            elif first < end:
                pieces += self._cut(int(order[first]), int(order[end - 1]) + 1)
        return EventList.of_pieces(pieces)

    def _retimed(self, rows: NDArray[np.intp], times_ns: NDArray[np.int64]) -> EventColumns:
        """Return some events as columns of their own, at times given for all events."""
        return replace(self.columns.taken(rows), time_ns=times_ns[rows])

    def in_order(self, changes: Mapping[int, Event]) -> EventList:
        """Return the list with events replaced, given by index, and put where their times are.

        Among events of its time each is where its index puts it.
        """
        placed: list[tuple[int, Event]] = []
        for index, event in sorted(changes.items(), key=lambda each: (each[1].time_ns, each[0])):
            first, end = self.first_at(event.time_ns), self.until(event.time_ns)
            placed.append((min(max(index, first), end), event))
        return self.changed(changes, placed)

    def _cut(self, start: int, stop: int) -> Iterator[EventPiece]:
        return cut(self.pieces, self._starts, start, stop)

    # What two lists share

    def shared_ends(self, other: EventList) -> tuple[int, int]:
        """Return how many events both begin with and, of the others, both end with.

        Only the very same events count, not equal ones.
        """
        most = min(len(self), len(other))
        starts = (list(events._cut(0, most)) for events in (self, other))  # noqa: SLF001
        ends = (
            list(events._cut(len(events) - most, len(events)))  # noqa: SLF001 - of this very class
            for events in (self, other)
        )
        first = same_from_start(side_by_side(*starts))
        return first, min(same_from_end(side_by_side(*ends)), most - first)
