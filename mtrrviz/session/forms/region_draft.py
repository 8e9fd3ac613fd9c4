"""Regions of a machine while they are being edited: each change makes another tuple of them.

They are kept in address order; what a change would make overlap is left to
:func:`mtrrviz.scenario.machine_check.region_problems` to tell, except for borders that are dragged,
which stop at their neighbours.
"""

from __future__ import annotations

from enum import Enum, auto
from typing import TYPE_CHECKING

from msgspec.structs import replace

from mtrrviz.core.errors import MtrrvizError
from mtrrviz.core.units import PAGE_SIZE
from mtrrviz.scenario.machine_spec import Region, RegionKind

if TYPE_CHECKING:
    from collections.abc import Iterable

Regions = tuple[Region, ...]
_NEW_SIZE = 16 << 20


class Edge(Enum):
    """A border of a region."""

    START = auto()
    END = auto()


def in_order(regions: Iterable[Region]) -> Regions:
    """Return regions by address."""
    return tuple(sorted(regions, key=lambda region: (region.start, region.end)))


def gaps(regions: Regions, end: int) -> list[tuple[int, int]]:
    """Return the ranges [start, end) below ``end`` that no region has, in address order."""
    found: list[tuple[int, int]] = []
    at = 0
    for region in regions:
        if region.start > at:
            found.append((at, min(region.start, end)))
        at = max(at, region.end)
    return [*found, (at, end)] if at < end else found


def add_region(regions: Regions, maxphyaddr: int) -> tuple[Regions, int]:
    """Add a region in the first free place from 1 MiB on; return all, and its number.

    MtrrvizError if no place is free.
    """
    free = [gap for gap in gaps(regions, 1 << maxphyaddr) if gap[1] > gap[0]]
    place = next((gap for gap in free if gap[0] >= 1 << 20), None) or (free[0] if free else None)
    if place is None:
        raise MtrrvizError("all addresses are taken: make a region smaller, or split one")
    start, end = place
    added = Region("new region", RegionKind.MMIO, start, min(start + _NEW_SIZE, end))
    changed = in_order([*regions, added])
    return changed, changed.index(added)


def split_region(regions: Regions, index: int) -> Regions:
    """Cut a region in two halves of whole pages; MtrrvizError if it is one page."""
    region = regions[index]
    middle = region.start + (region.size_bytes // 2 & -PAGE_SIZE)
    if middle == region.start:
        raise MtrrvizError(f"{region.name!r} is one page: it cannot be split")
    halves = (replace(region, end=middle), replace(region, start=middle))
    return (*regions[:index], *halves, *regions[index + 1 :])


def remove_region(regions: Regions, index: int) -> Regions:
    """Take a region out."""
    return (*regions[:index], *regions[index + 1 :])


def change_region(regions: Regions, index: int, region: Region) -> tuple[Regions, int]:
    """Replace a region; return all in order, and its number."""
    changed = in_order([*remove_region(regions, index), region])
    return changed, changed.index(region)


def drag_border(regions: Regions, index: int, edge: Edge, to: int, maxphyaddr: int) -> Regions:
    """Move a border of a region to the page nearest to ``to``, at most as far as neighbours let it.

    Where the neighbour touches, its border moves along: the two stay side by side.
    """
    region = regions[index]
    neighbour = index + (1 if edge is Edge.END else -1)
    other = regions[neighbour] if 0 <= neighbour < len(regions) else None
    page = (to + PAGE_SIZE // 2) & -PAGE_SIZE
    if edge is Edge.END:
        touches = other is not None and other.start == region.end
        limit = 1 << maxphyaddr
        if other is not None:
            limit = other.end - PAGE_SIZE if touches else other.start
        page = min(max(page, region.start + PAGE_SIZE), limit)
        moved, along = replace(region, end=page), other and replace(other, start=page)
    else:
        touches = other is not None and other.end == region.start
        limit = 0
        if other is not None:
            limit = other.start + PAGE_SIZE if touches else other.end
        page = max(min(page, region.end - PAGE_SIZE), limit)
        moved, along = replace(region, start=page), other and replace(other, end=page)
    changed = list(regions)
    changed[index] = moved
    if touches and along is not None:
        changed[neighbour] = along
    return tuple(changed)
