"""What the window and the command line can take away from a run."""

from __future__ import annotations

import pytest

from mtrrviz.core.errors import MtrrvizError
from mtrrviz.core.memtype import MemoryType
from mtrrviz.core.units import PAGE_SHIFT
from mtrrviz.facts.ranges import ranges_at
from mtrrviz.scenario.library import open_scenario
from mtrrviz.session.exchange.exporting import TABLES, expected_parts, export_parts, table_of
from mtrrviz.sim import simulate
from tests.exporters.runs import rows_of

RUN = simulate(open_scenario("small-machine"), "per-vcpu")
STATE = RUN.at(1_100_000_000)
OTHER = simulate(RUN.scenario, "per-vm").at(STATE.time_ns)


@pytest.mark.parametrize("name", TABLES)
def test_every_table_has_rows_and_says_what_it_is_of(name):
    states = [STATE, OTHER] if name == "differences" else [STATE]
    table = table_of(name, states)
    assert table.name == name
    assert table.columns is TABLES[name].columns
    assert table.about["scenario"] == "small-machine"
    assert len(rows_of(table)) > 0


def test_ranges_cover_the_space_without_gap_or_overlap():
    rows = rows_of(table_of("ranges", [STATE]))
    ends = [0, *(row["end"] for row in rows)]
    assert [row["start"] for row in rows] == ends[:-1]
    assert all(row["size_bytes"] == row["end"] - row["start"] for row in rows)
    assert sum(row["leaves"] for row in rows) == len(STATE.live_rows)


def test_ranges_agree_with_the_leaves_and_with_the_next_fault():
    for row in ranges_at(STATE, 1):
        leaf = STATE.leaf_row(row.first_gfn)
        assert (leaf is None) == (row.bits is None)
        if leaf is not None:
            assert int(RUN.leaves.bits[leaf]) == row.bits
        if row.region is not None and row.region.has_slot:
            memory_type, ipat = STATE.machine.leaf(1, row.first_gfn)
            assert row.next_bits == int(memory_type) << 3 | ipat << 6


def test_the_ranges_are_of_the_vcpu_that_is_asked_for():
    first, second = (table_of("ranges", [STATE], vcpu) for vcpu in (0, 1))
    assert (first.about["vcpu"], second.about["vcpu"]) == (0, 1)
    assert rows_of(first) != rows_of(second)


@pytest.mark.parametrize("vcpu", [-1, 2, 1000])
def test_a_vcpu_that_is_not_there_is_refused(vcpu):
    with pytest.raises(MtrrvizError, match=f"no vCPU {vcpu}"):
        table_of("ranges", [STATE], vcpu)


def test_differences_are_where_the_leaves_of_two_runs_differ():
    table = table_of("differences", [STATE, OTHER])
    assert (table.about["policy_a"], table.about["policy_b"]) == ("per-vcpu", "per-vm")
    rows = rows_of(table)
    assert rows
    for row in rows:
        gfn = row["start"] >> PAGE_SHIFT
        for state, key in ((STATE, "type_a"), (OTHER, "type_b")):
            leaf = state.leaf_row(gfn)
            name = None if leaf is None else MemoryType(state.run.leaves.memory_type[leaf]).name
            assert row[key] == name


def test_touches_are_those_that_were_written():
    told = [
        (row["time_s"], row["lasts_s"], row["vcpu"], row["start"], row["size_bytes"])
        for row in rows_of(table_of("touches", [STATE]))
    ]
    written = sorted(RUN.scenario.sweeps, key=lambda sweep: sweep.time_ns)
    assert told == [
        (s.time_ns / 1e9, s.lasts_ns / 1e9, s.vcpu, s.first_gfn << 12, s.pages << 12)
        for s in written
    ]


def test_two_equal_runs_differ_nowhere():
    assert rows_of(table_of("differences", [STATE, STATE])) == []


@pytest.mark.parametrize("kind", ["events", "zaps", "leaves", "faults", "touches", "trace"])
def test_about_as_many_parts_come_as_are_expected(kind):
    form = "json" if kind == "trace" else "csv"
    parts = sum(1 for _ in export_parts(kind, form, [STATE]))
    assert 0.5 <= parts / expected_parts(kind, [STATE]) <= 2


def test_where_nobody_knows_no_parts_are_expected():
    assert expected_parts("report", [STATE]) == expected_parts("ranges", [STATE]) == 0
