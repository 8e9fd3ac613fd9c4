"""The ranges that differ, in words and as values: for tables, copying and other programs."""

from __future__ import annotations

import csv
import io
from bisect import bisect_right
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mtrrviz.core.ept import bits_to_leaf
from mtrrviz.core.units import PAGE_SHIFT, format_gpa, format_size
from mtrrviz.facts.differences import NO_LEAF, DifferenceKind, Differences

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from mtrrviz.scenario.machine_spec import MachineSpec, Region


@dataclass(frozen=True, slots=True)
class DifferenceRow:
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

    @property
    def region_name(self) -> str:
        """The name of what backs the range."""
        return self.region.name if self.region else "unassigned"


def difference_rows(differences: Differences, machine: MachineSpec) -> list[DifferenceRow]:
    """Return the ranges that differ in order of address, cut where one region ends."""
    edges = sorted({edge for r in machine.regions for edge in (r.first_gfn, r.end_gfn)})
    return [
        DifferenceRow(first, end, kind, bits_a, bits_b, machine.region_at(first))
        for start, stop, kind, bits_a, bits_b in _ranges(differences)
        for first, end in _cut(start, stop, edges)
    ]


def _ranges(
    differences: Differences,
) -> Iterator[tuple[int, int, DifferenceKind, int | None, int | None]]:
    """Yield start, end, kind and both entries' bits of the ranges that differ."""
    for row in differences.differing.tolist():
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
        DifferenceKind.ONLY_A: f"only in {policy_a}",
        DifferenceKind.ONLY_B: f"only in {policy_b}",
        DifferenceKind.TYPE: "type differs",
        DifferenceKind.IPAT: "IPAT differs",
    }[kind]


def columns(policy_a: str, policy_b: str) -> tuple[str, ...]:
    """Return the titles of :func:`cells`."""
    return ("First", "Last", "Size", "Difference", policy_a, policy_b, "Region")


def cells(row: DifferenceRow, policy_a: str, policy_b: str) -> tuple[str, ...]:
    """Return a row in words, a cell each of :func:`columns`."""
    return (
        format_gpa(row.first_gfn << PAGE_SHIFT),
        format_gpa((row.end_gfn << PAGE_SHIFT) - 1),
        format_size(row.size_bytes),
        kind_words(row.kind, policy_a, policy_b),
        entry_words(row.bits_a),
        entry_words(row.bits_b),
        row.region_name,
    )


def entry_words(bits: int | None) -> str:
    """Return the type and IPAT of a leaf, or that there is none."""
    if bits is None:
        return "no leaf"
    memory_type, ipat = bits_to_leaf(bits)
    return f"{memory_type.name} + IPAT" if ipat else memory_type.name


def separated_text(
    rows: Sequence[DifferenceRow], policy_a: str, policy_b: str, separator: str = "\t"
) -> str:
    """Return rows under a line of titles, as TSV or (separator ",") CSV."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=separator, lineterminator="\n")
    writer.writerow(columns(policy_a, policy_b))
    writer.writerows(cells(row, policy_a, policy_b) for row in rows)
    return out.getvalue()


def json_rows(rows: Sequence[DifferenceRow]) -> list[dict[str, Any]]:
    """Return rows as JSON values; `mtrrviz compare --help` says what each key means."""
    return [
        {
            "gpa": row.first_gfn << PAGE_SHIFT,
            "size_bytes": row.size_bytes,
            "difference": row.kind.name.lower(),
            "a": _entry_json(row.bits_a),
            "b": _entry_json(row.bits_b),
            "region": row.region and row.region.name,
        }
        for row in rows
    ]


def _entry_json(bits: int | None) -> dict[str, Any] | None:
    if bits is None:
        return None
    memory_type, ipat = bits_to_leaf(bits)
    return {"type": memory_type.name, "ipat": int(ipat)}
