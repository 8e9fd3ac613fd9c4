"""The EPT map as ranges: neighbouring pages with the same leaves and next faults make one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, overload

import numpy as np

from mtrrviz.core.errors import MtrrvizError
from mtrrviz.core.layout import FIXED_LIMIT_GFN
from mtrrviz.core.record import Record
from mtrrviz.core.sorting import distinct, order_of
from mtrrviz.facts.expected import expected_at
from mtrrviz.facts.sdm_difference import sdm_difference_for
from mtrrviz.facts.stale import stale_mask

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from mtrrviz.scenario.machine_spec import MachineSpec, Region
    from mtrrviz.sim.run import State


#: Where what ranges rest on is another object, so many are compared one by one.
_MOST_COMPARED = 500


def space_end(machine: MachineSpec) -> int:
    """Return the first gfn after everything that the map and its tables show."""
    return max(machine.end_gfn, FIXED_LIMIT_GFN)


class MappedRange(Record):
    """Pages [first_gfn, end_gfn) of one region, one leaf type (None: no leaf) and one next fault.

    ``bits`` and ``next_bits`` are type << 3 | IPAT << 6; ``leaves`` counts the leaves. Where pages
    of several types alternate too often to be listed, ``next_bits`` are those of the first page
    and ``others`` those of the other pages. ``sdm`` is the type by the SDM where KVM's is another.
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

    @property
    def has_slot(self) -> bool:
        """Whether a memory slot is there, without which no fault makes a leaf."""
        return self.region is not None and self.region.has_slot


def ranges_at(state: State, vcpu: int) -> MappedRanges:
    """Return the ranges of the whole space, with the faults that ``vcpu`` would get next.

    :class:`MtrrvizError` if there is no such vCPU.
    """
    spec = state.run.scenario.machine
    if not 0 <= vcpu < spec.vcpus:
        raise MtrrvizError(f"no vCPU {vcpu}: the machine has {spec.vcpus} (expected 0 or more)")
    return MappedRanges(state, vcpu)


class MappedRanges(Sequence[MappedRange]):
    """The ranges by address, from gfn 0 to :func:`space_end`; there may be a million.

    Each is made anew for whoever asks.
    """

    def __init__(self, state: State, vcpu: int) -> None:
        spec = state.run.scenario.machine
        self._spec = spec
        self._expected = expected_at(state, vcpu)
        self._sdm_difference = sdm_difference_for(state.machine, vcpu, spec)
        cuts = self._cuts()
        self._runs = runs = _leaf_runs(state, stale_mask(self._expected, state.run.leaves), cuts)
        last_gfn = max(space_end(spec), int(runs.end_gfn[-1]) if len(runs.end_gfn) else 0)
        zero = np.zeros(1, np.uint64)
        borders = [zero, runs.first_gfn, runs.end_gfn, cuts[~runs.hold(cuts)]]
        starts = distinct(np.concatenate(borders))
        self._first_gfn = starts[starts < np.uint64(last_gfn)]
        self._end_gfn = np.append(self._first_gfn[1:], np.uint64(last_gfn))
        self._last: tuple[int, MappedRange] | None = None

    def _cuts(self) -> NDArray[np.uint64]:
        """Return where regions, next faults or the SDM's types change, uint64 ascending."""
        edges = {edge for r in self._spec.regions for edge in (r.first_gfn, r.end_gfn)}
        edges.update(self._sdm_difference.borders if self._sdm_difference else ())
        return distinct(np.concatenate([self._expected.starts, np.array([*edges], np.uint64)]))

    def __len__(self) -> int:
        """Return the number of ranges."""
        return len(self._first_gfn)

    @overload
    def __getitem__(self, index: int) -> MappedRange: ...
    @overload
    def __getitem__(self, index: slice) -> list[MappedRange]: ...
    def __getitem__(self, index: int | slice) -> MappedRange | list[MappedRange]:
        """Return one range, or some of them."""
        if isinstance(index, slice):
            return [self._range(number) for number in range(len(self))[index]]
        number = range(len(self))[index]
        kept = self._last  # that of the last one is kept, as a row has many cells
        if kept is None or kept[0] != number:
            kept = self._last = (number, self._range(number))  # two threads may ask
        return kept[1]

    def _range(self, number: int) -> MappedRange:
        first, end = int(self._first_gfn[number]), int(self._end_gfn[number])
        bits, leaves, is_stale = self._runs.at(first)
        next_bits = self._expected.at(first)
        return MappedRange(
            first,
            end,
            self._spec.region_at(first),
            bits,
            leaves,
            next_bits,
            is_stale,
            tuple(bits for bits in self._expected.all_bits(first, end) if bits != next_bits),
            self._sdm_difference.words(first, end) if self._sdm_difference else "",
        )

    def is_like(self, other: MappedRanges) -> bool:
        """Whether these are equal ranges; False if in doubt."""
        if not (
            np.array_equal(self._first_gfn, other._first_gfn)
            and np.array_equal(self._end_gfn, other._end_gfn)
            and self._runs.is_like(other._runs)
        ):
            return False
        if (
            self._spec is other._spec
            and self._expected is other._expected
            and self._sdm_difference is other._sdm_difference
        ):
            return True
        return len(self) <= _MOST_COMPARED and list(self) == list(other)


