"""The phases of a scenario: which one a time is in, and when each ends."""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mtrrviz.scenario.model import Phase, Scenario


class PhaseNames:
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
