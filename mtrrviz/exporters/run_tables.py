"""The tables of a run: its events, its zaps and every leaf that ever was."""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING

import numpy as np

from mtrrviz.core.memtype import MemoryType
from mtrrviz.core.mtrr import ALL_GFNS_END
from mtrrviz.core.registers import describe
from mtrrviz.core.units import PAGE_SHIFT
from mtrrviz.exporters.columns import CHANGED_COLUMN, EVENT_COLUMNS, LEAF_COLUMNS, ZAP_COLUMNS
from mtrrviz.exporters.record import Cell, Row, Table, hexadecimal
from mtrrviz.scenario.events import VM_KINDS
from mtrrviz.scenario.touches import Access
from mtrrviz.sim.event_facts import is_refused, register_name, register_number
from mtrrviz.sim.tables import ALIVE, ZapCause

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mtrrviz.scenario.events import Event
    from mtrrviz.scenario.model import Phase, Scenario
    from mtrrviz.sim.run import Run
    from mtrrviz.sim.tables import LeafTable

_LEAVES_AT_A_TIME = 1 << 16
# Names by value: a table of a million leaves asks a million times.
_TYPE_NAMES = {memory_type.value: memory_type.name for memory_type in MemoryType}
_ACCESS_NAMES = {access.value: access.name.lower() for access in Access}


def about(run: Run) -> dict[str, Cell]:
    """Return what a table of a run is of."""
    return {"scenario": run.scenario.name, "policy": run.policy.id}


class Phases:
    """Looks up the name of the phase of a time."""

    def __init__(self, scenario: Scenario) -> None:
        self._starts = [phase.start_ns for phase in scenario.phases]
        self._names = [None, *(phase.name for phase in scenario.phases)]

    def name(self, time_ns: int) -> str | None:
        """Return the phase's name, None before the first."""
        return self._names[bisect_right(self._starts, time_ns)]


def phase_spans(scenario: Scenario) -> list[tuple[Phase, int]]:
    """Return the phases, each with the time of its end."""
    starts = [phase.start_ns for phase in scenario.phases[1:]]
    ends = [*starts, max(scenario.duration_ns, *starts, 0)]
    return list(zip(scenario.phases, ends[: len(scenario.phases)], strict=True))


def event_table(run: Run) -> Table:
    """Return the events of a run's scenario with the zaps they made."""
    return Table("events", about(run), EVENT_COLUMNS, _event_rows(run))


def _event_rows(run: Run) -> Iterator[Row]:
    scenario = run.scenario
    phases = Phases(scenario)
    zaps = np.bincount(run.zaps.event, minlength=len(scenario.events)).tolist()
    for number, event in enumerate(scenario.events):
        yield (
            number,
            event.time_ns / 1e9,
            phases.name(event.time_ns),
            str(event.kind),
            None if event.kind in VM_KINDS else event.vcpu,
            hexadecimal(event.register) if event.writes_msr else None,
            *_write_cells(event, scenario.machine.maxphyaddr),
            is_refused(scenario.machine, event),
            zaps[number],
            event.origin or None,
            event.text or None,
        )


def _write_cells(event: Event, maxphyaddr: int) -> Row:
    """Return register, value and meaning of a write, None each of anything else."""
    number = register_number(event)
    if number is None:
        return None, None, None
    meaning = describe(number, event.value, maxphyaddr)
    return register_name(event), hexadecimal(event.value), meaning


def zap_table(run: Run) -> Table:
    """Return the zaps of a run."""
    if run.costs.is_default:
        return Table("zaps", about(run), ZAP_COLUMNS, _zap_rows(run))
    # A file is parted from what made it, so every row says that its cycles are not the model's.
    changes = run.costs.changes_text
    rows = ((*row, changes) for row in _zap_rows(run))
    return Table("zaps", about(run), (*ZAP_COLUMNS, CHANGED_COLUMN), rows)


def _zap_rows(run: Run) -> Iterator[Row]:
    zaps, phases = run.zaps, Phases(run.scenario)
    columns = (
        zaps.time_ns, zaps.vcpu, zaps.cause, zaps.event,
        zaps.leaves_dropped, zaps.rivals, zaps.cycles,
    )  # fmt: skip
    rows = zip(*(column.tolist() for column in columns), zaps.ranges, strict=True)
    for number, (time_ns, vcpu, cause, event, dropped, rivals, cycles, ranges) in enumerate(rows):
        yield (
            number,
            time_ns / 1e9,
            phases.name(time_ns),
            None if vcpu < 0 else vcpu,
            ZapCause(cause).words,
            event,
            *_range_cells(ranges),
            dropped,
            rivals,
            round(cycles),
        )


def _range_cells(ranges: tuple[tuple[int, int], ...]) -> Row:
    """Return start, end, ranges and all_memory of a zap."""
    if not ranges:
        return None, None, None, False
    spans = [(start << PAGE_SHIFT, end << PAGE_SHIFT) for start, end in ranges]
    start, end = min(start for start, _ in spans), max(end for _, end in spans)
    words = " ".join(f"{hexadecimal(a)}-{hexadecimal(b)}" for a, b in spans)
    return hexadecimal(start), hexadecimal(end), words, zaps_all(ranges)


def zaps_all(ranges: tuple[tuple[int, int], ...]) -> bool:
    """Return whether a zap is of the whole address space."""
    return any(start == 0 and end >= ALL_GFNS_END for start, end in ranges)


def leaf_table(run: Run) -> Table:
    """Return every leaf of a run."""
    return Table("leaves", about(run), LEAF_COLUMNS, _leaf_rows(run.leaves))


def _leaf_rows(leaves: LeafTable) -> Iterator[Row]:
    """Yield a row a leaf, from a slice of the columns at a time."""
    for start in range(0, len(leaves), _LEAVES_AT_A_TIME):
        yield from _leaf_block(leaves, slice(start, start + _LEAVES_AT_A_TIME), start)


def _leaf_block(leaves: LeafTable, part: slice, first: int) -> Iterator[Row]:
    columns = (
        leaves.memory_type, leaves.first_gfn, leaves.pages, leaves.ipat, leaves.vcpu,
        leaves.access, leaves.refault, leaves.born_ns, leaves.died_ns, leaves.zap,
    )  # fmt: skip
    rows = zip(*(column[part].tolist() for column in columns), strict=True)
    alive = int(ALIVE)
    for number, (kind, gfn, pages, ipat, vcpu, access, refault, born, died, zap) in enumerate(
        rows, first
    ):
        yield (
            number,
            hexadecimal(gfn << PAGE_SHIFT),
            pages << PAGE_SHIFT,
            _TYPE_NAMES[kind],
            int(ipat),
            vcpu,
            _ACCESS_NAMES[access],
            refault,
            born / 1e9,
            None if died == alive else died / 1e9,
            None if zap < 0 else zap,
        )
