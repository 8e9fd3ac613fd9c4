"""The situation that a lesson's task is judged in: the scenario, its runs and what is selected."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from msgspec import field
from msgspec.structs import replace

from mtrrviz.core.policies import DEFAULT_POLICY_ID, get_policy
from mtrrviz.core.record import Record
from mtrrviz.sim.simulate import answering, simulate

if TYPE_CHECKING:
    from mtrrviz.scenario.model import Scenario
    from mtrrviz.sim.run import Run, State


class RunSource(Protocol):
    """Gives the run of a scenario under a policy; simulates it where it is not there yet."""

    def run(self, scenario: Scenario, policy_id: str) -> Run:
        """Return the run; MtrrvizError if there is no such policy."""
        ...


class SimulatedRuns:
    """Simulates runs and keeps those of the last scenario that was asked for."""

    def __init__(self) -> None:
        self._scenario: Scenario | None = None
        self._runs: dict[str, Run] = {}

    def run(self, scenario: Scenario, policy_id: str) -> Run:
        """Return the run; MtrrvizError if there is no such policy."""
        if scenario is not self._scenario:
            self._scenario, self._runs = scenario, {}
        if policy_id not in self._runs:
            policy = answering(scenario, get_policy(policy_id))
            self._runs[policy_id] = simulate(scenario, policy)
        return self._runs[policy_id]


class Situation(Record, eq=False):
    """All that a task may depend on.

    ``gfns`` is the selected page or range, [first, end); ``register`` the number of the selected
    register; ``panel`` the name of the panel in front, "" if none; ``map_mode`` what the map shows.
    """

    scenario: Scenario
    policy_id: str = DEFAULT_POLICY_ID
    compared_id: str | None = None
    time_ns: int = 0
    vcpu: int = 0
    gfns: tuple[int, int] | None = None
    register: int | None = None
    panel: str = ""
    map_mode: str = "one"
    runs: RunSource = field(default_factory=SimulatedRuns)

    def run(self, policy_id: str | None = None) -> Run:
        """Return the run of the scenario under a policy, by default the selected one."""
        return self.runs.run(self.scenario, policy_id or self.policy_id)

    def state(self, time_ns: int, policy_id: str | None = None) -> State:
        """Return the run's state at a time."""
        return self.run(policy_id).at(time_ns)

    def of(self, scenario: Scenario) -> Situation:
        """Return the situation after an edit that made another scenario."""
        return replace(self, scenario=scenario)
