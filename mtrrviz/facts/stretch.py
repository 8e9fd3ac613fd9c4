"""What happened between two times of a run: the figures of a stretch between markers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mtrrviz.core.record import Record
from mtrrviz.facts.figures import figures_until

if TYPE_CHECKING:
    from mtrrviz.sim.run import Run


class Stretch(Record):
    """The figures of a stretch of time, both ends included. ``zap_mcycles`` is modelled."""

    start_ns: int
    end_ns: int
    zap_count: int
    zap_mcycles: float
    leaves_dropped: int
    faults: int
    refaults: int

    @property
    def length_ns(self) -> int:
        """Length in nanoseconds."""
        return self.end_ns - self.start_ns


def measure(run: Run, first_ns: int, second_ns: int) -> Stretch:
    """Return the figures between two times, in whichever order they are given."""
    start_ns, end_ns = min(first_ns, second_ns), max(first_ns, second_ns)
    before, after = figures_until(run, start_ns - 1), figures_until(run, end_ns)
    return Stretch(
        start_ns=start_ns,
        end_ns=end_ns,
        zap_count=after.zap_count - before.zap_count,
        zap_mcycles=after.zap_mcycles - before.zap_mcycles,
        leaves_dropped=after.leaves_dropped - before.leaves_dropped,
        faults=after.faults - before.faults,
        refaults=after.refaults - before.refaults,
    )
