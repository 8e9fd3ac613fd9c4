"""Paging structures over time, against structures counted one by one."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mtrrviz.core.costs.lock_walk import USUAL_TABLES, EptTables
from mtrrviz.scenario import Event, EventKind, MachineSpec, Region, RegionKind, Scenario
from mtrrviz.scenario.touches import Touches
from mtrrviz.sim.lock_tables import table_history

GIB = 1 << 18
END = 1024 * GIB

touched = st.lists(
    st.tuples(st.integers(0, 50), st.integers(0, 1023 * 4), st.integers(0, 700)), min_size=1
).map(sorted)
spans = st.tuples(st.integers(0, END + GIB), st.integers(0, END + GIB)).map(sorted)


def scenario(rows: list[tuple[int, int, int]], host_level: int) -> Scenario:
    """Return a machine of 1 TiB whose pages are touched: (time, quarter of a GiB, page)."""
    spec = MachineSpec(
        1, END << 12, (Region("RAM", RegionKind.RAM, 0, END << 12),), host_level=host_level
    )
    time_ns, quarter, page = (np.array(column) for column in zip(*rows, strict=True))
    gfn = (quarter * (GIB // 4) + page).astype(np.uint64)
    zeros = np.zeros(len(rows), np.uint8)
    touches = Touches(time_ns.astype(np.int64), gfn, zeros, zeros)
    return Scenario("made", "made", spec, recorded=touches)


def slow_tables(made: Scenario, time_ns: int) -> EptTables:
    """Return what the touches before a time made, one touch after the other."""
    rows = zip(made.touches.time_ns.tolist(), made.touches.gfn.tolist(), strict=True)
    gfns = [gfn for time, gfn in rows if time < time_ns]
    blocks = {gfn >> 9 for gfn in gfns} if made.machine.host_level == 1 else set[int]()
    first = {0} if gfns else set[int]()
    return EptTables(frozenset(gfn >> 18 for gfn in gfns), frozenset(blocks | first))


@given(touched, st.sampled_from([1, 2, 3]), st.integers(0, 51), spans)
def test_entries_of_a_walk_are_those_counted_one_by_one(rows, host_level, time_ns, span) -> None:
    made = scenario(rows, host_level)
    expected = slow_tables(made, time_ns).entries(span[0], span[1])
    assert table_history(made).entries(span[0], span[1], time_ns) == expected


@given(touched, st.integers(0, 51))
def test_the_directories_are_those_of_touched_gib(rows, time_ns) -> None:
    made = scenario(rows, 2)
    expected = sorted(slow_tables(made, time_ns).gibs)
    assert table_history(made).directories(time_ns) == expected


@pytest.mark.parametrize("kind", [EventKind.WRMSR, EventKind.MOV_CR0, EventKind.DMA_ATTACH])
def test_without_touches_the_usual_structures_are_there_when_the_guest_first_does_something(
    kind,
) -> None:
    spec = MachineSpec(1, 4 * GIB << 12, (Region("RAM", RegionKind.RAM, 0, 4 * GIB << 12),))
    events = (
        Event(10, EventKind.VMM_WRMSR, 0, 0x2FF, 0xC06),
        Event(20, EventKind.VMM_WRMSR, 0, 0x2FF, 0xC06),
        Event(30, kind, 0, 0x2FF if kind is EventKind.WRMSR else 0, 0xC06),
        Event(40, EventKind.WRMSR, 0, 0x2FF, 0xC00),
    )
    usual = sorted(USUAL_TABLES.gibs)
    history = table_history(Scenario("made", "made", spec, events))
    assert [history.directories(time_ns) for time_ns in (29, 30, 31)] == [[], usual, usual]
    quiet = table_history(Scenario("made", "made", spec, events[:2]))
    assert [quiet.directories(time_ns) for time_ns in (-1, 0, 1)] == [[], usual, usual]
