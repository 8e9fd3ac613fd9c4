"""The table of ranges says the same as the leaves and the machine."""

from __future__ import annotations

import itertools

import pytest

from mtrrviz.facts.ranges import ranges_at, space_end
from mtrrviz.facts.tables.range_rows import RangeRows
from mtrrviz.scenario.library import open_scenario
from mtrrviz.sim import simulate

RUN = simulate(open_scenario("small-machine"), "per-vcpu")
SPEC = RUN.scenario.machine


def rows_at(time_ns):
    state = RUN.at(time_ns)
    return state, list(ranges_at(state, 0))


@pytest.mark.parametrize("time_ns", [0, 345_000_000, 640_000_000, 1_100_000_000, 2_000_000_000])
def test_rows_cover_the_space_and_agree_with_each_page(time_ns):
    state, rows = rows_at(time_ns)
    assert rows[0].first_gfn == 0
    assert rows[-1].end_gfn == space_end(SPEC)
    assert all(a.end_gfn == b.first_gfn for a, b in itertools.pairwise(rows))
    assert sum(row.leaves for row in rows) == len(state.live_rows)
    for row in rows:
        for gfn in (row.first_gfn, row.end_gfn - 1):
            leaf = state.leaf_row(gfn)
            assert (leaf is None) == (row.bits is None)
            assert leaf is None or int(RUN.leaves.bits[leaf]) == row.bits
            assert SPEC.region_at(gfn) == row.region


def test_neighbouring_rows_differ():
    _, rows = rows_at(1_100_000_000)
    for a, b in itertools.pairwise(rows):
        assert (a.region, a.bits, a.next_bits, a.is_stale) != (
            b.region,
            b.bits,
            b.next_bits,
            b.is_stale,
        )


def test_texts_are_words_for_every_column():
    state, ranges = rows_at(1_100_000_000)
    rows = RangeRows(state, 0, ranges)
    number = {mapped.first_gfn: number for number, mapped in enumerate(ranges)}
    assert rows.texts(number[0x80]) == (
        "0x8_0000 to 0x9_ffff",
        "128 KiB",
        "UC",
        "0",
        "32",
        "WB, IPAT 0",
        "stale",
        "",
        "low RAM",
        "ram",
    )
    assert rows.text(number[0xA0], "next_fault_type") == "none, no slot"
    assert rows.value(number[0xA0], "next_fault_type") is None
