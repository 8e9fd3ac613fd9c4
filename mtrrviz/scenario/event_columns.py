"""Events as columns: a million of them take thirty bytes each, and questions about all one pass."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import numpy as np

from mtrrviz.core.record import Record
from mtrrviz.scenario.events import Event, EventKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

#: The kinds in the order of their codes in :attr:`EventColumns.kind`.
KINDS = tuple(EventKind)
#: The code of each kind.
KIND_CODES = {kind: code for code, kind in enumerate(KINDS)}

Saying = tuple[str, str]
"""The origin and the text of an event."""


def kind_flags(kinds: Iterable[EventKind]) -> NDArray[np.bool_]:
    """Return a table that says for each code whether its kind is one of these."""
    flags = np.zeros(len(KINDS), np.bool_)
    flags[[KIND_CODES[kind] for kind in kinds]] = True
    return flags


class EventColumns(Record, eq=False):
    """Some events, one after the other; the columns are for reading only.

    ``time_ns`` int64; ``kind`` uint8 (:data:`KINDS`); ``vcpu`` int16; ``register`` int32; ``value``
    uint64; ``said`` int32, the index of each event's origin and text among ``sayings``.
    """

    time_ns: NDArray[np.int64]
    kind: NDArray[np.uint8]
    vcpu: NDArray[np.int16]
    register: NDArray[np.int32]
    value: NDArray[np.uint64]
    said: NDArray[np.int32]
    sayings: tuple[Saying, ...]

    @classmethod
    def of(cls, events: Sequence[Event]) -> EventColumns:
        """Return the columns of events."""
        numbers: dict[Saying, int] = {}
        said = [numbers.setdefault((e.origin, e.text), len(numbers)) for e in events]
        return cls(
            np.array([event.time_ns for event in events], np.int64),
            np.array([KIND_CODES[event.kind] for event in events], np.uint8),
            np.array([event.vcpu for event in events], np.int16),
            np.array([event.register for event in events], np.int32),
            np.array([event.value for event in events], np.uint64),
            np.array(said, np.int32),
            tuple(numbers),
        )

    def __len__(self) -> int:
        """Return the number of events."""
        return len(self.time_ns)

    def taken(self, rows: NDArray[np.intp]) -> EventColumns:
        """Return the events at some rows, in their order."""
        return EventColumns(
            self.time_ns[rows],
            self.kind[rows],
            self.vcpu[rows],
            self.register[rows],
            self.value[rows],
            self.said[rows],
            self.sayings,
        )

    def events(self, first: int, end: int) -> list[Event]:
        """Return the events of rows [first, end) as objects."""
        part, sayings = slice(first, end), self.sayings
        numbers = (self.vcpu, self.register, self.value)
        return list(
            map(
                Event,
                self.time_ns[part].tolist(),
                [KINDS[code] for code in cast("list[int]", self.kind[part].tolist())],
                *(column[part].tolist() for column in numbers),
                [sayings[said][0] for said in cast("list[int]", self.said[part].tolist())],
                [sayings[said][1] for said in cast("list[int]", self.said[part].tolist())],
            )
        )

    def agree(self, first: int, other: EventColumns, other_first: int, count: int) -> bool:
        """Whether ``count`` events from a row on equal those of other columns from a row on."""
        here, there = slice(first, first + count), slice(other_first, other_first + count)
        numbers = ("time_ns", "kind", "vcpu", "register", "value")
        if any((getattr(self, n)[here] != getattr(other, n)[there]).any() for n in numbers):
            return False
        if self.sayings == other.sayings:
            return not (self.said[here] != other.said[there]).any()
        both = (cast("list[int]", said.tolist()) for said in (self.said[here], other.said[there]))
        pairs: set[tuple[int, int]] = set(zip(*both, strict=True))
        return all(self.sayings[mine] == other.sayings[theirs] for mine, theirs in pairs)


def with_events(
    columns: EventColumns, rows: NDArray[np.intp], events: Sequence[Event]
) -> EventColumns:
    """Return columns with other events at some rows."""
    new = joined_columns([(columns, 0, len(columns)), (EventColumns.of(events), 0, len(events))])
    order = np.arange(len(columns))
    order[rows] = np.arange(len(columns), len(new))
    return new.taken(order)


def joined_columns(parts: Sequence[tuple[EventColumns, int, int]]) -> EventColumns:
    """Return the columns of events one after the other; of each part rows [first, end) count."""
    # Most often nearly all are of one block. Its sayings, which may be as many as its events, stay.
    most: tuple[Saying, ...] = max((columns.sayings for columns, _, _ in parts), key=len)
    numbers: dict[Saying, int] = {}
    more: list[Saying] = []
    said: list[NDArray[np.int32]] = []
    for columns, first, end in parts:
        rows = columns.said[first:end]
        if columns.sayings is not most:
            numbers = numbers or {saying: number for number, saying in enumerate(most)}
            for saying in columns.sayings:
                if saying not in numbers:
                    numbers[saying] = len(most) + len(more)
                    more.append(saying)
            rows = np.array([numbers[saying] for saying in columns.sayings], np.int32)[rows]
        said.append(rows)

    def joined(name: str) -> NDArray[Any]:
        return np.concatenate([getattr(columns, name)[first:end] for columns, first, end in parts])

    return EventColumns(
        *map(joined, ("time_ns", "kind", "vcpu", "register", "value")),
        said=np.concatenate(said),
        sayings=(*most, *more) if more else most,
    )
