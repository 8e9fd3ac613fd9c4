"""What a report is made from: tables of facts with what other layers know of the runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mtrrviz.core.record import Record

if TYPE_CHECKING:
    from mtrrviz.facts.tables.difference_rows import DifferenceRows
    from mtrrviz.facts.tables.range_rows import RangeRows
    from mtrrviz.sim.run import State


class Reported(Record):
    """One run at the time of the map, whose ranges ``map`` has.

    ``published`` are measurements of this boot under this policy that were published, a line each.
    """

    map: RangeRows
    published: tuple[str, ...] = ()

    @property
    def state(self) -> State:
        """The run at the time of the map."""
        return self.map.state

    @property
    def vcpu(self) -> int:
        """The vCPU whose next faults the map shows."""
        return self.map.vcpu_asked


class ReportedDifferences(Record):
    """Where two EPTs differ at the time of the map, and when first; None if they never do."""

    first_ns: int | None
    rows: DifferenceRows
