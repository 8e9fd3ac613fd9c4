"""Regions being edited stay in order and side by side."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mtrrviz.core.errors import MtrrvizError
from mtrrviz.core.units import PAGE_SIZE
from mtrrviz.scenario.generated.new_machines import LAYOUTS
from mtrrviz.scenario.machine_check import check_machine, machine_problems, region_problems
from mtrrviz.scenario.machine_spec import Region, RegionKind
from mtrrviz.session.forms.region_draft import (
    Edge,
    add_region,
    change_region,
    drag_border,
    gaps,
    remove_region,
    split_region,
)

A = Region("a", RegionKind.RAM, 0, 0x4000)
B = Region("b", RegionKind.MMIO, 0x4000, 0x8000)
C = Region("c", RegionKind.ROM, 0xA000, 0xC000)
REGIONS = (A, B, C)


def spans(regions):
    return [(region.start, region.end) for region in regions]


def test_gaps_are_what_no_region_has():
    assert gaps(REGIONS, 0x10000) == [(0x8000, 0xA000), (0xC000, 0x10000)]
    assert gaps(REGIONS, 0xC000) == [(0x8000, 0xA000)]
    assert gaps((), 0x1000) == [(0, 0x1000)]


def test_a_new_region_takes_a_free_place():
    regions, index = add_region(REGIONS, 32)
    assert regions[index].name == "new region"
    assert not list(region_problems(regions, 32))
    whole = (Region("all", RegionKind.RAM, 0, 1 << 32),)
    with pytest.raises(MtrrvizError, match="all addresses are taken"):
        add_region(whole, 32)


@pytest.mark.parametrize(
    ("taken", "place"),
    [
        ([(0, 1 << 20)], (1 << 20, 17 << 20)),
        ([(0, 0x1000), (0x2000, 1 << 20)], (1 << 20, 17 << 20)),
        ([(0, 0x1000), (0x2000, (1 << 32) - 0x1000)], ((1 << 32) - 0x1000, 1 << 32)),
        ([(0, 0x1000), (0x2000, 1 << 32)], (0x1000, 0x2000)),
        ([(0, 0x1000), (1 << 20, 2 << 20)], (2 << 20, 18 << 20)),
        ([], (0, 16 << 20)),
    ],
)
def test_a_new_region_lies_at_the_first_free_place_from_1_mib_on(taken, place):
    regions, index = add_region(
        tuple(Region("x", RegionKind.RAM, start, end) for start, end in taken), 32
    )
    assert (regions[index].start, regions[index].end) == place


def test_splitting_keeps_every_byte():
    assert spans(split_region(REGIONS, 1)) == [
        *[(0, 0x4000), (0x4000, 0x6000), (0x6000, 0x8000)],
        (0xA000, 0xC000),
    ]
    with pytest.raises(MtrrvizError, match="one page"):
        split_region((Region("x", RegionKind.RAM, 0, 0x1000),), 0)


def test_a_border_between_two_moves_both():
    dragged = drag_border(REGIONS, 0, Edge.END, 0x5801, 32)
    assert spans(dragged)[:2] == [(0, 0x6000), (0x6000, 0x8000)]
    dragged = drag_border(REGIONS, 1, Edge.START, 0x2000, 32)
    assert spans(dragged)[:2] == [(0, 0x2000), (0x2000, 0x8000)]


def test_a_border_stops_at_its_neighbour():
    assert spans(drag_border(REGIONS, 1, Edge.END, 1 << 31, 32))[1] == (0x4000, 0xA000)
    assert spans(drag_border(REGIONS, 2, Edge.START, 0, 32))[2] == (0x8000, 0xC000)
    assert spans(drag_border(REGIONS, 2, Edge.END, 1 << 40, 32))[2] == (0xA000, 1 << 32)
    assert spans(drag_border(REGIONS, 0, Edge.END, 1 << 31, 32))[:2] == [
        (0, 0x7000),
        (0x7000, 0x8000),
    ]


@pytest.mark.parametrize(
    ("index", "edge", "to", "moved"),
    [
        (1, Edge.END, 0x9000, [(0, 0x4000), (0x4000, 0x9000), (0xA000, 0xC000)]),
        (2, Edge.START, 0x9000, [(0, 0x4000), (0x4000, 0x8000), (0x9000, 0xC000)]),
        (0, Edge.START, 0x1000, [(0x1000, 0x4000), (0x4000, 0x8000), (0xA000, 0xC000)]),
        (2, Edge.END, 0xD000, [(0, 0x4000), (0x4000, 0x8000), (0xA000, 0xD000)]),
    ],
)
def test_a_border_at_a_gap_moves_alone(index, edge, to, moved):
    assert spans(drag_border(REGIONS, index, edge, to, 40)) == moved


@given(st.integers(0, 2), st.sampled_from(list(Edge)), st.integers(-PAGE_SIZE, 1 << 33))
def test_no_border_makes_an_overlap(index, edge, to):
    assert not list(region_problems(drag_border(REGIONS, index, edge, to, 32), 32))


def test_a_changed_region_goes_to_its_place():
    regions, index = change_region(REGIONS, 0, Region("a", RegionKind.RAM, 0xC000, 0xD000))
    assert index == 2
    assert [region.name for region in regions] == ["b", "c", "a"]
    assert remove_region(regions, 2) == (B, C)


@pytest.mark.parametrize("layout", LAYOUTS, ids=lambda layout: layout.id)
@pytest.mark.parametrize("mib", [2, 64, 1024, 2047, 2816, 3072, 3584, 4096, 65536, 1 << 24])
def test_every_layout_is_a_machine_at_every_size(layout, mib):
    memory = mib << 20
    if memory > layout.most_bytes:
        pytest.skip("this machine has no place for so much")
    machine = layout.machine(memory_bytes=memory)
    check_machine(machine)
    ram = sum(r.size_bytes for r in machine.regions if r.kind is RegionKind.RAM)
    assert ram == memory - 0x2_0000  # all but what the VGA window hides


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"vcpus": 0}, "vcpus"),
        ({"vcpus": 256}, "vcpus"),
        ({"maxphyaddr": 31}, "maxphyaddr"),
        ({"maxphyaddr": 53}, "maxphyaddr"),
        ({"host_level": 4}, "host_level"),
        ({"noncoherent_dma": -1}, "noncoherent_dma"),
        ({"memory_bytes": 0}, "memory_bytes"),
        ({"memory_bytes": 4097}, "memory_bytes"),
        ({"pairs": 7}, "pairs"),
        ({"ignore_guest_pat": False, "self_snoop": False}, "ignore_guest_pat"),
        ({"regions": ()}, "regions"),
        ({"regions": (A, A)}, "regions"),
        ({"regions": (Region("x", RegionKind.RAM, 0, 0x1001),)}, "regions"),
        ({"regions": (Region("x", RegionKind.RAM, 0x1000, 0x1000),)}, "regions"),
        ({"regions": (Region(" ", RegionKind.RAM, 0, 0x1000),)}, "regions"),
        ({"regions": (Region("x", RegionKind.RAM, 0, 1 << 53),)}, "regions"),
    ],
)
def test_what_no_machine_can_be_is_told_by_field(changes, field):
    from msgspec.structs import replace

    wrong = replace(LAYOUTS[0].machine(), **changes)
    assert field in [problem.field for problem in machine_problems(wrong)]
    with pytest.raises(MtrrvizError):
        check_machine(wrong)