class _MappedRuns(Record, eq=False):
    """Neighbouring leaves of equal bits, by address: columns, one row a run.

    ``first_gfn`` and ``end_gfn`` uint64, ``bits`` uint8, ``leaves`` intp, ``is_stale`` bool.
    """

    first_gfn: NDArray[np.uint64]
    end_gfn: NDArray[np.uint64]
    bits: NDArray[np.uint8]
    leaves: NDArray[np.intp]
    is_stale: NDArray[np.bool_]

    def hold(self, gfns: NDArray[np.uint64]) -> NDArray[np.bool_]:
        """Return which pages have a leaf."""
        before = np.searchsorted(self.first_gfn, gfns, "right")
        ends = np.append(np.zeros(1, np.uint64), self.end_gfn)
        return gfns < ends[before]

    def at(self, gfn: int) -> tuple[int | None, int, bool]:
        """Return bits, number of leaves and staleness of the run that begins at a page."""
        row = int(np.searchsorted(self.first_gfn, np.uint64(gfn)))
        if row == len(self.first_gfn) or int(self.first_gfn[row]) != gfn:
            return None, 0, False
        return int(self.bits[row]), int(self.leaves[row]), bool(self.is_stale[row])

    def is_like(self, other: _MappedRuns) -> bool:
        """Whether the other's columns are equal."""
        names = _MappedRuns.__struct_fields__
        return all(np.array_equal(getattr(self, name), getattr(other, name)) for name in names)


def _leaf_runs(state: State, stale: NDArray[np.bool_], cuts: NDArray[np.uint64]) -> _MappedRuns:
    """Return runs of leaves that touch each other and agree in all that a range says."""
    leaves, rows = state.run.leaves, state.live_rows
    rows = rows[order_of(leaves.first_gfn[rows])]
    first = leaves.first_gfn[rows]
    end = first + leaves.pages[rows]
    bits, is_stale = leaves.bits[rows], stale[rows]
    section = np.searchsorted(cuts, first, "right")
    is_new = np.ones(len(rows), bool)
    is_new[1:] = (
        (first[1:] != end[:-1])
        | (bits[1:] != bits[:-1])
        | (is_stale[1:] != is_stale[:-1])
        | (section[1:] != section[:-1])
    )
    starts = np.flatnonzero(is_new)
    ends = np.append(starts[1:], len(rows))[: len(starts)]
    return _MappedRuns(first[starts], end[ends - 1], bits[starts], ends - starts, is_stale[starts])
