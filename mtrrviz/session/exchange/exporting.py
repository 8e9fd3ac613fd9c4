"""Exports of runs, put together for the window and the command line alike."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mtrrviz.analysis.comparing.compare import compare
from mtrrviz.analysis.published import published_for
from mtrrviz.core.errors import MtrrvizError
from mtrrviz.exporters.kinds import KINDS
from mtrrviz.exporters.report.contents import Reported, ReportedDifferences
from mtrrviz.exporters.report.page import report_parts
from mtrrviz.exporters.table_files import csv_parts, json_parts
from mtrrviz.exporters.trace import trace_parts
from mtrrviz.exporters.trace_counters import MOST_SAMPLES
from mtrrviz.facts.hosts.host_ranges import host_ranges_at
from mtrrviz.facts.live_counts import sample_times
from mtrrviz.facts.ranges import ranges_at
from mtrrviz.facts.tables.difference_rows import DifferenceRows, difference_ranges
from mtrrviz.facts.tables.event_rows import EventRows
from mtrrviz.facts.tables.fact_rows import BLOCK_ROWS, FactRows
from mtrrviz.facts.tables.fault_rows import FaultRows
from mtrrviz.facts.tables.host_range_rows import HostRangeRows
from mtrrviz.facts.tables.leaf_rows import LeafRows
from mtrrviz.facts.tables.range_rows import RangeRows
from mtrrviz.facts.tables.touch_rows import TouchRows
from mtrrviz.facts.tables.zap_rows import ZapRows

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from mtrrviz.analysis.comparing.compare import Comparison
    from mtrrviz.sim.run import Run, State

TABLES: dict[str, type[FactRows]] = {
    table.name: table
    for table in (EventRows, ZapRows, LeafRows, FaultRows, TouchRows, RangeRows, DifferenceRows)
}
"""The tables that can be exported, by name."""
_WHOLE_RUN: dict[str, Callable[[Run], FactRows]] = {
    "events": lambda run: EventRows(run.scenario, run),
    "zaps": ZapRows,
    "leaves": LeafRows,
    "faults": FaultRows,
    "touches": lambda run: TouchRows(run.scenario),
}


def export_parts(kind: str, form: str, states: Sequence[State], vcpu: int = 0) -> Iterator[str]:
    """Return the text of an export (see ``exporters.kinds``), made piece by piece.

    ``states`` are of as many runs of one scenario as the kind takes, all of one time, which
    matters to ranges, differences and reports, as does ``vcpu``, whose next faults these tell.
    MtrrvizError if there is no such vCPU.
    """
    added = KINDS[kind].parts
    if added is not None:
        return iter(added(form, states, vcpu))
    if kind == "trace":
        return trace_parts(states[0].run)
    if kind == "report":
        return report_of(states, vcpu)
    rows = table_of(kind, states, vcpu)
    return csv_parts(rows) if form == "csv" else json_parts(rows)


def expected_parts(kind: str, states: Sequence[State]) -> int:
    """Return about how many parts :func:`export_parts` will yield; 0 where that is not known."""
    run = states[0].run
    if kind in _WHOLE_RUN:
        return len(_WHOLE_RUN[kind](run)) // BLOCK_ROWS + 1
    if kind == "trace":
        return len(run.scenario.events) + 3 * len(run.zaps) + len(sample_times(run, MOST_SAMPLES))
    return 0


_GUESTS_ONLY = "this is a real machine, without a policy of KVM (--machine guest shows it as one)"


def table_of(name: str, states: Sequence[State], vcpu: int = 0) -> FactRows:
    """Return one of :data:`TABLES`, to be written once.

    Ranges and differences are those of the states, ranges with the faults that ``vcpu`` would get
    next; the others are of the whole run. MtrrvizError if there is no such vCPU.
    """
    if name in _WHOLE_RUN:
        return _WHOLE_RUN[name](states[0].run)
    is_host = states[0].run.scenario.machine.is_host
    if name == "ranges" and is_host:
        return HostRangeRows(states[0], vcpu, tuple(host_ranges_at(states[0], vcpu)))
    if name == "ranges":
        return RangeRows(states[0], vcpu, ranges_at(states[0], vcpu))
    if is_host:
        raise MtrrvizError(f"{name}: {_GUESTS_ONLY}")
    one, other = states
    return differences_at(compare(one.run, other.run), one.time_ns)


def differences_at(comparison: Comparison, time_ns: int) -> DifferenceRows:
    """Return where the EPTs of two runs of one scenario differ at a time."""
    scenario = comparison.run_a.scenario
    ranges = difference_ranges(comparison.at(time_ns), scenario.machine)
    return DifferenceRows(ranges, scenario.name, comparison.policies, time_ns)


def report_of(states: Sequence[State], vcpu: int = 0) -> Iterator[str]:
    """Return the report of one run or of two, of one scenario and at one time, piece by piece.

    The map is that of the states. MtrrvizError if there is no such vCPU.
    """
    if states[0].run.scenario.machine.is_host:
        raise MtrrvizError(f"report: {_GUESTS_ONLY}")
    reported = [
        Reported(RangeRows(state, vcpu, tuple(ranges_at(state, vcpu))), _published(state.run))
        for state in states
    ]
    differences = _differences(states[0], states[1]) if len(states) == 2 else None
    return report_parts(reported, differences)


def _published(run: Run) -> tuple[str, ...]:
    return tuple(row.words for row in published_for(run.scenario, run.policy.id))


def _differences(one: State, other: State) -> ReportedDifferences:
    comparison = compare(one.run, other.run)
    return ReportedDifferences(comparison.history.first_ns, differences_at(comparison, one.time_ns))
