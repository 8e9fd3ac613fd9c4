"""Which touches of a stretch without events fault, and what leaf each fault makes.

Between two events the registers stand still, so the touches of that stretch can be judged
together. What is left to order is leaves of different size: a fault that makes a huge leaf covers
all later touches of its block and replaces the smaller leaves in it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mtrrviz.core.ept import ept_bits
from mtrrviz.core.machine import Machine
from mtrrviz.core.units import LEVEL_PAGES
from mtrrviz.sim.pages import PageIndex


@dataclass(frozen=True, eq=False)
class Faults:
    """Faults in time order: ``touch`` (row in the page index), ``page``, ``bits``, ``level``."""

    touch: NDArray[np.intp]
    page: NDArray[np.int32]
    bits: NDArray[np.uint8]
    level: NDArray[np.uint8]


def first_of_each(keys: NDArray[np.integer], scratch: NDArray[np.int32]) -> NDArray[np.bool_]:
    """Return which entries of ``keys`` are the first of their value.

    ``scratch`` has room for every key and its content does not matter. Assigning in reverse
    leaves the position of the first occurrence, which costs less than sorting.
    """
    order = np.arange(len(keys), dtype=np.int32)
    scratch[keys[::-1]] = order[::-1]
    return scratch[keys] == order


def find_faults(
    machine: Machine,
    pages: PageIndex,
    candidates: NDArray[np.intp],
    scratch: NDArray[np.int32],
) -> Faults:
    """Return the faults among ``candidates``, touches of pages that no leaf covers.

    ``machine`` answers for type and level at this moment.
    """
    page = pages.page[candidates]
    first = first_of_each(page, scratch)
    touch, page = candidates[first], page[first]
    bits, level = leaf_rule(machine, pages, page, pages.vcpu[touch])
    for size in (3, 2):
        kept = _not_covered(pages, page, level, size)
        if kept is not None:
            touch, page, bits, level = touch[kept], page[kept], bits[kept], level[kept]
    return Faults(touch, page, bits, level)


def leaf_rule(
    machine: Machine, pages: PageIndex, page: NDArray[np.int32], vcpu: NDArray[np.uint8]
) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Return entry bits and level of the leaf that a fault on each page would make."""
    gfn = pages.gfn[page]
    bits = np.empty(len(page), np.uint8)
    level = np.empty(len(page), np.uint8)
    for fault_map, members in _by_fault_map(machine, vcpu):
        chosen = gfn[members]
        interval = np.searchsorted(fault_map.starts, chosen, "right") - 1
        bits[members] = fault_map.bits[interval]
        level[members] = fault_map.levels[interval]
    np.minimum(level, pages.level[page], out=level)
    host_mmio = pages.host_mmio[page]
    if host_mmio.any():
        bits[host_mmio] = ept_bits(*machine.policy.mmio_leaf())
    return bits, level


def _by_fault_map(machine: Machine, vcpu: NDArray[np.uint8]):  # noqa: ANN202
    """Yield each different fault map with the rows whose vCPU it answers for."""
    numbers = np.flatnonzero(np.bincount(vcpu))
    maps = [machine.fault_map(int(number)) for number in numbers]
    distinct = {id(fault_map): fault_map for fault_map in maps}
    if len(distinct) == 1:
        yield maps[0], slice(None)
        return
    which = np.zeros(256, np.int64)
    which[numbers] = [id(fault_map) for fault_map in maps]
    of_row = which[vcpu]
    for key, fault_map in distinct.items():
        yield fault_map, np.flatnonzero(of_row == key)


def _not_covered(
    pages: PageIndex, page: NDArray[np.int32], level: NDArray[np.uint8], size: int
) -> NDArray[np.bool_] | None:
    """Return which faults still happen once leaves of ``size`` cover their blocks.

    The first fault of that level in a block stands, as do smaller ones before it; None when no
    fault has that level.
    """
    is_huge = level == size
    if not is_huge.any():
        return None
    gfn = pages.gfn[page]
    block = gfn // np.uint64(LEVEL_PAGES[size])
    huge_blocks, first = np.unique(block[is_huge], return_index=True)
    position = np.flatnonzero(is_huge)[first]
    slot = np.minimum(np.searchsorted(huge_blocks, block), len(huge_blocks) - 1)
    in_block = huge_blocks[slot] == block
    return ~(in_block & (np.arange(len(page)) > position[slot]) & (level <= size))
