"""The tables of a run hold what the run holds."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pytest

from mtrrviz.core.memtype import MemoryType
from mtrrviz.core.registers import DEFTYPE
from mtrrviz.exporters.columns import COLUMNS
from mtrrviz.exporters.run_tables import Phases, event_table, leaf_table, zap_table
from mtrrviz.sim import simulate
from mtrrviz.sim.tables import ALIVE
from tests.exporters.runs import rows_of, run_of

RUN = run_of("small-machine")


def test_every_event_has_a_row_in_order():
    rows = rows_of(event_table(RUN))
    assert [row["event"] for row in rows] == list(range(len(RUN.scenario.events)))
    assert [row["time_s"] for row in rows] == [e.time_ns / 1e9 for e in RUN.scenario.events]
    assert sum(row["zaps"] for row in rows) == len(RUN.zaps)


def test_a_write_tells_register_value_and_meaning():
    write = next(row for row in rows_of(event_table(RUN)) if row["kind"] == "wrmsr")
    assert (write["register"], write["msr"]) == ("IA32_MTRR_FIX64K_00000", "0x250")
    assert int(write["value"], 16) == 0x0606_0606_0606_0606
    assert "WB" in write["meaning"]
    assert write["refused"] is False


def test_a_refused_write_is_marked():
    write = next(e for e in RUN.scenario.events if e.register == DEFTYPE)
    bad = RUN.scenario.inserting(replace(write, value=2))
    rows = rows_of(event_table(simulate(bad, "per-vcpu")))
    assert [row["value"] for row in rows if row["refused"]] == ["0x2"]


def test_zaps_are_those_of_the_run():
    rows, zaps = rows_of(zap_table(RUN)), RUN.zaps
    assert [row["leaves_dropped"] for row in rows] == zaps.leaves_dropped.tolist()
    assert [row["modelled_cycles"] for row in rows] == [round(c) for c in zaps.cycles.tolist()]
    assert [int(row["start"], 16) >> 12 for row in rows] == zaps.start_gfn.tolist()
    assert [int(row["end"], 16) >> 12 for row in rows] == zaps.end_gfn.tolist()


def test_a_zap_of_all_memory_differs_from_one_of_a_range():
    rows = rows_of(zap_table(RUN))
    assert {row["all_memory"] for row in rows} == {True, False}
    part = next(row for row in rows if not row["all_memory"])
    assert part["ranges"] == f"{part['start']}-{part['end']}"


def test_a_policy_that_zaps_parts_tells_all_of_them():
    run = run_of("ovmf-8vcpu-2g", "slot-split")
    for row, ranges in zip(rows_of(zap_table(run)), run.zaps.ranges, strict=True):
        spans = re.findall(r"0x([0-9a-f]+)-0x([0-9a-f]+)", row["ranges"] or "")
        assert [(int(a, 16) >> 12, int(b, 16) >> 12) for a, b in spans] == list(ranges)
        assert (row["start"] is None) == (not ranges)


def test_leaves_are_those_of_the_run():
    rows, leaves = rows_of(leaf_table(RUN)), RUN.leaves
    assert [MemoryType[row["type"]] for row in rows] == leaves.memory_type.tolist()
    assert [int(row["start"], 16) >> 12 for row in rows] == leaves.first_gfn.tolist()
    assert [row["size_bytes"] >> 12 for row in rows] == leaves.pages.tolist()
    alive = [row["leaf"] for row in rows if row["died_s"] is None]
    assert alive == np.flatnonzero(leaves.died_ns == ALIVE).tolist()


def test_leaves_over_several_blocks_are_numbered_through(monkeypatch):
    whole = list(leaf_table(RUN).rows)
    monkeypatch.setattr("mtrrviz.exporters.run_tables._LEAVES_AT_A_TIME", 7)
    assert list(leaf_table(RUN).rows) == whole


@pytest.mark.parametrize(
    ("make", "name"), [(event_table, "events"), (zap_table, "zaps"), (leaf_table, "leaves")]
)
def test_the_columns_are_those_of_the_help(make, name):
    table = make(RUN)
    assert table.columns is COLUMNS[name]
    assert all(len(row) == len(table.columns) for row in table.rows)
    assert table.about == {"scenario": "small-machine", "policy": "per-vcpu"}


def test_a_time_before_the_first_phase_has_none():
    phases = Phases(RUN.scenario)
    assert phases.name(RUN.scenario.phases[0].start_ns) == RUN.scenario.phases[0].name
    assert phases.name(RUN.scenario.phases[0].start_ns - 1) is None
