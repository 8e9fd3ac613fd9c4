"""The guest physical address space as bands: stretches that the map draws each at its own scale.

A guest has 2 GiB of RAM in one piece, a 4 KiB IOAPIC and a 32 GiB window: one scale cannot show
them all. Bands cover the space from 0 to the last named region without gaps, in address order.
"""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

from mtrrviz.core.record import Record
from mtrrviz.core.units import PAGE_SHIFT, format_size
from mtrrviz.facts.ranges import space_end
from mtrrviz.scenario.machine_spec import MachineSpec, Region, RegionKind

if TYPE_CHECKING:
    from collections.abc import Sequence

#: Frames below 1 MiB, where the fixed MTRRs act; magnified to one cell a page.
LOW_GFNS = 256
#: RAM of fewer pages than this (16 MiB), unless it is all there is, becomes a strip.
_SMALL_RAM_PAGES = 4096
#: At most so many bands of RAM get an area of their own, and so many strips are drawn.
_MOST_AREAS = 4
_MOST_STRIPS = 12


class BandKind(Enum):
    """How a band is drawn."""

    LOW = "first MiB"
    """One cell a page."""
    AREA = "RAM"
    """Blocks of dots over an area."""
    SLOT = "slot"
    """A strip of a small slot: flash, frame buffer, BAR."""
    HOLE = "hole"
    """A strip of addresses without a slot."""
    WINDOW = "window"
    """What a zoomed view shows."""


class Band(Record):
    """A stretch [first_gfn, end_gfn) of the space, its name and the named regions in it."""

    kind: BandKind
    first_gfn: int
    end_gfn: int
    name: str
    regions: tuple[Region, ...] = ()

    @property
    def pages(self) -> int:
        """Length in pages."""
        return self.end_gfn - self.first_gfn

    @property
    def size_text(self) -> str:
        """The length as a size."""
        return format_size(self.pages << PAGE_SHIFT)


def regions_name(regions: Sequence[Region]) -> str:
    """Return the names of regions, each once and in the order of addresses."""
    return ", ".join(dict.fromkeys(region.name for region in regions)) or "unassigned"


def bands_of(machine: MachineSpec) -> tuple[Band, ...]:
    """Return the bands of a machine, from 0 to :func:`space_end` without gaps."""
    end = space_end(machine)
    low = Band(BandKind.LOW, 0, LOW_GFNS, "first MiB", machine.regions_in(0, LOW_GFNS))
    areas = _area_regions(machine)
    bands: list[Band] = [low]
    for piece in _pieces(machine, end):
        bands = _joined(bands, _band(piece, areas))
    return tuple(_fewer(bands))


Piece = tuple[int, int, Region | None]


def _pieces(machine: MachineSpec, end: int) -> list[Piece]:
    """Cut the space above the first MiB at the borders of regions; None marks a gap."""
    pieces: list[Piece] = []
    at = LOW_GFNS
    for region in machine.regions:
        first, last = max(region.first_gfn, at), region.end_gfn
        if last <= at:
            continue
        if first > at:
            pieces.append((at, first, None))
        pieces.append((first, last, region))
        at = last
    return pieces if at >= end else [*pieces, (at, end, None)]


def _area_regions(machine: MachineSpec) -> frozenset[Region]:
    """Choose the RAM regions that get an area: the largest ones, and not the tiny ones."""
    ram = [r for r in machine.regions if r.kind is RegionKind.RAM and r.end_gfn > LOW_GFNS]
    ram.sort(key=lambda region: region.size_bytes, reverse=True)
    large = [r for r in ram if r.end_gfn - r.first_gfn >= _SMALL_RAM_PAGES] or ram[:1]
    return frozenset(large[:_MOST_AREAS])


def _band(piece: Piece, areas: frozenset[Region]) -> Band:
    first, end, region = piece
    if region is None:
        return Band(BandKind.HOLE, first, end, "unassigned")
    if region in areas:
        return Band(BandKind.AREA, first, end, region.name, (region,))
    kind = BandKind.SLOT if region.has_slot else BandKind.HOLE
    return Band(kind, first, end, region.name, (region,))


def _joined(bands: list[Band], band: Band) -> list[Band]:
    """Add a band; addresses without a slot that follow each other make one hole."""
    before = bands[-1]
    if before.kind is band.kind is BandKind.HOLE:
        return [*bands[:-1], _hole(before, band)]
    return [*bands, band]


def _hole(before: Band, after: Band) -> Band:
    """Return one band over two neighbours."""
    regions = before.regions + after.regions
    name = regions_name(regions)
    kind = BandKind.SLOT if any(r.has_slot for r in regions) else BandKind.HOLE
    return Band(kind, before.first_gfn, after.end_gfn, name, regions)


def _fewer(bands: list[Band]) -> list[Band]:
    """Join the shortest neighbouring strips until there are few enough to be readable."""
    strips = {BandKind.SLOT, BandKind.HOLE}
    while sum(band.kind in strips for band in bands) > _MOST_STRIPS:
        pairs = [
            (bands[i].pages + bands[i + 1].pages, i)
            for i in range(len(bands) - 1)
            if bands[i].kind in strips and bands[i + 1].kind in strips
        ]
        if not pairs:
            break
        at = min(pairs)[1]
        bands = [*bands[:at], _hole(bands[at], bands[at + 1]), *bands[at + 2 :]]
    return bands
