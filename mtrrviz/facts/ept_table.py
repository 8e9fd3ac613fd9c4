"""One EPT table of 512 entries, as the leaves of a moment make it.

A table is taken to exist while a leaf lies below it. KVM may keep an empty table after a zap;
that changes nothing for the guest and is not modelled.
"""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING

import numpy as np

from mtrrviz.core.ept import (
    FOUR_LEVEL_GFNS,
    host_frame,
    leaf_entry,
    leaf_text,
    type_code,
    type_codes,
)
from mtrrviz.core.record import Record
from mtrrviz.core.units import LEVEL_NAMES, PAGE_SHIFT, format_gpa, format_size
from mtrrviz.facts.map_words import span_text

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from mtrrviz.facts.expected import Expected
    from mtrrviz.sim.run import State

ENTRIES = 512
TABLE_NAMES = {4: "PML4", 3: "PDPT", 2: "PD", 1: "PT"}


class EntryKind(IntEnum):
    """What an entry is."""

    ABSENT = 0
    TABLE = 1
    LEAF = 2


class PageTable(Record, eq=False):
    """The 512 entries of the table of ``level`` (4: PML4 to 1: PT) that begins at ``first_gfn``.

    ``kind`` uint8 (:class:`EntryKind`); ``bits`` uint8, type and IPAT of leaves; ``leaves`` int64,
    how many leaves lie at or below; ``leaf_types`` and ``next_types`` uint8, one bit a type value:
    of those leaves, and of the next faults; ``row`` intp, the leaf's row in the run, else -1;
    ``has_slot`` bool. ``parent_leaf``: a larger leaf maps all of it, so the table does not exist.
    """

    level: int
    first_gfn: int
    kind: NDArray[np.uint8]
    bits: NDArray[np.uint8]
    leaves: NDArray[np.int64]
    leaf_types: NDArray[np.uint8]
    next_types: NDArray[np.uint8]
    row: NDArray[np.intp]
    has_slot: NDArray[np.bool_]
    parent_leaf: bool

    @property
    def exists(self) -> bool:
        """Whether the table is there: something lies below it, or it is the root."""
        return self.level == 4 or bool(self.leaves.any())

    def entry_gfn(self, index: int) -> int:
        """Return the first gfn that entry ``index`` translates."""
        return self.first_gfn + index * entry_pages(self.level)


def entry_pages(level: int) -> int:
    """Return how many pages one entry of a table of ``level`` spans."""
    return 1 << 9 * (level - 1)


def table_start(level: int, gfn: int) -> int:
    """Return the first gfn of the table of ``level`` that translates ``gfn``."""
    return gfn & -(entry_pages(level) * ENTRIES)


def entry_index(level: int, gfn: int) -> int:
    """Return the index of the entry for ``gfn`` in its table of ``level``."""
    return gfn >> 9 * (level - 1) & (ENTRIES - 1)


