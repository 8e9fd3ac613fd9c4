"""The SDM's type where pairs overlap: every set of types, in every order of the pairs."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from mtrrviz.core.memtype import MEMORY_TYPES, MemoryType
from mtrrviz.core.mtrr import MtrrState
from mtrrviz.core.sdm.hardware import hardware_layout
from mtrrviz.core.sdm.sdm_pairs import UNDEFINED
from mtrrviz.core.sdm.sdm_types import sdm_types

UC, WT, WB = MemoryType.UC, MemoryType.WT, MemoryType.WB
SETS = [kinds for count in range(6) for kinds in itertools.combinations(MEMORY_TYPES, count)]


def expected(kinds, default):
    """SDM vol. 3A 12.11.4.1: UC beats all, WT beats WB, other mixes are undefined."""
    if len(kinds) < 2:
        return kinds[0] if kinds else default
    if UC in kinds:
        return UC
    return WT if set(kinds) == {WT, WB} else None


@pytest.mark.parametrize("kinds", SETS, ids=lambda kinds: "+".join(k.name for k in kinds) or "none")
def test_each_set_of_overlapping_types_gives_what_the_sdm_says(kinds):
    for order in (kinds, kinds[::-1]):
        state = MtrrState(40)
        state.write(0x2FF, 0x800 | WB)
        for number, kind in enumerate(order):
            state.write(0x200 + 2 * number, 0x4000_0000 | kind)
            state.write(0x201 + 2 * number, 0xFF_C000_0000 | 0x800)
        assert state.sdm_memory_type(0x4_0000) == expected(kinds, WB)
        assert state.sdm_memory_type(0x7_FFFF) == expected(kinds, WB)
        first, end = np.array([0x4_0000], np.uint64), np.array([0x8_0000], np.uint64)
        wanted = expected(kinds, WB)
        found = sdm_types(hardware_layout(state, 0)).sets_in(first, end)
        assert found.tolist() == [1 << (UNDEFINED if wanted is None else wanted)]
        assert state.sdm_memory_type(0x3_FFFF) == state.sdm_memory_type(0x8_0000) == WB
