"""Bands cover the space without gaps, whatever the machine."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mtrrviz.facts.ranges import space_end
from mtrrviz.geometry.map.map_bands import BandKind, bands_of, regions_name
from mtrrviz.scenario.library import open_scenario
from mtrrviz.scenario.machine_spec import MachineSpec, Region, RegionKind


@st.composite
def machines(draw: st.DrawFn) -> MachineSpec:
    """Return machines of any regions, in order and apart or touching."""
    at, regions = 0, []
    for number in range(draw(st.integers(0, 40))):
        at += draw(st.sampled_from([0, 1, 100, 1 << 16, 1 << 20]))
        pages = draw(st.sampled_from([1, 7, 256, 512, 5000, 1 << 19, 1 << 24]))
        kind = draw(st.sampled_from(list(RegionKind)))
        regions.append(Region(f"r{number}", kind, at << 12, (at + pages) << 12))
        at += pages
    return MachineSpec(1, 0, tuple(regions))


@settings(max_examples=40)
@given(machines())
def test_bands_follow_each_other_from_0_to_the_end(machine):
    bands = bands_of(machine)
    assert bands[0].first_gfn == 0
    assert bands[-1].end_gfn == space_end(machine)
    assert all(a.end_gfn == b.first_gfn for a, b in itertools.pairwise(bands))
    assert all(band.pages > 0 for band in bands)


@settings(max_examples=40)
@given(machines())
def test_there_are_never_more_bands_than_can_be_read(machine):
    bands = bands_of(machine)
    assert sum(band.kind is BandKind.AREA for band in bands) <= 4
    assert len(bands) <= 21


@settings(max_examples=40)
@given(machines())
def test_every_region_is_named_by_a_band_that_holds_it(machine):
    bands = bands_of(machine)
    for region in machine.regions:
        holders = [
            b for b in bands if b.first_gfn < region.end_gfn and b.end_gfn > region.first_gfn
        ]
        assert all(region in band.regions for band in holders)


def test_tiny_devices_share_one_hole():
    bands = bands_of(open_scenario("ovmf-8vcpu-2g").machine)
    hole = next(band for band in bands if "IOAPIC" in band.name)
    assert hole.kind is BandKind.HOLE
    assert hole.name == "PCI window, IOAPIC, HPET, local APIC"


def test_slots_of_their_own_stay_apart_from_holes():
    bands = {band.name: band.kind for band in bands_of(open_scenario("ovmf-8vcpu-2g").machine)}
    assert bands["flash"] is BandKind.SLOT
    assert bands["frame buffer"] is BandKind.SLOT
    assert bands["RAM"] is BandKind.AREA


def rom(number, first_gfn, pages):
    return Region(f"r{number}", RegionKind.ROM, first_gfn << 12, (first_gfn + pages) << 12)


def slots_of(lengths):
    """Return slots of so many pages, one after the other, from the first MiB on."""
    starts = itertools.accumulate(lengths, initial=256)
    pairs = zip(starts, lengths, strict=False)
    return tuple(rom(number, start, pages) for number, (start, pages) in enumerate(pairs))


@pytest.mark.parametrize("is_mirrored", [False, True])
def test_of_too_many_strips_the_shortest_two_neighbours_become_one(is_mirrored):
    """Neither the shortest strip nor the longest is among them, whichever side one counts from."""
    lengths = [1, 900, *[800] * 4, 300, 400, *[800] * 4, 900]
    slots = slots_of(lengths[::-1] if is_mirrored else lengths)
    strips = bands_of(MachineSpec(1, 0, slots))[1:]
    assert len(strips) == 12
    assert sorted(band.pages for band in strips if len(band.regions) > 1) == [700]


@pytest.mark.parametrize("count", [11, 12])
def test_strips_that_can_be_read_stay_apart(count):
    bands = bands_of(MachineSpec(1, 0, slots_of([7] * count)))
    assert [len(band.regions) for band in bands[1:]] == [1] * count


@pytest.mark.parametrize(("mib", "kind"), [(15, BandKind.SLOT), (16, BandKind.AREA)])
def test_ram_has_an_area_from_16_mib_on_beside_more_of_it(mib, kind):
    more = Region("more", RegionKind.RAM, 1 << 30, 2 << 30)
    small = Region("small", RegionKind.RAM, 1 << 20, (mib + 1) << 20)
    bands = {band.name: band.kind for band in bands_of(MachineSpec(1, 0, (small, more)))}
    assert (bands["small"], bands["more"]) == (kind, BandKind.AREA)


@pytest.mark.parametrize("mib", [1, 14])
def test_of_small_pieces_of_ram_alone_the_largest_has_an_area(mib):
    sizes = {"first": mib, "large": mib + 1, "last": mib}
    regions = tuple(
        Region(name, RegionKind.RAM, (at + 1) << 24, ((at + 1) << 24) + (size << 20))
        for at, (name, size) in enumerate(sizes.items())
    )
    areas = [one for one in bands_of(MachineSpec(1, 0, regions)) if one.kind is BandKind.AREA]
    assert [band.name for band in areas] == ["large"]


def test_a_name_that_many_regions_have_is_said_once():
    regions = [Region("reserved", RegionKind.RESERVED, 0x1000, 0x2000),
               Region("APIC", RegionKind.MMIO, 0x2000, 0x3000),
               Region("reserved", RegionKind.RESERVED, 0x3000, 0x4000)]  # fmt: skip
    assert regions_name(regions) == "reserved, APIC"
    assert regions_name([]) == "unassigned"