def table_entries(state: State, level: int, first_gfn: int, expected: Expected) -> PageTable:
    """Return the table of ``level`` at ``first_gfn``; the work follows the live leaves.

    Raises ValueError if the address is beyond four levels or no table begins there.
    """
    if not 0 <= first_gfn < FOUR_LEVEL_GFNS or first_gfn != table_start(level, first_gfn):
        raise ValueError(f"no table of level {level} begins at gfn {first_gfn:#x}")
    leaves, span = state.run.leaves, entry_pages(level)
    end = first_gfn + span * ENTRIES
    rows = state.live_rows
    first = leaves.first_gfn[rows]
    rows = rows[(first >= np.uint64(first_gfn)) & (first < np.uint64(end))]
    is_larger = leaves.level[rows] > level
    parent_leaf = bool(is_larger.any()) or _lies_in_leaf(state, level, first_gfn)
    rows = rows[~is_larger]
    index = ((leaves.first_gfn[rows] - np.uint64(first_gfn)) // np.uint64(span)).astype(np.intp)
    kind = np.zeros(ENTRIES, np.uint8)
    bits = np.zeros(ENTRIES, np.uint8)
    row = np.full(ENTRIES, -1, np.intp)
    kind[index] = EntryKind.TABLE
    own = leaves.level[rows] == level
    kind[index[own]] = EntryKind.LEAF
    bits[index[own]] = leaves.bits[rows[own]]
    row[index[own]] = rows[own]
    return PageTable(
        level=level,
        first_gfn=first_gfn,
        kind=kind,
        bits=bits,
        leaves=np.bincount(index, minlength=ENTRIES),
        leaf_types=_types_by_entry(index, leaves.bits[rows]),
        next_types=_next_types(expected, level, first_gfn),
        row=row,
        has_slot=_slots(state, level, first_gfn),
        parent_leaf=parent_leaf,
    )


def _lies_in_leaf(state: State, level: int, first_gfn: int) -> bool:
    """Return whether one larger leaf maps the place of this table."""
    if level >= 3:
        return False
    row = state.leaf_row(first_gfn)
    return row is not None and int(state.run.leaves.level[row]) > level


def _types_by_entry(index: NDArray[np.intp], bits: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return which memory types occur at each entry, one bit a type value."""
    types = np.zeros(ENTRIES, np.uint8)
    values = type_codes(bits)
    for value in np.flatnonzero(np.bincount(values, minlength=8)):
        types[index[values == value]] |= np.uint8(1 << int(value))
    return types


def _next_types(expected: Expected, level: int, first_gfn: int) -> NDArray[np.uint8]:
    """Return which types the next faults would get in each entry's range."""
    span = entry_pages(level)
    if expected.pagewise is not None:
        edges = np.arange(ENTRIES + 1, dtype=np.uint64) * np.uint64(span) + np.uint64(first_gfn)
        return expected.types_in(edges[:-1], edges[1:])
    types = np.zeros(ENTRIES, np.uint8)
    for first, end, bits in expected.spans(first_gfn, first_gfn + span * ENTRIES):
        low, high = (first - first_gfn) // span, -(-(end - first_gfn) // span)
        types[low:high] |= np.uint8(1 << type_code(bits))
    return types


def _slots(state: State, level: int, first_gfn: int) -> NDArray[np.bool_]:
    """Return which entries' ranges hold any memory slot."""
    span = entry_pages(level)
    has_slot = np.zeros(ENTRIES, bool)
    for region in state.run.scenario.machine.slots:
        low = max(0, (region.first_gfn - first_gfn) // span)
        high = min(ENTRIES, -(-(region.end_gfn - first_gfn) // span))
        if low < high:
            has_slot[low:high] = True
    return has_slot


def entry_value(table: PageTable, index: int) -> int | None:
    """Return the 64-bit value of an entry: 0 if absent, None for a table, whose frame is unknown.

    The host frame in a leaf is modelled.
    """
    kind = EntryKind(int(table.kind[index]))
    if kind is EntryKind.TABLE:
        return None
    if kind is EntryKind.ABSENT:
        return 0
    return leaf_entry(table.entry_gfn(index), table.level, int(table.bits[index])).encode()


def entry_text(table: PageTable, index: int, expected: Expected) -> tuple[str, ...]:
    """Return lines in words on one entry: its place, what it is, what is below or would come."""
    pages = entry_pages(table.level)
    first = table.entry_gfn(index)
    lines = [f"{TABLE_NAMES[table.level]}[{index}]: {span_text(first, first + pages)}"]
    kind = EntryKind(int(table.kind[index]))
    if kind is EntryKind.LEAF:
        lines.append(f"leaf of {LEVEL_NAMES[table.level]}: {leaf_text(int(table.bits[index]))}")
        lines.append(f"host frame {host_frame(first):#_x} (modelled)")
    elif kind is EntryKind.TABLE:
        count = int(table.leaves[index])
        below = TABLE_NAMES[table.level - 1]
        leaves = "1 leaf" if count == 1 else f"{count:,} leaves"
        lines.append(f"table: points to a {below} with {leaves} below; R W X")
    elif table.parent_leaf:
        lines.append("no table here: a larger leaf maps all of it")
    else:
        lines.append("not present")
    if not table.has_slot[index]:
        return (*lines, "no memory slot: never a leaf")
    types = dict.fromkeys(leaf_text(bits) for _, _, bits in expected.spans(first, first + pages))
    return (*lines, f"next fault: {' or '.join(types)}")


def path_text(level: int, gfn: int) -> tuple[tuple[int, str], ...]:
    """Return (level, label) of the tables from the root to ``level`` on the way to ``gfn``."""
    below = (
        (step, f"{TABLE_NAMES[step]} {entry_index(step + 1, gfn)}")
        for step in range(3, level - 1, -1)
    )
    return ((4, "PML4"), *below)


def table_title(level: int, first_gfn: int) -> str:
    """Return what a table translates, in words."""
    pages = entry_pages(level)
    size = format_size(pages << PAGE_SHIFT)
    return f"512 entries of {size} from {format_gpa(first_gfn << PAGE_SHIFT)}"
