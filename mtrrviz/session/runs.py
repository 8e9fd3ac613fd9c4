"""Runs of the open scenario: which are wanted, being made, finished; never more than needed."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

from mtrrviz.analysis.comparing.compare import compare, same_story
from mtrrviz.facts.figures import figures
from mtrrviz.facts.trace.mismatch_causes import mismatch_causes
from mtrrviz.geometry.map.map_image import prepare_frame
from mtrrviz.geometry.timeline.timeline_faults import fault_times
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
#: And so much of their memory, but for the two newest: that in use and that compared with.
KEPT_BYTES = 256 << 20
#: States kept: that of the policy in use and that of the one compared with.
KEPT_STATES = 2


def at_once(work: Callable[[], Any], finished: Callable[[Any], None]) -> None:
    """Run the work in the calling thread: for tests, the command line and other programs."""
    finished(work())


def _alike(first: Scenario, second: Scenario) -> bool:
    """Whether what can be selected in one scenario's machine can be in the other's."""
    shapes = (
        (machine.kind, machine.vcpus, machine.pairs, machine.maxphyaddr)
        for machine in (first.machine, second.machine)
    )
    return next(shapes) == next(shapes)


class _Job:
    """A run being made. ``scenario`` is whose run it will count as, which saving may change."""

    def __init__(self, scenario: Scenario, policy: str) -> None:
        self.scenario = scenario
        self.policy = policy


def _figured(work: Callable[[], Run]) -> Run:
    """Make a run and its figures, so that the window's thread need not."""
    run = work()
    _ = figures(run), mismatch_causes(run)
    return run


def _pictured(work: Callable[[], Run], time_ns: int) -> Run:
    """Make a run, its figures, and what its first picture at ``time_ns`` needs."""
    run = _figured(work)
    _ = fault_times(run)
    prepare_frame(run, time_ns)
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
        self._under_way: dict[tuple[Scenario, str], _Job] = {}
        self._states: list[State] = []
        self._comparison: Comparison | None = None

    def want(
        self,
        scenario: Scenario,
        policies: Iterable[str],
        before: Scenario | None = None,
        since_ns: int = 0,
        shown_ns: int = 0,
    ) -> None:
        """Have runs of ``scenario`` made; those of ``before`` serve up to ``since_ns``.

        ``shown_ns`` is the time at which they will be looked at first.
        """
        self._wanted = scenario
        for policy in policies:
            key = (scenario, policy)
            if key in self._kept:
                self._kept.move_to_end(key)
                self._newest[policy] = (scenario, self._kept[key])
                self._finished()
                self._bring_up_to_date(scenario, policy)
            elif key not in self._under_way:
                base = self._base(scenario, before, policy)
                work = partial(
                    simulate, scenario, policy, self._costs, base=base, since_ns=since_ns
                )
                made = partial(_pictured, work, shown_ns)
                self._start(_Job(scenario, policy), made, self._finished)

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
        """Recompute the figures of a kept run at other constants; one under way follows later."""
        key, costs = (scenario, policy), self._costs
        run = self._kept.get(key)
        if run is not None and run.costs != costs and key not in self._under_way:
            work = partial(_figured, partial(run.with_costs, costs))
            self._start(_Job(scenario, policy), work, self._figured)

    def _base(self, scenario: Scenario, before: Scenario | None, policy: str) -> Run | None:
        """Return a run to go on from: of the same machine, or there is nothing in common."""
        same = before is not None and before.machine is scenario.machine
        return self._kept.get((before, policy)) if before is not None and same else None

    def _start(self, job: _Job, work: Callable[[], Run], tell: Callable[[], None]) -> None:
        """Start a run on the executor; ``tell`` is called when it can be shown."""
        self._under_way[job.scenario, job.policy] = job
        self._executor(work, partial(self._store, job, tell))

    def _store(self, job: _Job, tell: Callable[[], None], run: Run) -> None:
        """Keep a finished run, and show it if it is still of what is open."""
        key = job.scenario, job.policy
        if self._under_way.get(key) is not job:
            return
        del self._under_way[key]
        self._kept[key] = run
        self._drop_oldest()
        if job.scenario is self._wanted:
            self._newest[job.policy] = (job.scenario, run)
            tell()
            self._bring_up_to_date(job.scenario, job.policy)

    def _drop_oldest(self) -> None:
        while len(self._kept) > KEPT_RUNS or (len(self._kept) > 2 and self._is_full()):
            self._kept.popitem(last=False)

    def _is_full(self) -> bool:
        """Whether the kept runs take too much memory; those at other constants share leaves."""
        sizes = {id(run.leaves): run.size_bytes for run in self._kept.values()}
        return sum(sizes.values()) > KEPT_BYTES

    def newest(self, policy: str) -> Run | None:
        """Return the newest finished run of a policy, be it of an older scenario, or None.

        A machine with other vCPUs, pairs or address bits is none to show: what is selected now may
        not exist in it.
        """
        if policy not in self._newest:
            return None
        scenario, run = self._newest[policy]
        return run if self._wanted is None or _alike(scenario, self._wanted) else None

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
        for (owner, policy), job in list(self._under_way.items()):
            if owner is old:
                job.scenario = scenario
                self._under_way[scenario, policy] = self._under_way.pop((old, policy))
        if self._wanted is old:
            self._wanted = scenario

    def of(self, scenario: Scenario) -> dict[str, Run]:
        """Return the finished runs of a scenario at the constants in force, by policy."""
        return {
            policy: run
            for (owner, policy), run in self._kept.items()
            if owner is scenario and run.costs == self._costs
        }

    def know(self, scenario: Scenario, runs: Mapping[str, Run]) -> None:
        """Let finished runs of an equal scenario, by policy, count for ``scenario``.

        Their constants, which are the same for all, are in force from now on.
        """
        for policy, run in runs.items():
            self._costs = run.costs
            self._kept[scenario, policy] = run
            self._kept.move_to_end((scenario, policy))
        self._drop_oldest()

    def forget(self) -> None:
        """Drop all runs, those being made as well: another scenario is opened."""
        self._kept.clear()
        self._newest.clear()
        self._under_way.clear()
        self._states = []
        self._comparison = None
