"""The table of differences: which ranges of pages two EPTs map differently at a time."""

from __future__ import annotations

from bisect import bisect_right
from types import MappingProxyType
from typing import TYPE_CHECKING

from mtrrviz.core.record import Record
from mtrrviz.core.units import PAGE_SHIFT, format_gpa
from mtrrviz.facts.differences import NO_LEAF, DifferenceKind, Differences
from mtrrviz.facts.tables.column import Column, Unit
from mtrrviz.facts.tables.item_rows import REGION_COLUMN, ItemRows, of_item
from mtrrviz.facts.tables.leaf_cells import entry_words, ipats, type_names

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from mtrrviz.facts.tables.column import Value
    from mtrrviz.facts.tables.fact_rows import FactRows
    from mtrrviz.scenario.machine_spec import MachineSpec, Region


class DifferenceRange(Record):
    """Pages [first_gfn, end_gfn) of one region that two EPTs map differently.

    ``bits_a`` and ``bits_b`` are entry bits (type << 3 | IPAT << 6) or None without a leaf.
    """

    first_gfn: int
    end_gfn: int
    kind: DifferenceKind
    bits_a: int | None
    bits_b: int | None
    region: Region | None

    @property
    def size_bytes(self) -> int:
        """The size of the range."""
        return (self.end_gfn - self.first_gfn) << PAGE_SHIFT


def difference_ranges(differences: Differences, machine: MachineSpec) -> list[DifferenceRange]:
    """Return the ranges that differ in order of address, cut where one region ends."""
    edges = sorted({edge for r in machine.regions for edge in (r.first_gfn, r.end_gfn)})
    return [
        DifferenceRange(first, end, kind, bits_a, bits_b, machine.region_at(first))
        for start, stop, kind, bits_a, bits_b in _ranges(differences)
        for first, end in _cut(start, stop, edges)
    ]


def _ranges(
    differences: Differences,
) -> Iterator[tuple[int, int, DifferenceKind, int | None, int | None]]:
    """Yield start, end, kind and both entries' bits of the ranges that differ."""
    for row in differences.rows.tolist():
        yield (
            int(differences.starts[row]),
            int(differences.ends[row]),
            DifferenceKind(int(differences.kinds[row])),
            _bits(int(differences.bits_a[row])),
            _bits(int(differences.bits_b[row])),
        )


def _bits(bits: int) -> int | None:
    return None if bits == NO_LEAF else bits


def _cut(first_gfn: int, end_gfn: int, edges: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Yield the parts of a range between edges."""
    while first_gfn < end_gfn:
        position = bisect_right(edges, first_gfn)
        after = min([end_gfn, *edges[position : position + 1]])
        yield first_gfn, after
        first_gfn = after


def kind_words(kind: DifferenceKind, policy_a: str, policy_b: str) -> str:
    """Return a kind of difference in words, by the names of the policies."""
    return {
        DifferenceKind.EQUAL: "alike in both",
        DifferenceKind.ONLY_A: f"a leaf only under {policy_a}",
        DifferenceKind.ONLY_B: f"a leaf only under {policy_b}",
        DifferenceKind.TYPE: "type differs",
        DifferenceKind.IPAT: "IPAT differs",
    }[kind]


_of = of_item(DifferenceRange)
_COLUMNS: tuple[Column[DifferenceRows], ...] = (
    Column("start", "First", "first address", _of(lambda r: r.first_gfn << PAGE_SHIFT), Unit.HEX),
    Column("end", "Last", "address after the last",
           _of(lambda r: r.end_gfn << PAGE_SHIFT), Unit.HEX,
           lambda rows, row: format_gpa((rows.items[row].end_gfn << PAGE_SHIFT) - 1)),
    Column("size_bytes", "Size", "length", _of(lambda r: r.size_bytes), Unit.BYTES),
    REGION_COLUMN,
    Column("difference", "Difference", "only_a, only_b, type, ipat",
           _of(lambda r: r.kind.name.lower()),
           words=lambda rows, row: kind_words(rows.items[row].kind, *rows.policies)),
    Column("type_a", "{a}", "memory type under the first policy; none without a leaf",
           lambda rows, part: type_names(r.bits_a for r in rows.items[part]),
           words=lambda rows, row: entry_words(rows.items[row].bits_a)),
    Column("ipat_a", "IPAT, {a}", "IPAT under the first policy; none without a leaf",
           lambda rows, part: ipats(r.bits_a for r in rows.items[part])),
    Column("type_b", "{b}", "memory type under the second policy; none without a leaf",
           lambda rows, part: type_names(r.bits_b for r in rows.items[part]),
           words=lambda rows, row: entry_words(rows.items[row].bits_b)),
    Column("ipat_b", "IPAT, {b}", "IPAT under the second policy; none without a leaf",
           lambda rows, part: ipats(r.bits_b for r in rows.items[part])),
)  # fmt: skip


class DifferenceRows(ItemRows[DifferenceRange]):
    """Rows by number of the range that differs; ``policies`` are the ids of both."""

    name = "differences"
    columns = _COLUMNS
    names = MappingProxyType({"a": "first policy", "b": "second policy"})
    shown = ("start", "end", "size_bytes", "difference", "type_a", "type_b", "region")
    help = (
        "Words anywhere in the row, or difference:type  type_a:uc  region:ram. "
        "Separate alternatives with commas; a leading minus excludes: -difference:ipat"
    )

    def __init__(
        self,
        ranges: Sequence[DifferenceRange],
        scenario: str,
        policies: tuple[str, str],
        time_ns: int,
    ) -> None:
        super().__init__(ranges)
        self.scenario = scenario
        self.policies = policies
        self.names = {"a": policies[0], "b": policies[1]}
        self.at_ns = time_ns

    @property
    def about(self) -> dict[str, Value]:
        """Scenario, both policies and the time."""
        one, other = self.policies
        time_s = self.at_ns / 1e9
        return {"scenario": self.scenario, "policy_a": one, "policy_b": other, "time_s": time_s}

    def shows_same(self, other: FactRows) -> bool:
        """Whether ranges and policies are the same; only the time may be another."""
        return isinstance(other, DifferenceRows) and (
            (self.items, self.policies) == (other.items, other.policies)
        )
