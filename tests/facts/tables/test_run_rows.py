"""The tables of a run hold what the run holds."""

from __future__ import annotations

import re

import numpy as np
from msgspec.structs import replace

from mtrrviz.core.memtype import MemoryType
from mtrrviz.core.msr.registers import DEFTYPE
from mtrrviz.facts.spans import PhaseNames
from mtrrviz.facts.tables.event_rows import EventRows
from mtrrviz.facts.tables.fault_rows import FaultRows
from mtrrviz.facts.tables.leaf_rows import LeafRows
from mtrrviz.facts.tables.zap_rows import ZapRows
from mtrrviz.sim import simulate
from mtrrviz.sim.tables import ALIVE
from tests.exporters.runs import rows_of, run_of

RUN = run_of("small-machine")


def test_every_event_has_a_row_in_order():
    rows = rows_of(EventRows(RUN.scenario, RUN))
    assert [row["event"] for row in rows] == list(range(len(RUN.scenario.events)))
    assert [row["time_s"] for row in rows] == [e.time_ns / 1e9 for e in RUN.scenario.events]
    assert sum(row["zaps"] for row in rows) == len(RUN.zaps)


def test_a_write_tells_register_value_and_meaning():
    write = next(row for row in rows_of(EventRows(RUN.scenario, RUN)) if row["kind"] == "wrmsr")
    assert (write["register"], write["msr"]) == ("IA32_MTRR_FIX64K_00000", 0x250)
    assert write["value"] == 0x0606_0606_0606_0606
    assert "WB" in write["meaning"]
    assert write["refused"] is False


def test_a_refused_write_is_marked():
    write = next(e for e in RUN.scenario.events if e.register == DEFTYPE)
    bad = RUN.scenario.inserting(replace(write, value=2))
    rows = rows_of(EventRows(bad, simulate(bad, "per-vcpu")))
    assert [row["value"] for row in rows if row["refused"]] == [2]


def test_zaps_are_those_of_the_run():
    rows, zaps = rows_of(ZapRows(RUN)), RUN.zaps
    assert [row["leaves_dropped"] for row in rows] == zaps.leaves_dropped.tolist()
    assert [row["modelled_cycles"] for row in rows] == [round(c) for c in zaps.cycles.tolist()]
    assert [row["start"] >> 12 for row in rows] == zaps.start_gfn.tolist()
    assert [row["end"] >> 12 for row in rows] == zaps.end_gfn.tolist()


def test_a_zap_of_all_memory_differs_from_one_of_a_range():
    rows = rows_of(ZapRows(RUN))
    assert {row["all_memory"] for row in rows} == {True, False}
    part = next(row for row in rows if not row["all_memory"])
    assert part["ranges"] == f"{part['start']:#x}-{part['end']:#x}"
    assert part["size_bytes"] == part["end"] - part["start"]


def test_a_policy_that_zaps_parts_tells_all_of_them():
    run = run_of("ovmf-8vcpu-2g", "slot-split")
    for row, ranges in zip(rows_of(ZapRows(run)), run.zaps.ranges, strict=True):
        spans = re.findall(r"0x([0-9a-f]+)-0x([0-9a-f]+)", row["ranges"] or "")
        assert [(int(a, 16) >> 12, int(b, 16) >> 12) for a, b in spans] == list(ranges)
        assert (row["start"] is None) == (not ranges)


def test_leaves_are_those_of_the_run():
    rows, leaves = rows_of(LeafRows(RUN)), RUN.leaves
    assert [MemoryType[row["type"]] for row in rows] == leaves.memory_type.tolist()
    assert [row["start"] >> 12 for row in rows] == leaves.first_gfn.tolist()
    assert [row["size_bytes"] >> 12 for row in rows] == leaves.pages.tolist()
    alive = [row["leaf"] for row in rows if row["died_s"] is None]
    assert alive == np.flatnonzero(leaves.died_ns == ALIVE).tolist()


def test_leaves_over_several_blocks_are_numbered_through(monkeypatch):
    whole = rows_of(LeafRows(RUN))
    monkeypatch.setattr("mtrrviz.facts.tables.fact_rows.BLOCK_ROWS", 7)
    assert rows_of(LeafRows(RUN)) == whole


def test_a_fault_is_the_birth_of_a_leaf_at_the_page_that_was_touched():
    rows, leaves = rows_of(FaultRows(RUN)), RUN.leaves
    assert [row["time_s"] for row in rows] == [at / 1e9 for at in leaves.born_ns.tolist()]
    assert [row["level"] for row in rows] == leaves.level.tolist()
    touches = RUN.scenario.touches
    columns = (touches.time_ns, touches.gfn, touches.vcpu)
    touched = set(zip(*(column.tolist() for column in columns), strict=True))
    for number, row in enumerate(rows):
        assert number in leaves.rows_at(row["gfn"])
        assert row["address"] == row["gfn"] << 12
        assert (int(leaves.born_ns[number]), row["gfn"], row["vcpu"]) in touched


def test_a_time_before_the_first_phase_has_none():
    phases = PhaseNames(RUN.scenario)
    assert phases.name(RUN.scenario.phases[0].start_ns) == RUN.scenario.phases[0].name
    assert phases.name(RUN.scenario.phases[0].start_ns - 1) is None
