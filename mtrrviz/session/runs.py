"""Runs of the open scenario: which are wanted, being made, finished; never more than needed."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable

from mtrrviz.scenario.model import Scenario
from mtrrviz.sim.run import Run, State
from mtrrviz.sim.simulate import simulate

#: Makes a run somewhere and hands it to the callback, in the thread of the document.
Executor = Callable[[Callable[[], Run], Callable[[Run], None]], None]
#: Finished runs kept, so that undo and switching back answer at once.
KEPT_RUNS = 8


def at_once(work: Callable[[], Run], finished: Callable[[Run], None]) -> None:
    """Run the work right here: for tests, the command line and other programs."""
    finished(work())


class Runs:
    """Finished runs by scenario and policy, and the newest of each policy."""

    def __init__(self, executor: Executor, finished: Callable[[], None]) -> None:
        self._executor = executor
        self._finished = finished
        self._kept: OrderedDict[tuple[int, str], Run] = OrderedDict()
        self._newest: dict[str, Run] = {}
        self._wanted: Scenario | None = None
        self._under_way: set[tuple[int, str]] = set()
        self._state: State | None = None

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
            kept = self._kept.get((id(scenario), policy))
            if kept is not None:
                self._newest[policy] = kept
                self._finished()
            else:
                self._start(scenario, policy, before, since_ns)

    def _start(
        self, scenario: Scenario, policy: str, before: Scenario | None, since_ns: int
    ) -> None:
        key = (id(scenario), policy)
        if key in self._under_way:
            return
        base = None if before is None else self._kept.get((id(before), policy))
        self._under_way.add(key)
        self._executor(
            lambda: simulate(scenario, policy, base=base, since_ns=since_ns),
            lambda run: self._store(key, run),
        )

    def _store(self, key: tuple[int, str], run: Run) -> None:
        self._under_way.discard(key)
        self._kept[key] = run
        while len(self._kept) > KEPT_RUNS:
            self._kept.popitem(last=False)
        if run.scenario is self._wanted:
            self._newest[key[1]] = run
            self._finished()

    def newest(self, policy: str) -> Run | None:
        """Return the newest finished run of a policy, be it of an older scenario, or None."""
        return self._newest.get(policy)

    def is_current(self, scenario: Scenario, policy: str) -> bool:
        """Whether the newest run of ``policy`` is one of ``scenario``."""
        run = self._newest.get(policy)
        return run is not None and (id(scenario), policy) in self._kept

    def state(self, run: Run, time_ns: int) -> State:
        """Return the state of ``run`` at a time, the same object for the same question."""
        state = self._state
        if state is None or state.run is not run or state.time_ns != time_ns:
            state = self._state = run.at(time_ns)
        return state

    def adopt(self, scenario: Scenario, old: Scenario) -> None:
        """Let the runs of ``old`` count for ``scenario``, an equal one."""
        for (owner, policy), run in list(self._kept.items()):
            if owner == id(old):
                self._kept[id(scenario), policy] = run
        self._wanted = scenario

    def forget(self) -> None:
        """Drop all runs: another scenario is opened."""
        self._kept.clear()
        self._newest.clear()
        self._state = None
