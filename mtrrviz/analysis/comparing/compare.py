"""Two runs of one scenario beside each other: figures, and where and when their EPTs differ."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from msgspec.structs import replace

from mtrrviz.analysis.comparing.compare_figures import Figure, figures_of
from mtrrviz.analysis.comparing.compare_history import DifferenceHistory, difference_history
from mtrrviz.core.record import Record
from mtrrviz.facts.differences import Differences, OrderedLeaves, differences
from mtrrviz.facts.figures import figures

if TYPE_CHECKING:
    from mtrrviz.scenario.model import Scenario
    from mtrrviz.sim.run import Run
    from mtrrviz.sim.tables import LeafTable


def same_story(first: Scenario, second: Scenario) -> bool:
    """Return whether two scenarios have equal machines, events and touches.

    Saving makes a new object, so identity alone is not enough.
    """
    return first is second or (
        first.machine == second.machine
        and first.events == second.events
        and first.sweeps == second.sweeps
        and _same_recording(first, second)
    )


def _same_recording(first: Scenario, second: Scenario) -> bool:
    """Return whether the recorded touches are one object, as edits keep them, or none."""
    return first.recorded is second.recorded or not (len(first.recorded) or len(second.recorded))


class _Epts:
    """The EPTs of two runs beside each other, whatever constants the runs have."""

    def __init__(self, leaves_a: LeafTable, leaves_b: LeafTable) -> None:
        self._leaves = leaves_a, leaves_b
        self.is_history_known = False

    @cached_property
    def ordered(self) -> tuple[OrderedLeaves, OrderedLeaves]:
        """The leaves of both in order of address."""
        leaves_a, leaves_b = self._leaves
        return OrderedLeaves(leaves_a), OrderedLeaves(leaves_b)

    @cached_property
    def history(self) -> DifferenceHistory:
        """How much differs at every time; takes long for large runs."""
        found = difference_history(*self._leaves)
        self.is_history_known = True
        return found


class Comparison(Record, eq=False, weakref=True):
    """Two runs beside each other. Cheap to make: each part is worked out on first use."""

    run_a: Run
    run_b: Run
    epts: _Epts

    @property
    def policies(self) -> tuple[str, str]:
        """The ids of both policies."""
        return self.run_a.policy.id, self.run_b.policy.id

    @property
    def figures(self) -> tuple[Figure, ...]:
        """The results of both whole runs, side by side."""
        return figures_of(figures(self.run_a), figures(self.run_b), self.run_b.costs.label)

    def at(self, time_ns: int) -> Differences:
        """Return both EPTs at a time, page range by page range."""
        leaves_a, leaves_b = self.epts.ordered
        return differences(leaves_a.at(time_ns), leaves_b.at(time_ns))

    def at_other_costs(self, run_a: Run, run_b: Run) -> Comparison:
        """Return the comparison of the same replays at other constants: their EPTs are the same."""
        return replace(self, run_a=run_a, run_b=run_b)

    @property
    def is_history_known(self) -> bool:
        """Whether :attr:`history` was worked out already, which takes long for large runs."""
        return self.epts.is_history_known

    @property
    def history(self) -> DifferenceHistory:
        """How much differs at every time."""
        return self.epts.history


def compare(run_a: Run, run_b: Run) -> Comparison:
    """Return the comparison of two runs; ValueError unless both are of the same scenario."""
    if not same_story(run_a.scenario, run_b.scenario):
        raise ValueError("only runs of one and the same scenario can be compared")
    return Comparison(run_a, run_b, _Epts(run_a.leaves, run_b.leaves))
