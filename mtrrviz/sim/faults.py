"""Which touches of a stretch without events fault, and what leaf each fault makes.

Between two events the registers stand still, so the touches of that stretch can be judged
together. What is left to order is leaves of different size: a fault that makes a huge leaf covers
all later touches of its block and replaces the smaller leaves in it.

Whether a huge leaf is allowed is one answer for a whole block and all vCPUs with equal MTRRs (KVM
asks about the aligned block), so where it is allowed only the first touch of a block matters.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from mtrrviz.core.ept import ept_bits
from mtrrviz.core.record import Record

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from mtrrviz.core.faultmap import FaultMap
    from mtrrviz.core.kvm_rules.policy import Policy
    from mtrrviz.core.machine import Machine
    from mtrrviz.sim.pages import PageIndex


class Faults(Record, eq=False):
    """Faults in time order: ``touch`` (row in the page index), entry ``bits``, ``level``."""

    touch: NDArray[np.intp]
    bits: NDArray[np.uint8]
    level: NDArray[np.uint8]

    def chosen(self, rows: NDArray[Any]) -> Faults:
        """Return some of the faults."""
        return Faults(self.touch[rows], self.bits[rows], self.level[rows])


class FaultRules:
    """What faults get at one moment: the different fault maps, and which vCPU has which.

    ``bits`` and ``level`` (uint8, 256 long) are those of vCPUs whose map is the same everywhere, as
    most are; ``varied`` are the other maps, with the number by which ``number`` (uint8, 256 long)
    names them.
    """

    def __init__(self, machine: Machine, vcpus: NDArray[np.intp]) -> None:
        self.policy: Policy = machine.policy
        self.maps: list[FaultMap] = []
        self.number = np.zeros(256, np.uint8)
        self.bits = np.zeros(256, np.uint8)
        self.level = np.zeros(256, np.uint8)
        for vcpu in vcpus.tolist():
            found = machine.fault_map(vcpu)
            self.number[vcpu] = self._number_of(found)
            self.bits[vcpu], self.level[vcpu] = found.bits[0], found.levels[0]
        self.varied = [(i, one) for i, one in enumerate(self.maps) if not one.is_one_answer]

    def _number_of(self, found: FaultMap) -> int:
        """Return the number of a map; equal maps are one object, often one for all vCPUs."""
        for number, known in enumerate(self.maps):
            if known is found:
                return number
        self.maps.append(found)
        return len(self.maps) - 1

    def split(self, touch: NDArray[np.intp], vcpu: NDArray[np.uint8]) -> list[NDArray[np.intp]]:
        """Return ``touch`` in one part for each map."""
        if len(self.maps) == 1:
            return [touch]
        of_touch = self.number[vcpu[touch]]
        return [touch[of_touch == number] for number in range(len(self.maps))]


class FaultFinder:
    """Finds the faults of a scenario's touches; keeps memory to work in."""

    def __init__(self, pages: PageIndex) -> None:
        self._pages = pages
        room = max(len(pages.gfn), 1)
        self._scratch = np.empty(room, np.int32)
        self._is_ragged = np.zeros(len(pages.large.gfn), np.bool_)

    def find(self, machine: Machine, touch: NDArray[np.intp], start: int) -> Faults:
        """Return the faults among ``touch``: rows, ascending, of touches that no leaf covers.

        Where only leaves of 4 KiB are permitted, they are of different pages.
        ``machine`` answers for type and level since the touch ``start``.
        """
        rules = FaultRules(machine, self._vcpus_of(touch))
        if self._pages.largest == 1:
            return self._leaves(rules, touch)
        faults = self._by_block(rules, touch, start)
        faults = self._until_huge(faults, 2, self._block_of(faults))
        if self._pages.largest == 3:
            giant = self._pages.giant.of[self._block_of(faults)]
            faults = self._until_huge(faults, 3, giant)
        return faults

    def _vcpus_of(self, touch: NDArray[np.intp]) -> NDArray[np.intp]:
        """Return the vCPUs that these touches are by, or a few more where there are many."""
        if len(touch) > len(self._pages.vcpu) // 8:
            return self._pages.vcpus
        return np.flatnonzero(np.bincount(self._pages.vcpu[touch]))

    def _first_of_pages(self, touch: NDArray[np.intp], start: int) -> NDArray[np.intp]:
        return touch[self._pages.before[touch] < start]

    def _block_of(self, faults: Faults) -> NDArray[np.int32]:
        return self._pages.block[faults.touch]

    def _by_block(self, rules: FaultRules, touch: NDArray[np.intp], start: int) -> Faults:
        """Return what can fault: first touches of huge blocks, all first touches of other pages."""
        block = self._pages.block
        firsts = [
            part[first_of_each(block[part], self._scratch)]
            for part in rules.split(touch, self._pages.vcpu)
        ]
        first = firsts[0] if len(firsts) == 1 else np.sort(np.concatenate(firsts))
        faults = self._leaves(rules, first)
        ragged = block[faults.touch[faults.level == 1]]
        if not len(ragged):
            return faults
        self._is_ragged[ragged] = True
        inside = touch[self._is_ragged[block[touch]]]
        smooth = faults.touch[~self._is_ragged[block[faults.touch]]]
        self._is_ragged[ragged] = False
        # Where small leaves occur, the first touch of every page counts.
        by_page = self._first_of_pages(inside, start)
        return self._leaves(rules, np.sort(np.concatenate([smooth, by_page])))

    def _leaves(self, rules: FaultRules, touch: NDArray[np.intp]) -> Faults:
        """Return the leaves that faults at these touches would make."""
        pages = self._pages
        # For small indices take() is twice as quick as indexing.
        page = pages.page.take(touch)
        vcpu = pages.vcpu.take(touch)
        bits = rules.bits.take(vcpu)
        level = np.ones(len(touch), np.uint8)
        if pages.largest > 1:
            np.minimum(pages.level.take(page), rules.level.take(vcpu), out=level)
        for number, found in rules.varied:
            rows = np.flatnonzero(rules.number.take(vcpu) == number)
            of_rows = page[rows]
            bits[rows], allowed = found.leaves_at(pages.gfn[of_rows])
            level[rows] = np.minimum(pages.level[of_rows], allowed)
        if pages.has_host_mmio:
            bits[pages.host_mmio[page]] = ept_bits(*rules.policy.mmio_leaf())
        return Faults(touch, bits, level)

    def _until_huge(self, faults: Faults, level: int, block: NDArray[np.int32]) -> Faults:
        """Return the faults that still happen once leaves of ``level`` cover their blocks.

        The first fault of at least that level in a block stands, as do smaller ones before it.
        """
        huge = np.flatnonzero(faults.level >= level).astype(np.int32)
        if not len(huge):
            return faults
        first = self._scratch
        first[block] = len(block)
        first[block[huge[::-1]]] = huge[::-1]
        return faults.chosen(np.arange(len(block), dtype=np.int32) <= first[block])


def first_of_each(keys: NDArray[np.int32], scratch: NDArray[np.int32]) -> NDArray[np.bool_]:
    """Return which entries of ``keys`` are the first of their value.

    ``scratch`` has room for every key and its content does not matter. Assigning in reverse
    leaves the position of the first occurrence, which costs less than sorting.
    """
    order = np.arange(len(keys), dtype=np.int32)
    scratch[keys[::-1]] = order[::-1]
    return scratch[keys] == order
