"""Runs of the open scenario: which are wanted, being made, finished; never more than needed."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable
from functools import partial
from typing import TYPE_CHECKING, Any

from mtrrviz.analysis.comparing.compare import compare, same_story
from mtrrviz.facts.figures import figures
from mtrrviz.facts.trace.mismatch_causes import mismatch_causes
from mtrrviz.sim.cost_model import DEFAULT_COSTS, CostModel
from mtrrviz.sim.simulate import simulate

if TYPE_CHECKING:
    from mtrrviz.analysis.comparing.compare import Comparison
    from mtrrviz.scenario.model import Scenario
    from mtrrviz.sim.run import Run, State

#: Does work somewhere and hands its result to the callback, in the thread of the document.
Executor = Callable[[Callable[[], Any], Callable[[Any], None]], None]
#: Finished runs kept, so that undo and switching back answer at once.
KEPT_RUNS = 8
#: States kept: that of the policy in use and that of the one compared with.
KEPT_STATES = 2


def at_once(work: Callable[[], Any], finished: Callable[[Any], None]) -> None:
    """Run the work right here: for tests, the command line and other programs."""
    finished(work())


class _Job:
    """A run being made. ``scenario`` is whose run it will count as, which saving may change."""

    def __init__(self, scenario: Scenario, policy: str) -> None:
        self.scenario = scenario
        self.policy = policy


def _figured(work: Callable[[], Run]) -> Run:
    """Make a run and work out its figures, which is not the window's thread's work."""
    run = work()
    _ = figures(run), mismatch_causes(run)
    return run


def _compared(first: Run, second: Run, before: Comparison | None) -> Comparison:
    """Compare two runs; ``before`` serves if it is of the same replays."""
    if before is not None and (before.run_a.leaves, before.run_b.leaves) == (
        first.leaves,
        second.leaves,
    ):
        return before.at_other_costs(first, second)
    return compare(first, second)


class Runs:
    """Finished runs by scenario and policy, and the newest of each policy.

    Scenarios are told apart by identity, as they themselves do; what is kept here keeps them
    alive. A result that arrives after :meth:`forget` is dropped. A run is kept at one set of
    constants, the last it was wanted at: at others it is figured out again, not simulated.
    ``finished`` is called when a run can be shown, ``figured`` when one shown has other figures.
    """

    def __init__(
        self, executor: Executor, finished: Callable[[], None], figured: Callable[[], None]
    ) -> None:
        self._executor = executor
        self._finished = finished
        self._figured = figured
        self._costs = DEFAULT_COSTS
        self._kept: OrderedDict[tuple[Scenario, str], Run] = OrderedDict()
        self._newest: dict[str, tuple[Scenario, Run]] = {}
        self._wanted: Scenario | None = None
        self._under_way: list[_Job] = []
        self._states: list[State] = []
        self._comparison: Comparison | None = None

    def want(
        self,
        scenario: Scenario,
        policies: Iterable[str],
        before: Scenario | None = None,
        since_ns: int = 0,
    ) -> None:
        """Have runs of ``scenario`` made; those of ``before`` serve up to ``since_ns``."""
        self._wanted = scenario
        for policy in policies:
            key = (scenario, policy)
            if key in self._kept:
                self._kept.move_to_end(key)
                self._newest[policy] = (scenario, self._kept[key])
                self._finished()
                self._bring_up_to_date(scenario, policy)
            elif not self._is_under_way(scenario, policy):
                base = self._base(scenario, before, policy)
                work = partial(
                    simulate, scenario, policy, self._costs, base=base, since_ns=since_ns
                )
                self._start(_Job(scenario, policy), work, self._finished)

    @property
    def costs(self) -> CostModel:
        """The constants that runs are wanted at."""
        return self._costs

    def use_costs(self, costs: CostModel, policies: Iterable[str]) -> None:
        """Have the runs of ``policies`` at other constants; others follow when they are wanted."""
        self._costs = costs
        if self._wanted is not None:
            for policy in policies:
                self._bring_up_to_date(self._wanted, policy)

    def _bring_up_to_date(self, scenario: Scenario, policy: str) -> None:
        """Have a kept run at the constants in force. One under way is looked at when it is done."""
        run, costs = self._kept.get((scenario, policy)), self._costs
        if run is not None and run.costs != costs and not self._is_under_way(scenario, policy):
            work = partial(run.with_costs, costs)
            self._start(_Job(scenario, policy), work, self._figured)

    def _is_under_way(self, scenario: Scenario, policy: str) -> bool:
        return any(job.scenario is scenario and job.policy == policy for job in self._under_way)

    def _base(self, scenario: Scenario, before: Scenario | None, policy: str) -> Run | None:
        """Return a run to go on from: of the same machine, or there is nothing in common."""
        same = before is not None and before.machine is scenario.machine
        return self._kept.get((before, policy)) if before is not None and same else None

    def _start(self, job: _Job, work: Callable[[], Run], tell: Callable[[], None]) -> None:
        """Start a run on the executor; ``tell`` is called when it can be shown."""
        self._under_way.append(job)
        self._executor(partial(_figured, work), partial(self._store, job, tell))

    def _store(self, job: _Job, tell: Callable[[], None], run: Run) -> None:
        """Keep a finished run, and show it if it is still of what is open."""
        if job not in self._under_way:
            return
        self._under_way.remove(job)
        self._kept[job.scenario, job.policy] = run
        while len(self._kept) > KEPT_RUNS:
            self._kept.popitem(last=False)
        if job.scenario is self._wanted:
            self._newest[job.policy] = (job.scenario, run)
            tell()
            self._bring_up_to_date(job.scenario, job.policy)

    def newest(self, policy: str) -> Run | None:
        """Return the newest finished run of a policy, be it of an older scenario, or None."""
        return self._newest[policy][1] if policy in self._newest else None

    def is_current(self, scenario: Scenario, policy: str) -> bool:
        """Whether the newest run of ``policy`` is one of ``scenario`` at the constants in force."""
        if policy not in self._newest:
            return False
        owner, run = self._newest[policy]
        return owner is scenario and run.costs == self._costs

    def state(self, run: Run, time_ns: int) -> State:
        """Return the state of ``run`` at a time, the same object for the same question."""
        for state in self._states:
            if state.run is run and state.time_ns == time_ns:
                return state
        self._states = [run.at(time_ns), *self._states][:KEPT_STATES]
        return self._states[0]

    def comparison(self, policy_a: str, policy_b: str) -> Comparison | None:
        """Return the newest runs of two policies; None unless both are of the same scenario."""
        first, second, kept = self.newest(policy_a), self.newest(policy_b), self._comparison
        if first is None or second is None:
            return None
        if kept is None or kept.run_a is not first or kept.run_b is not second:
            if not same_story(first.scenario, second.scenario):
                return None
            kept = self._comparison = _compared(first, second, kept)
        return kept

    def adopt(self, scenario: Scenario, old: Scenario) -> None:
        """Let the runs of ``old``, finished or being made, count for ``scenario``, an equal one."""
        for (owner, policy), run in list(self._kept.items()):
            if owner is old:
                self._kept[scenario, policy] = self._kept.pop((old, policy))
                if self._newest.get(policy, (None, None))[1] is run:
                    self._newest[policy] = (scenario, run)
        for job in self._under_way:
            if job.scenario is old:
                job.scenario = scenario
        if self._wanted is old:
            self._wanted = scenario

    def forget(self) -> None:
        """Drop all runs, those being made as well: another scenario is opened."""
        self._kept.clear()
        self._newest.clear()
        self._under_way.clear()
        self._states = []
        self._comparison = None
