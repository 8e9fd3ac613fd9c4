"""Which events are chosen, so that what is done next concerns all of them, also after an edit."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from mtrrviz.scenario.event_list import EventList

#: Among more events that are not the very same ones, none is looked for.
_MOST = 1 << 17


def still_chosen(before: EventList, after: EventList, chosen: Collection[int]) -> frozenset[int]:
    """Return the indices that chosen events have after an edit.

    Events that stay are known by identity, as edits take them over. Where as many new ones came
    as chosen ones went, these are what the chosen ones have become: moved or changed. After an
    edit of very many events none of these is chosen: to tell them one by one would take seconds.
    """
    if before is after or not chosen:
        return frozenset(chosen)
    first, last = before.shared_ends(after)
    end, shift = len(before) - last, len(after) - len(before)
    if min(len(before), len(after)) - first - last > _MOST:
        return frozenset(index for index in chosen if index < first)
    changed = {index for index in chosen if first <= index < end}
    old, new = (events.identities(first, len(events) - last) for events in (before, after))
    found = _still_chosen(old, new, {index - first for index in changed})
    outside = {index + shift * (index >= end) for index in chosen if index not in changed}
    return frozenset(outside | {index + first for index in found})


def _still_chosen(
    before: Sequence[object], after: Sequence[object], chosen: Collection[int]
) -> set[int]:
    """Return the places that chosen ones have after an edit; objects stand for events."""
    gone = Counter(before) - Counter(after)
    kept: Counter[object] = Counter()
    lost = 0
    for index in chosen:
        name = before[index]
        if gone[name]:
            gone[name] -= 1
            lost += 1
        else:
            kept[name] += 1
    known = Counter(before)
    found: set[int] = set()
    new: set[int] = set()
    for index, name in enumerate(after):
        if kept[name]:
            kept[name] -= 1
            found.add(index)
        if known[name]:
            known[name] -= 1
        else:
            new.add(index)
    return found | new if len(new) == lost else found
