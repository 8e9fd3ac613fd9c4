"""Which rows of an array of tables are which after an edit, so that each keeps its own text."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict, deque
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable

    from mtrrviz.scenario.files.writing.table_tree import Row, TableRows

_LEAST_SHARE = 0.5
"""Rows at one place are one row, edited, if at least this share of their keys is equal."""


def partners(before: TableRows, after: TableRows) -> list[int | None]:
    """Return for each row after the edit its number before, None for a new one.

    Equal rows come first, then rows that differ in one key, then those that took the place of
    another and are still much like it.
    """
    found: list[int | None] = [None] * len(after.items)
    old, new = _without_equal_ends(before.items, after.items, found)
    old, new = _paired(old, new, before.items.__getitem__, after.items.__getitem__, found)
    if old and new:
        rows = {i: before.row(before.items[i]) for i in old}
        rows_after = {i: after.row(after.items[i]) for i in new}
        keys = dict.fromkeys(key for row in (*rows.values(), *rows_after.values()) for key in row)
        for left_out in keys:
            rest = [key for key in keys if key != left_out]
            old, new = _paired(
                old,
                new,
                lambda i, rest=rest: tuple(rows[i].get(key) for key in rest),
                lambda i, rest=rest: tuple(rows_after[i].get(key) for key in rest),
                found,
            )
        _pair_places(found, old, new, lambda i, j: _share(keys, rows[i], rows_after[j]))
    return found


def staying(found: list[int | None]) -> set[int]:
    """Return which rows (by number after the edit) keep their place; the others have moved.

    They are as many as can be: a longest ascending run of the numbers before.
    """
    # tails[k] is the least last number of an ascending run of length k + 1.
    tails: list[int] = []
    ends: list[int] = []
    previous: dict[int, int] = {}
    for after, before in enumerate(found):
        if before is None:
            continue
        length = bisect_left(tails, before)
        if length == len(tails):
            tails.append(before)
            ends.append(after)
        else:
            tails[length], ends[length] = before, after
        if length:
            previous[after] = ends[length - 1]
    kept: set[int] = set()
    row = ends[-1] if ends else None
    while row is not None:
        kept.add(row)
        row = previous.get(row)
    return kept


def _without_equal_ends(
    before: tuple[Hashable, ...], after: tuple[Hashable, ...], found: list[int | None]
) -> tuple[list[int], list[int]]:
    """Pair what is equal at the start and at the end; return the rows between."""
    shorter = min(len(before), len(after))
    start = 0
    while start < shorter and before[start] == after[start]:
        found[start] = start
        start += 1
    end = 0
    while end < shorter - start and before[-1 - end] == after[-1 - end]:
        end += 1
        found[-end] = len(before) - end
    return list(range(start, len(before) - end)), list(range(start, len(after) - end))


def _paired(
    old: list[int],
    new: list[int],
    old_key: Callable[[int], Hashable],
    new_key: Callable[[int], Hashable],
    found: list[int | None],
) -> tuple[list[int], list[int]]:
    """Pair rows of one key in their order; return those left over."""
    waiting: defaultdict[Hashable, deque[int]] = defaultdict(deque)
    for i in old:
        waiting[old_key(i)].append(i)
    left: list[int] = []
    for j in new:
        numbers = waiting.get(new_key(j))
        if numbers:
            found[j] = numbers.popleft()
        else:
            left.append(j)
    return sorted(i for numbers in waiting.values() for i in numbers), left


def _pair_places(
    found: list[int | None],
    old: list[int],
    new: list[int],
    share: Callable[[int, int], float],
) -> None:
    """Pair rows left over that follow the same neighbour and are alike."""
    remaining = set(old)
    for j in new:
        neighbour = found[j - 1] if j else -1
        if neighbour is None:
            continue
        place = neighbour + 1
        if place in remaining and share(place, j) >= _LEAST_SHARE:
            found[j] = place
            remaining.remove(place)


def _share(keys: Iterable[str], row: Row, other: Row) -> float:
    """Return which part of the keys has the same value in both rows."""
    said = [key for key in keys if row.get(key) is not None or other.get(key) is not None]
    return sum(row.get(key) == other.get(key) for key in said) / max(1, len(said))
