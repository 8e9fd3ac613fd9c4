"""The map of any small scenario at any time, in any window, against its leaves one by one."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from mtrrviz.core.ept import ept_bits
from mtrrviz.core.policies import policy_ids
from mtrrviz.geometry.map.map_bands import bands_of
from mtrrviz.geometry.map.map_image import MapImager
from mtrrviz.geometry.map.map_layout import MapLayout, lay_out
from mtrrviz.geometry.map.map_leaves import LeafDots
from mtrrviz.geometry.map.map_viewport import Viewport
from mtrrviz.scenario import Event, EventKind, RegionKind
from mtrrviz.sim import State, simulate
from tests.sim.made import DEFTYPE, ON_WB, machine, scenario, wrmsr
from tests.sim.strategies import EDGES, LAST_NS, scenarios

if TYPE_CHECKING:
    from collections.abc import Iterable

#: A window begins at any page near an edge: dots then hold pages of several types.
windows = st.builds(
    lambda edge, offset, power: Viewport(max(0, edge - offset), 1 << power),
    st.sampled_from(EDGES),
    st.integers(0, 700),
    st.integers(0, 14),
)


def slow_bits(state: State, vcpu: int, gfn: int) -> int:
    """What a fault gets, asked of the machine."""
    region = state.run.scenario.machine.region_at(gfn)
    is_bar = region is not None and region.kind is RegionKind.PASSTHROUGH
    return ept_bits(*state.machine.leaf(vcpu, gfn, is_bar))


def bits_between(state: State, vcpu: int, first: int, end: int) -> set[int]:
    """What faults on all pages [first, end) get: asked where an answer can begin."""
    regions = state.run.scenario.machine.regions
    borders: Iterable[int] = (
        *state.machine.fault_map(vcpu).starts.tolist(),
        *(gfn for region in regions for gfn in (region.first_gfn, region.end_gfn)),
    )
    begins = {first, *(gfn for gfn in borders if first < gfn < end)}
    return {slow_bits(state, vcpu, gfn) for gfn in begins}


def overlapping(layout: MapLayout, first: int, end: int) -> list[tuple[int, int]]:
    """Return (dot, pages) of the dots that show pages of [first, end)."""
    starts, ends = layout.dot_starts.astype(np.int64), layout.dot_ends.astype(np.int64)
    pages = np.minimum(ends, end) - np.maximum(starts, first)
    return [(dot, int(pages[dot])) for dot in np.flatnonzero(pages > 0).tolist()]


def check(state: State, vcpu: int, layout: MapLayout, imager: MapImager) -> None:
    """Hold a frame against the leaves and the machine."""
    types, tints = np.zeros(layout.dots, np.uint8), np.zeros(layout.dots, np.uint8)
    pages, stale = np.zeros(layout.dots, int), np.zeros(layout.dots, bool)
    leaves, stale_leaves, tally = state.run.leaves, 0, Counter[tuple[int, int]]()
    for row in state.live_rows.tolist():
        first, bits = int(leaves.first_gfn[row]), int(leaves.bits[row])
        end = first + int(leaves.pages[row])
        is_stale = bits_between(state, vcpu, first, end) != {bits}
        stale_leaves += is_stale
        tally[int(leaves.level[row]), bits >> 3 & 7] += 1
        for dot, covered in overlapping(layout, first, end):
            types[dot] |= 1 << (bits >> 3 & 7)
            pages[dot] += covered
            stale[dot] |= is_stale
    frame = imager.frame(state, vcpu, layout)
    assert (frame.leaf_types == types).all()
    assert (frame.is_part == ((pages > 0) & (pages < layout.dot_pages))).all()
    assert (frame.is_stale == stale).all()
    assert frame.stale_leaves == stale_leaves
    assert Counter(frame.tally) == tally  # what there is none of may be left out
    for dot in range(0, layout.dots, 7):
        for bits in bits_between(state, vcpu, *layout.gfn_range(dot)):
            tints[dot] |= 1 << (bits >> 3 & 7)
    assert (frame.tint_types[::7] == tints[::7]).all()


@settings(max_examples=60)
@given(
    scenarios(),
    st.sampled_from(policy_ids()),
    st.lists(st.integers(0, LAST_NS + 10), min_size=1, max_size=3),
    st.integers(0, 2),
    st.none() | windows,
    st.sampled_from([(64, 64), (130, 90), (300, 200)]),
)
def test_each_dot_shows_what_its_pages_have(scenario, policy, times, vcpu, view, size):
    run, imager = simulate(scenario, policy), MapImager()
    layout = lay_out(bands_of(scenario.machine), view, *size)
    for time_ns in times:
        check(run.at(time_ns), vcpu % scenario.machine.vcpus, layout, imager)


@given(
    scenarios(),
    st.data(),
    st.none() | windows,
    st.sampled_from([(64, 64), (130, 90), (300, 200)]),
)
def test_the_dots_that_chosen_leaves_are_in_are_marked(scenario, data, view, size):
    run = simulate(scenario, "per-vcpu")
    leaves = run.leaves
    layout = lay_out(bands_of(scenario.machine), view, *size)
    rows = data.draw(st.lists(st.sampled_from(range(len(leaves))), unique=True)) if leaves else []
    marked = np.zeros(layout.dots, bool)
    for row in rows:
        first = int(leaves.first_gfn[row])
        for dot, _ in overlapping(layout, first, first + int(leaves.pages[row])):
            marked[dot] = True
    found = LeafDots(run, layout).marked(np.array(sorted(rows), np.int32))
    assert found.tolist() == marked.tolist()


@given(
    st.integers(0, 0x1FF),
    st.integers(0, 6),
    st.lists(st.integers(0, 0x1FF), min_size=1, max_size=12, unique=True),
    st.integers(0, 63),
)
def test_a_dot_that_a_range_cuts_is_stale_where_a_leaf_in_it_is(offset, power, touched, before):
    """vCPU 1 alone has a small UC range; vCPU 0 faults, and vCPU 1 is asked about."""
    base = 0x4000 + (offset >> power << power)
    mask = 0xF_FFFF_F000 & -(1 << power << 12) | 0x800
    ranges = (wrmsr(1, 0x200, base << 12, 1), wrmsr(1, 0x201, mask, 1))
    on = (wrmsr(2, DEFTYPE, ON_WB, vcpu) for vcpu in (0, 1))
    caches = (Event(2, EventKind.MOV_CR0, vcpu, 0, 0x8000_0011) for vcpu in (0, 1))
    faults = [(10 + number, 0x4000 + page, 0) for number, page in enumerate(touched)]
    spec = machine(host_level=1)
    state = simulate(scenario(spec, (*ranges, *on, *caches), *faults), "per-vcpu").at(100)
    layout = lay_out(bands_of(spec), Viewport(0x4000 - before, 1 << 14), 64, 64)
    assert layout.dot_pages.max() > 1
    check(state, 1, layout, MapImager())
