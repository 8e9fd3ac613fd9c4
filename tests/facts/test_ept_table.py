"""Tables of 512 entries against asking for each page."""

from __future__ import annotations

import numpy as np
import pytest

from mtrrviz.core.ept import decode
from mtrrviz.core.memtype import MemoryType
from mtrrviz.facts.ept_table import (
    ENTRIES,
    EntryKind,
    entry_index,
    entry_pages,
    entry_text,
    entry_value,
    path_text,
    table_entries,
    table_start,
)
from mtrrviz.facts.expected import expected_for
from mtrrviz.scenario.library import open_scenario
from mtrrviz.sim import simulate

RUN = simulate(open_scenario("small-machine"), "per-vcpu")
STATE = RUN.at(1_100_000_000)
EXPECTED = expected_for(STATE.machine, 0, RUN.scenario.machine)


def table(level, gfn):
    return table_entries(STATE, level, table_start(level, gfn), EXPECTED)


@pytest.mark.parametrize("level", [1, 2, 3, 4])
@pytest.mark.parametrize("gfn", [0, 0x2100, 0xE0000])
def test_every_leaf_is_counted_once_at_its_entry(level, gfn):
    found = table(level, gfn)
    counts = np.zeros(ENTRIES, int)
    for row in STATE.live_rows.tolist():
        first = int(RUN.leaves.first_gfn[row])
        inside = table_start(level, first) == found.first_gfn
        if inside and int(RUN.leaves.level[row]) <= level:
            counts[entry_index(level, first)] += 1
    assert (found.leaves == counts).all()
    assert ((found.kind != EntryKind.ABSENT) == (counts > 0)).all()


def test_a_leaf_entry_has_real_bits():
    found = table(1, 0x2100)
    index = entry_index(1, 0x2100)
    value = entry_value(found, index)
    assert value is not None
    entry = decode(value)
    assert entry.memory_type is MemoryType.WT
    assert entry.read
    assert entry.write
    assert entry.execute
    assert not entry.is_large
    assert RUN.leaves.first_gfn[found.row[index]] == 0x2100


def test_a_table_entry_names_the_leaves_below():
    found = table(2, 0x2100)
    index = entry_index(2, 0x2100)
    assert found.kind[index] == EntryKind.TABLE
    assert entry_value(found, index) is None
    assert "table: points to a PT with 512 leaves below" in entry_text(found, index, EXPECTED)[1]


def test_an_absent_entry_says_what_the_next_fault_gets():
    found = table(4, 0)
    assert entry_value(found, 1) == 0
    assert entry_text(found, 1, EXPECTED)[1] == "not present"
    assert entry_text(found, 1, EXPECTED)[-1] == "no memory slot: never a leaf"
    empty = table(2, 0x3300)
    assert entry_text(empty, entry_index(2, 0x3300), EXPECTED)[-1] == "next fault: WT, IPAT 0"


def test_a_table_in_the_place_of_a_large_leaf_does_not_exist():
    inside = table(1, 0x2900)
    assert inside.parent_leaf
    assert not inside.exists
    assert "a larger leaf maps all of it" in entry_text(inside, 0, EXPECTED)[1]
    assert table(4, 0).exists


@pytest.mark.parametrize(("level", "gfn"), [(1, 5), (4, 1 << 36), (3, 512)])
def test_no_table_begins_elsewhere(level, gfn):
    with pytest.raises(ValueError, match="no table of level"):
        table_entries(STATE, level, gfn, EXPECTED)


def test_the_path_names_each_table_on_the_way():
    assert path_text(1, 0x2100) == ((4, "PML4"), (3, "PDPT 0"), (2, "PD 0"), (1, "PT 16"))
    assert [entry_pages(level) for level in (1, 2, 3, 4)] == [1, 512, 1 << 18, 1 << 27]


@pytest.mark.parametrize(
    ("level", "gfn"), [(1, 0), (1, 0x2100), (1, 0xE0000), (2, 0), (2, 0xE0000)]
)
def test_each_entry_knows_the_next_types_and_the_slots_of_all_its_pages(level, gfn):
    found = table(level, gfn)
    span, spec = entry_pages(level), RUN.scenario.machine
    regions = [(r.first_gfn, r.end_gfn) for r in spec.slots]
    for index in range(ENTRIES):
        first = found.first_gfn + index * span
        probes = {first, first + span // 2, first + span - 1}
        for probe in probes:
            kind = EXPECTED.at(probe) >> 3 & 7
            assert found.next_types[index] >> kind & 1
        has_slot = any(low < first + span and high > first for low, high in regions)
        assert found.has_slot[index] == has_slot
        if span == 1:
            assert int(found.next_types[index]).bit_count() == 1
