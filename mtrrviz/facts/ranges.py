"""The EPT map as ranges: neighbouring pages with the same leaves and next faults make one."""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING

import numpy as np

from mtrrviz.core.errors import MtrrvizError
from mtrrviz.core.layout import FIXED_LIMIT_GFN
from mtrrviz.core.record import Record
from mtrrviz.facts.expected import expected_at
from mtrrviz.facts.sdm_difference import sdm_difference_for
from mtrrviz.facts.stale import stale_mask

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from mtrrviz.facts.expected import Expected
    from mtrrviz.facts.sdm_difference import SdmDifference
    from mtrrviz.scenario.machine_spec import MachineSpec, Region
    from mtrrviz.sim.run import State


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


def ranges_at(state: State, vcpu: int) -> Iterator[MappedRange]:
    """Return the ranges of the whole space, with the faults that ``vcpu`` would get next.

    :class:`MtrrvizError` if there is no such vCPU.
    """
    spec = state.run.scenario.machine
    if not 0 <= vcpu < spec.vcpus:
        raise MtrrvizError(f"no vCPU {vcpu}: the machine has {spec.vcpus} (expected 0 or more)")
    return _mapped_ranges(state, vcpu)


def _mapped_ranges(state: State, vcpu: int) -> Iterator[MappedRange]:
    spec, expected = state.run.scenario.machine, expected_at(state, vcpu)
    stale = stale_mask(expected, state.run.leaves)
    sdm_difference = sdm_difference_for(state.machine, vcpu, spec)
    cutter = _Cutter(spec, expected, sdm_difference)
    at = 0
    for run in _leaf_runs(state, stale, cutter.cuts):
        yield from cutter.empty(at, run.first_gfn)
        yield cutter.row(run)
        at = run.end_gfn
    yield from cutter.empty(at, space_end(spec))


class _LeafRun(Record):
    """Neighbouring leaves of equal bits, or a stretch without any (``bits`` None)."""

    first_gfn: int
    end_gfn: int
    bits: int | None
    leaves: int
    is_stale: bool


class _Cutter:
    """Cuts stretches where regions, next faults or the SDM's types change."""

    def __init__(
        self, spec: MachineSpec, expected: Expected, sdm_difference: SdmDifference | None
    ) -> None:
        self._spec = spec
        self._expected = expected
        self._sdm_difference = sdm_difference
        edges = {int(start) for start in expected.starts}
        edges.update(edge for r in spec.regions for edge in (r.first_gfn, r.end_gfn))
        edges.update(sdm_difference.borders if sdm_difference else ())
        self.cuts = sorted(edges)

    def empty(self, first_gfn: int, end_gfn: int) -> Iterator[MappedRange]:
        """Yield the rows of a stretch without leaves."""
        at = first_gfn
        while at < end_gfn:
            position = bisect_right(self.cuts, at)
            after = min(end_gfn, *self.cuts[position : position + 1], end_gfn)
            yield self.row(_LeafRun(at, after, None, 0, is_stale=False))
            at = after

    def row(self, run: _LeafRun) -> MappedRange:
        """Return the range of a run of leaves, or of a stretch without."""
        first, end = run.first_gfn, run.end_gfn
        next_bits = self._expected.at(first)
        return MappedRange(
            first,
            end,
            self._spec.region_at(first),
            run.bits,
            run.leaves,
            next_bits,
            run.is_stale,
            tuple(bits for bits in self._expected.all_bits(first, end) if bits != next_bits),
            self._sdm_difference.words(first, end) if self._sdm_difference else "",
        )


def _leaf_runs(state: State, stale: NDArray[np.bool_], cuts: list[int]) -> Iterator[_LeafRun]:
    """Yield runs of leaves that touch each other and agree in all that a range says."""
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
