"""The table of ranges: the EPT map at a time in words, for people, files and screen readers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mtrrviz.facts.ranges import MappedRange, MappedRanges
from mtrrviz.facts.tables.column import Column, Unit
from mtrrviz.facts.tables.fact_rows import BLOCK_ROWS
from mtrrviz.facts.tables.item_rows import REGION_COLUMN, SPAN_COLUMNS, ItemRows, of_item
from mtrrviz.facts.tables.leaf_cells import ipats, type_names

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from mtrrviz.facts.tables.column import Value
    from mtrrviz.facts.tables.fact_rows import FactRows
    from mtrrviz.sim.run import State

_of = of_item(MappedRange)


def _next_bits(rows: RangeRows, part: slice) -> list[int | None]:
    return [mapped.next_bits if mapped.has_slot else None for mapped in rows.items[part]]


def _next_words(rows: RangeRows, row: int) -> str:
    mapped = rows.items[row]
    if not mapped.has_slot:
        return "none, no slot"
    types = " or ".join(map(str, type_names([mapped.next_bits, *mapped.others])))
    return f"{types}, IPAT {ipats([mapped.next_bits])[0]}"


_COLUMNS: tuple[Column[RangeRows], ...] = (
    *SPAN_COLUMNS,
    REGION_COLUMN,
    Column("kind", "Kind", "ram, rom, device-ram, mmio, passthrough; none where nothing is",
           _of(lambda r: r.region and str(r.region.kind)),
           words=lambda rows, row: kind_words(rows.items[row])),
    Column("leaf_type", "Leaf", "memory type of the leaves there; none without leaves",
           lambda rows, part: type_names(r.bits for r in rows.items[part]),
           words=lambda rows, row: type_names([rows.items[row].bits])[0] or "none"),
    Column("leaf_ipat", "IPAT", "IPAT of the leaves there; none without leaves",
           lambda rows, part: ipats(r.bits for r in rows.items[part])),
    Column("leaves", "Leaves", "number of leaves", _of(lambda r: r.leaves), Unit.NUMBER,
           lambda rows, row: f"{n:,}" if (n := rows.items[row].leaves) else ""),
    Column("next_fault_type", "Next fault",
           "memory type the next fault would get; none without memory slot",
           lambda rows, part: type_names(_next_bits(rows, part)), words=_next_words),
    Column("next_fault_ipat", "Next IPAT",
           "IPAT the next fault would get; none without memory slot",
           lambda rows, part: ipats(_next_bits(rows, part))),
    Column("stale", "Stale",
           "whether faults on the leaves' pages would now get another type or IPAT",
           _of(lambda r: r.is_stale),
           words=lambda rows, row: "stale" if rows.items[row].is_stale else ""),
    Column("sdm_type", "By the SDM", "memory type by the SDM's rules; none where KVM's is the same",
           _of(lambda r: r.sdm or None)),
)  # fmt: skip


def kind_words(mapped: MappedRange) -> str:
    """Return the kind of memory."""
    return str(mapped.region.kind) if mapped.region else "no slot"


class RangeRows(ItemRows[MappedRange]):
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
        super().__init__(ranges)
        self.state = state
        self.vcpu_asked = vcpu_asked

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

    def blocks(self) -> Iterator[list[list[Value]]]:
        """Yield the values of all columns, a block of rows at a time; each range is made once."""
        for start in range(0, len(self), BLOCK_ROWS):
            some = self.items[start : start + BLOCK_ROWS]
            rows = RangeRows(self.state, self.vcpu_asked, some)
            yield [column.values(rows, slice(0, len(some))) for column in self.columns]

    def shows_same(self, other: FactRows) -> bool:
        """Whether the ranges are the same; only the time may be another."""
        if not isinstance(other, RangeRows):
            return False
        items, others = self.items, other.items
        if isinstance(items, MappedRanges) and isinstance(others, MappedRanges):
            return items.is_like(others)
        return items == others
