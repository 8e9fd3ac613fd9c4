"""The page index: frames numbered in order, touches that cannot make a leaf left out."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mtrrviz.scenario import Access, RegionKind
from mtrrviz.sim.pages import build_page_index, numbered, page_index
from tests.sim.made import GIB, machine, ram, touches


@pytest.mark.parametrize("base", [0, 1 << 63])
@given(found=st.lists(st.integers(0, 12)))
def test_frames_are_numbered_whether_or_not_they_fit_beside_their_position(base, found):
    gfns = np.array([base + gfn for gfn in found], np.uint64)
    result = numbered(gfns)
    distinct = sorted(set(gfns.tolist()))
    assert result.gfn.tolist() == distinct
    assert result.page.tolist() == [distinct.index(gfn) for gfn in gfns.tolist()]
    before = [
        max((j for j in range(i) if found[j] == found[i]), default=-1) for i in range(len(found))
    ]
    assert result.before.tolist() == before


def test_touches_without_a_slot_and_writes_to_rom_are_left_out():
    spec = machine(ram(0, GIB, RegionKind.ROM), ram(GIB, 2 * GIB, RegionKind.MMIO))
    rows = touches(
        *(
            (1, 5, 0, Access.WRITE),
            (2, 5, 1, Access.READ),
            (3, GIB >> 12),
            (4, 5, 0, Access.EXECUTE),
        )
    )
    index = build_page_index(rows, spec)
    assert index.time_ns.tolist() == [2, 4]
    assert index.before.tolist() == [-1, 0]
    assert index.gfn.tolist() == [5]
    assert index.vcpus.tolist() == [0, 1]


def test_blocks_are_numbered_where_the_host_permits_them():
    rows = touches((1, 5), (2, 600), (3, 512), (4, 262144))
    index = build_page_index(rows, machine(host_level=3))
    assert index.large.gfn.tolist() == [0, 512, 262144]
    assert index.large.start.tolist() == [0, 1, 3, 4]
    assert index.giant.gfn.tolist() == [0, 262144]
    assert index.block.tolist() == [0, 1, 1, 2]
    small = build_page_index(rows, machine(host_level=1))
    assert len(small.block) == len(small.large.gfn) == len(small.giant.gfn) == 0


def test_an_index_is_kept_as_long_as_its_touches_and_machine_are_the_same():
    rows, spec = touches((1, 5)), machine()
    assert page_index(rows, spec) is page_index(rows, spec)
    assert page_index(rows, machine()) is not page_index(rows, spec)
