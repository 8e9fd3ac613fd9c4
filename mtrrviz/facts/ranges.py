"""The map as a table: neighbouring pages of one fate make a row. The map's text twin."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

import numpy as np

from mtrrviz.core.ept import bits_to_leaf
from mtrrviz.core.layout import FIXED_LIMIT_GFN
from mtrrviz.core.units import PAGE_SHIFT, format_gpa, format_size
from mtrrviz.facts.expected import expected_at
from mtrrviz.facts.stale import stale_mask

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from mtrrviz.facts.expected import Expected
    from mtrrviz.facts.sdm_difference import Unlike
    from mtrrviz.scenario.machine_spec import MachineSpec, Region
    from mtrrviz.sim.run import State

#: More rows than this nobody reads; the table says so and ends.
MOST_ROWS = 20_000
COLUMNS = (
    "Range", "Size", "Leaf", "IPAT", "Leaves", "Next fault", "Stale", "By the SDM", "Region", "Kind"
)  # fmt: skip


def space_end(machine: MachineSpec) -> int:
    """Return the first gfn after everything that the map and its tables show."""
    return max(machine.end_gfn, FIXED_LIMIT_GFN)


@dataclass(frozen=True, slots=True)
class RangeRow:
    """Pages [first_gfn, end_gfn) of one region, one leaf type (None: no leaf) and one next fault.

    ``bits`` and ``next_bits`` are type << 3 | IPAT << 6; ``leaves`` counts the leaves. Where pages
    of several types alternate too often to be listed, ``next_bits`` is that of the first page and
    ``others`` are those of others. ``sdm`` is the type by the manual where KVM's is another.
    """

    first_gfn: int
    end_gfn: int
    region: Region | None
    bits: int | None
    leaves: int
    next_bits: int
    is_stale: bool
    others: tuple[int, ...] = ()
    sdm: str = ""

    def cells(self) -> tuple[str, ...]:
        """Return the words of the row, a cell each of :data:`COLUMNS`."""
        first, end = self.first_gfn << PAGE_SHIFT, self.end_gfn << PAGE_SHIFT
        region = self.region
        leaf, ipat = ("none", "") if self.bits is None else _names(self.bits)
        next_ipat = _names(self.next_bits)[1]
        next_type = " or ".join(_names(bits)[0] for bits in (self.next_bits, *self.others))
        has_slot = region is not None and region.has_slot
        return (
            f"{format_gpa(first)} to {format_gpa(end - 1)}",
            format_size(end - first),
            leaf,
            ipat,
            f"{self.leaves:,}" if self.leaves else "",
            f"{next_type}, IPAT {next_ipat}" if has_slot else "none, no slot",
            "stale" if self.is_stale else "",
            self.sdm,
            region.name if region else "unassigned",
            region.kind.value if region else "no slot",
        )


def _names(bits: int) -> tuple[str, str]:
    memory_type, ipat = bits_to_leaf(bits)
    return memory_type.name, str(ipat)


def range_rows(state: State, vcpu: int, unlike: Unlike | None = None) -> list[RangeRow]:
    """Return the first rows over the whole space, at most :data:`MOST_ROWS`.

    Next faults are those of ``vcpu``; ``unlike`` says where the SDM's types are not KVM's.
    """
    return list(islice(all_ranges(state, vcpu, unlike), MOST_ROWS))


def all_ranges(state: State, vcpu: int, unlike: Unlike | None = None) -> Iterator[RangeRow]:
    """Yield the rows over the whole space, however many there are."""
    spec, expected = state.run.scenario.machine, expected_at(state, vcpu)
    stale = stale_mask(expected, state.run.leaves)
    cutter = _Cutter(spec, expected, unlike)
    at = 0
    for run in _leaf_runs(state, stale, cutter.cuts):
        yield from cutter.empty(at, run.first_gfn)
        yield cutter.row(run)
        at = run.end_gfn
    yield from cutter.empty(at, space_end(spec))


@dataclass(frozen=True, slots=True)
class _LeafRun:
    """Neighbouring leaves of equal bits, or a stretch without any (``bits`` None)."""

    first_gfn: int
    end_gfn: int
    bits: int | None
    leaves: int
    is_stale: bool


class _Cutter:
    """Knows where regions, next faults and the manual's types change, and what holds between."""

    def __init__(self, spec: MachineSpec, expected: Expected, unlike: Unlike | None) -> None:
        self._spec = spec
        self._expected = expected
        self._unlike = unlike
        edges = {int(start) for start in expected.starts}
        edges.update(edge for r in spec.regions for edge in (r.first_gfn, r.end_gfn))
        edges.update(unlike.borders if unlike else ())
        self.cuts = sorted(edges)

    def empty(self, first_gfn: int, end_gfn: int) -> Iterator[RangeRow]:
        """Yield the rows of a stretch without leaves."""
        at = first_gfn
        while at < end_gfn:
            position = bisect_right(self.cuts, at)
            after = min(end_gfn, *self.cuts[position : position + 1], end_gfn)
            yield self.row(_LeafRun(at, after, None, 0, is_stale=False))
            at = after

    def row(self, run: _LeafRun) -> RangeRow:
        """Return the row of a run of leaves, or of a stretch without."""
        first, end = run.first_gfn, run.end_gfn
        next_bits = self._expected.at(first)
        return RangeRow(
            first,
            end,
            self._spec.region_at(first),
            run.bits,
            run.leaves,
            next_bits,
            run.is_stale,
            tuple(bits for bits in self._expected.all_bits(first, end) if bits != next_bits),
            self._unlike.words(first, end) if self._unlike else "",
        )


def _leaf_runs(state: State, stale: NDArray[np.bool_], cuts: list[int]) -> Iterator[_LeafRun]:
    """Yield runs of leaves that touch each other and agree in everything a row says."""
    leaves, rows = state.run.leaves, state.live_rows
    rows = rows[np.argsort(leaves.first_gfn[rows], kind="stable")]
    if not len(rows):
        return
    first = leaves.first_gfn[rows]
    end = first + leaves.pages[rows]
    bits, is_stale = leaves.bits[rows], stale[rows]
    section = np.searchsorted(np.array(cuts, np.uint64), first, "right")
    is_new = np.ones(len(rows), bool)
    is_new[1:] = (
        (first[1:] != end[:-1])
        | (bits[1:] != bits[:-1])
        | (is_stale[1:] != is_stale[:-1])
        | (section[1:] != section[:-1])
    )
    starts = np.flatnonzero(is_new)
    ends = np.append(starts[1:], len(rows))
    for low, high in zip(starts.tolist(), ends.tolist(), strict=True):
        yield _LeafRun(
            int(first[low]), int(end[high - 1]), int(bits[low]), high - low, bool(is_stale[low])
        )
