"""The table of the leaves that one page had."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mtrrviz.analysis.explaining.page_facts import PastLeaf
from mtrrviz.core.units import LEVEL_NAMES, format_time_ns
from mtrrviz.facts.tables.column import Column
from mtrrviz.facts.tables.item_rows import ItemRows, of_item

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from mtrrviz.facts.tables.column import Value


_of = of_item(PastLeaf)


def _born_words(rows: PastLeafRows, row: int) -> str:
    now = "▸ " if rows.items[row].is_alive(rows.now_ns) else ""
    return now + format_time_ns(rows.items[row].born_ns)


def _died_words(rows: PastLeafRows, row: int) -> str:
    died_ns = rows.items[row].died_ns
    return "" if died_ns is None else format_time_ns(died_ns)


def _leaf_words(leaf: PastLeaf) -> str:
    ipat = " IPAT" if leaf.ipat else ""
    return f"{leaf.type.name}{ipat} {LEVEL_NAMES[leaf.level]}"


_COLUMNS: tuple[Column[PastLeafRows], ...] = (
    Column("born_s", "Born", "scenario time of the fault that made it",
           _of(lambda leaf: leaf.born_ns / 1e9), words=_born_words),
    Column("leaf", "Leaf", "memory type, IPAT and size", _of(_leaf_words)),
    Column("died_s", "Died", "when it went; none if it is there at the end",
           _of(lambda leaf: None if leaf.died_ns is None else leaf.died_ns / 1e9),
           words=_died_words),
    Column("vcpu", "vCPU", "vCPU whose fault made it", _of(lambda leaf: leaf.vcpu)),
    Column("end", "Ended by", "what ended it", _of(lambda leaf: leaf.end)),
)  # fmt: skip


class PastLeafRows(ItemRows[PastLeaf]):
    """Rows by number of the leaf, in order of birth; the one that is there at ``now_ns`` is marked.

    The first three columns are seen in the narrowest inspector, the others by scrolling.
    """

    name = "leaves of a page"
    columns = _COLUMNS
    shown = ("born_s", "leaf", "died_s", "vcpu", "end")

    def __init__(self, leaves: Sequence[PastLeaf], now_ns: int) -> None:
        super().__init__(leaves)
        self.now_ns = now_ns
        self._times_ns = np.array([leaf.born_ns for leaf in leaves], np.int64)

    @property
    def about(self) -> dict[str, Value]:
        """The time of the mark."""
        return {"time_s": self.now_ns / 1e9}

    @property
    def time_ns(self) -> NDArray[np.int64]:
        """Time of each birth, int64, ascending."""
        return self._times_ns
