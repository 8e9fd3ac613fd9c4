"""The table of ranges: the EPT map at a time in words, for people, files and screen readers."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

from mtrrviz.core.units import PAGE_SHIFT, format_gpa
from mtrrviz.facts.ranges import ranges_at
from mtrrviz.facts.tables.column import Column, Unit
from mtrrviz.facts.tables.fact_rows import BLOCK_ROWS, FactRows
from mtrrviz.facts.tables.leaf_cells import ipats, type_names

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from mtrrviz.facts.ranges import MappedRange
    from mtrrviz.facts.tables.column import Value
    from mtrrviz.sim.run import State


def _of(value: Callable[[MappedRange], Value]) -> Callable[[RangeRows, slice], list[Value]]:
    """Return the values of a column that a range alone fills."""
    return lambda rows, part: [value(mapped) for mapped in rows.ranges[part]]


def _leaf_words(rows: RangeRows, row: int) -> str:
    return type_names([rows.ranges[row].bits])[0] or "none"


def _next_bits(rows: RangeRows, part: slice) -> list[int | None]:
    return [mapped.next_bits if mapped.has_slot else None for mapped in rows.ranges[part]]


def _next_words(rows: RangeRows, row: int) -> str:
    mapped = rows.ranges[row]
    if not mapped.has_slot:
        return "none, no slot"
    types = " or ".join(map(str, type_names([mapped.next_bits, *mapped.others])))
    return f"{types}, IPAT {ipats([mapped.next_bits])[0]}"


def span_words(first_gfn: int, end_gfn: int) -> str:
    """Return the addresses of pages [first_gfn, end_gfn), the last byte included."""
    return f"{format_gpa(first_gfn << PAGE_SHIFT)} to {format_gpa((end_gfn << PAGE_SHIFT) - 1)}"


_COLUMNS: tuple[Column[RangeRows], ...] = (
    Column("start", "Range", "first address", _of(lambda r: r.first_gfn << PAGE_SHIFT), Unit.HEX,
           lambda rows, row: span_words(rows.ranges[row].first_gfn, rows.ranges[row].end_gfn)),
    Column("end", "End", "address after the last",
           _of(lambda r: r.end_gfn << PAGE_SHIFT), Unit.HEX),
    Column("size_bytes", "Size", "length",
           _of(lambda r: (r.end_gfn - r.first_gfn) << PAGE_SHIFT), Unit.BYTES),
    Column("region", "Region", "name of the region; none where nothing is",
           _of(lambda r: r.region and r.region.name),
           words=lambda rows, row: region_words(rows.ranges[row])),
    Column("kind", "Kind", "ram, rom, device-ram, mmio, passthrough; none where nothing is",
           _of(lambda r: r.region and str(r.region.kind)),
           words=lambda rows, row: kind_words(rows.ranges[row])),
    Column("leaf_type", "Leaf", "memory type of the leaves there; none without leaves",
           lambda rows, part: type_names(r.bits for r in rows.ranges[part]), words=_leaf_words),
    Column("leaf_ipat", "IPAT", "IPAT of the leaves there; none without leaves",
           lambda rows, part: ipats(r.bits for r in rows.ranges[part])),
    Column("leaves", "Leaves", "number of leaves", _of(lambda r: r.leaves), Unit.NUMBER,
           lambda rows, row: f"{n:,}" if (n := rows.ranges[row].leaves) else ""),
    Column("next_fault_type", "Next fault",
           "memory type the next fault would get; none without memory slot",
           lambda rows, part: type_names(_next_bits(rows, part)), words=_next_words),
    Column("next_fault_ipat", "Next IPAT",
           "IPAT the next fault would get; none without memory slot",
           lambda rows, part: ipats(_next_bits(rows, part))),
    Column("stale", "Stale",
           "whether faults on the leaves' pages would now get another type or IPAT",
           _of(lambda r: r.is_stale),
           words=lambda rows, row: "stale" if rows.ranges[row].is_stale else ""),
    Column("sdm_type", "By the SDM", "memory type by the SDM's rules; none where KVM's is the same",
           _of(lambda r: r.sdm or None)),
)  # fmt: skip


def region_words(mapped: MappedRange) -> str:
    """Return the name of what is there."""
    return mapped.region.name if mapped.region else "unassigned"


def kind_words(mapped: MappedRange) -> str:
    """Return the kind of memory."""
    return str(mapped.region.kind) if mapped.region else "no slot"


class RangeRows(FactRows):
    """Rows by number of the range; the next faults are those of ``vcpu_asked``."""

    name = "ranges"
    columns = _COLUMNS
    shown = (
        *("start", "size_bytes", "leaf_type", "leaf_ipat", "leaves"),
        *("next_fault_type", "stale", "sdm_type", "region", "kind"),
    )
    help = (
        "Words anywhere in the row, or leaf_type:uc  kind:ram  stale:stale. "
        "Separate alternatives with commas; a leading minus excludes: -kind:mmio"
    )

    def __init__(self, state: State, vcpu_asked: int, ranges: Sequence[MappedRange]) -> None:
        self.state = state
        self.vcpu_asked = vcpu_asked
        self.ranges = ranges

    @property
    def about(self) -> dict[str, Value]:
        """Scenario, policy, time and the vCPU whose next faults are told."""
        run = self.state.run
        return {
            "scenario": run.scenario.name,
            "policy": run.policy.id,
            "time_s": self.state.time_ns / 1e9,
            "vcpu": self.vcpu_asked,
        }

    def __len__(self) -> int:
        """Return the number of ranges."""
        return len(self.ranges)

    def shows_same(self, other: FactRows) -> bool:
        """Whether the ranges are the same; only the time may be another."""
        return isinstance(other, RangeRows) and self.ranges == other.ranges


class StreamedRangeRows(RangeRows):
    """All ranges of a map for a file: made while they are written, so it may be written once."""

    def __init__(self, state: State, vcpu_asked: int) -> None:
        super().__init__(state, vcpu_asked, ())
        self._left = ranges_at(state, vcpu_asked)

    def blocks(self) -> Iterator[list[list[Value]]]:
        """Yield the values of all columns, a block of ranges at a time."""
        while block := tuple(islice(self._left, BLOCK_ROWS)):
            yield from RangeRows(self.state, self.vcpu_asked, block).blocks()
