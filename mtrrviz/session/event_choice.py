"""Which events are chosen, so that what is done next concerns all of them, also after an edit."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from numpy.typing import NDArray

    from mtrrviz.scenario.event_list import EventList
    from mtrrviz.scenario.event_pieces import EventPiece


def still_chosen(before: EventList, after: EventList, chosen: Collection[int]) -> frozenset[int]:
    """Return the indices that chosen events have after an edit.

    Events that stay are known by identity, as edits take them over. Where as many new ones came
    as chosen ones went, these are what the chosen ones have become: moved or changed.
    """
    if before is after or not chosen:
        return frozenset(chosen)
    wanted = np.sort(np.fromiter(chosen, np.intp, len(chosen)))
    now, once = _Places(after), _Places(before)
    found: list[NDArray[np.intp]] = []
    for start, piece in _placed(before):
        low, high = np.searchsorted(wanted, [start, start + piece.size])
        found.append(now.of(piece, wanted[low:high] - start))
    new = [
        start + np.flatnonzero(once.of(piece, np.arange(piece.size)) < 0)
        for start, piece in _placed(after)
    ]
    places = np.concatenate([wanted[:0], *found])
    lost = int(np.count_nonzero(places < 0))
    become = new if sum(map(len, new)) == lost else []
    return frozenset(np.concatenate([places[places >= 0], *become]).tolist())


def _placed(events: EventList) -> Iterator[tuple[int, EventPiece]]:
    """Yield the pieces of a list, each after the number of events before it."""
    start = 0
    for piece in events.pieces:
        yield start, piece
        start += piece.size


class _Places:
    """Where the events of a list are: objects one by one, those in columns by runs of rows."""

    def __init__(self, events: EventList) -> None:
        self._objects: dict[int, int] = {}
        self._runs: dict[int, list[tuple[int, EventPiece]]] = {}
        for start, piece in _placed(events):
            if piece.block.kept is None:
                self._runs.setdefault(id(piece.block), []).append((start, piece))
            else:
                places = enumerate(piece.kept(), start)
                self._objects.update((id(event), place) for place, event in places)

    def of(self, piece: EventPiece, offsets: NDArray[np.intp]) -> NDArray[np.intp]:
        """Return where some events of any piece are in the list, -1 for those that are not."""
        if piece.block.kept is not None:
            kept = piece.kept()
            numbers: list[int] = offsets.tolist()
            places = (self._objects.get(id(kept[number]), -1) for number in numbers)
            return np.fromiter(places, np.intp, len(numbers))
        rows, found = piece.first + offsets, np.full(len(offsets), -1, np.intp)
        for start, run in self._runs.get(id(piece.block), ()):
            is_in = (rows >= run.first) & (rows < run.end)
            found[is_in] = rows[is_in] - run.first + start
        return found
