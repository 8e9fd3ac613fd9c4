"""What can be taken away from runs, put together for the window and the command line alike."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mtrrviz.analysis.compare import compare
from mtrrviz.analysis.published import published_for
from mtrrviz.core.errors import MtrrvizError
from mtrrviz.exporters.range_table import DifferingRange, difference_table, range_table
from mtrrviz.exporters.record import ROWS_A_PART, csv_parts, json_parts
from mtrrviz.exporters.report.contents import Reported, ReportedDifferences
from mtrrviz.exporters.report.page import report_parts
from mtrrviz.exporters.report.sections import MOST_ROWS
from mtrrviz.exporters.run_tables import event_table, leaf_table, zap_table
from mtrrviz.exporters.trace import trace_parts
from mtrrviz.exporters.trace_counters import MOST_SAMPLES
from mtrrviz.facts.difference_rows import cells, columns, difference_rows
from mtrrviz.facts.live_counts import sample_times
from mtrrviz.facts.ranges import RangeRow, all_ranges

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from mtrrviz.exporters.record import Table
    from mtrrviz.sim.run import Run, State

_WHOLE_RUN: dict[str, Callable[[Run], Table]] = {
    "events": event_table,
    "zaps": zap_table,
    "leaves": leaf_table,
}


def export_parts(kind: str, form: str, states: Sequence[State], vcpu: int = 0) -> Iterator[str]:
    """Return the text of an export (see ``exporters.kinds``), made piece by piece.

    ``states`` are of as many runs of one scenario as the kind takes, all of one time, which
    matters to ranges, differences and reports, as does ``vcpu``, whose next faults these tell.
    MtrrvizError if there is no such vCPU.
    """
    if kind == "trace":
        return trace_parts(states[0].run)
    if kind == "report":
        return report_of(states, vcpu)
    table = differences_of(*states) if kind == "differences" else table_of(states[0], kind, vcpu)
    return csv_parts(table) if form == "csv" else json_parts(table)


def expected_parts(kind: str, states: Sequence[State]) -> int:
    """Return about how many parts :func:`export_parts` will yield; 0 where that is not known."""
    run = states[0].run
    rows = {"events": len(run.scenario.events), "zaps": len(run.zaps), "leaves": len(run.leaves)}
    if kind in rows:
        return rows[kind] // ROWS_A_PART + 1
    if kind == "trace":
        return len(run.scenario.events) + 3 * len(run.zaps) + len(sample_times(run, MOST_SAMPLES))
    return 0


def table_of(state: State, name: str, vcpu: int = 0) -> Table:
    """Return a table of the run of ``state``: events, zaps, leaves or ranges.

    Ranges are those of the state, with the faults that ``vcpu`` would get next; the others are of
    the whole run. MtrrvizError if there is no such vCPU.
    """
    if name in _WHOLE_RUN:
        return _WHOLE_RUN[name](state.run)
    return range_table(state, vcpu, mapped_ranges(state, vcpu))


def mapped_ranges(state: State, vcpu: int = 0) -> Iterator[RangeRow]:
    """Yield the ranges of the map of ``state`` as ``vcpu`` sees it; MtrrvizError if none such."""
    spec = state.run.scenario.machine
    if not 0 <= vcpu < spec.vcpus:
        raise MtrrvizError(f"no vCPU {vcpu}: the machine has {spec.vcpus} (expected 0 or more)")
    return all_ranges(state, vcpu)


def differences_of(one: State, other: State) -> Table:
    """Return where the EPTs of two runs of one scenario differ at the time of the states."""
    rows = difference_rows(compare(one.run, other.run).at(one.time_ns), one.run.scenario.machine)
    ranges = (
        DifferingRange(
            row.first_gfn,
            row.end_gfn,
            row.region and row.region.name,
            row.kind.name.lower(),
            row.bits_a,
            row.bits_b,
        )
        for row in rows
    )
    return difference_table(one, other, ranges)


def report_of(states: Sequence[State], vcpu: int = 0) -> Iterator[str]:
    """Return the report of one run or of two, of one scenario and at one time, piece by piece.

    The map is that of the states. MtrrvizError if there is no such vCPU.
    """
    reported = [
        Reported(state, vcpu, tuple(mapped_ranges(state, vcpu)), _published(state.run))
        for state in states
    ]
    differences = _differences(states[0], states[1]) if len(states) == 2 else None
    return report_parts(reported, differences)


def _published(run: Run) -> tuple[str, ...]:
    return tuple(row.words for row in published_for(run.scenario, run.policy.id))


def _differences(one: State, other: State) -> ReportedDifferences:
    comparison = compare(one.run, other.run)
    names = (one.run.policy.id, other.run.policy.id)
    rows = difference_rows(comparison.at(one.time_ns), one.run.scenario.machine)
    return ReportedDifferences(
        first=_first_words(comparison.history.first_ns),
        columns=columns(*names),
        rows=tuple(cells(row, *names) for row in rows[:MOST_ROWS]),
        total=len(rows),
    )


def _first_words(time_ns: int | None) -> str:
    if time_ns is None:
        return "The two EPTs never differ."
    return f"They differ for the first time at {time_ns / 1e9:.6f} s."
