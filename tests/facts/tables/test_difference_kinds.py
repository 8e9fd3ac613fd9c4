"""How two entries differ, for every pair of entries that there can be."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from mtrrviz.core.ept import ept_bits
from mtrrviz.core.memtype import MemoryType
from mtrrviz.facts.differences import NO_LEAF, DifferenceKind, kinds_of

ENTRIES: list[tuple[MemoryType, int] | None] = [None, *product(MemoryType, (0, 1))]


@pytest.mark.parametrize("one", ENTRIES)
@pytest.mark.parametrize("other", ENTRIES)
def test_entries_differ_in_type_or_ipat_or_one_is_missing(one, other):
    bits = [NO_LEAF if entry is None else int(ept_bits(*entry)) for entry in (one, other)]
    (kind,) = kinds_of(*(np.array([each], np.int16) for each in bits)).tolist()
    if one == other:
        expected = {DifferenceKind.EQUAL} if one else set(DifferenceKind)
    elif one is None:
        expected = {DifferenceKind.ONLY_B}
    elif other is None:
        expected = {DifferenceKind.ONLY_A}
    else:
        expected = {DifferenceKind.IPAT if one[0] == other[0] else DifferenceKind.TYPE}
    assert kind in expected
