"""Where playing stops: when the run in use fulfils the conditions of the scenario."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import numpy as np
from msgspec.structs import replace

from mtrrviz.analysis.stops import needs_comparison, stop_times
from mtrrviz.core.record import Record
from mtrrviz.session.changes import Change

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from mtrrviz.analysis.comparing.compare import Comparison
    from mtrrviz.scenario.model import Scenario
    from mtrrviz.scenario.stop_condition import StopCondition
    from mtrrviz.session.runs import Executor
    from mtrrviz.sim.run import Run

#: Leaves and events of a run that are looked through within a frame.
_AT_ONCE = 4_000


class Stop(Record):
    """A time at which conditions that are switched on are fulfilled."""

    time_ns: int
    conditions: tuple[StopCondition, ...]


class StoppedRuns(Protocol):
    """The part of a document that stopping needs."""

    @property
    def scenario(self) -> Scenario:
        """The scenario with all edits, and with the conditions."""
        ...

    @property
    def run(self) -> Run | None:
        """The newest finished run of the policy in use."""
        ...

    @property
    def comparison(self) -> Comparison | None:
        """Both runs beside each other; None until both are of one and the same scenario."""
        ...

    def notify(self, *changes: Change) -> None:
        """Tell the observers."""
        ...


class Stopping:
    """Knows when the document's run fulfils each condition; has that worked out when asked.

    Lives as long as its document; what takes long is done by the document's executor, which is
    told of through it (:attr:`Change.STOPS`).
    """

    def __init__(self, document: StoppedRuns, executor: Executor) -> None:
        self._document = document
        self._executor = executor
        self._question: _Question | None = None
        self._times: tuple[NDArray[np.int64], ...] | None = None

    def forget(self) -> None:
        """Let go of what is known: another scenario is opened."""
        self._question = self._times = None

    @property
    def conditions(self) -> tuple[StopCondition, ...]:
        """The conditions, switched on or not."""
        return self._document.scenario.stops

    @property
    def is_wanted(self) -> bool:
        """Whether any condition is switched on."""
        return any(stop.is_on for stop in self.conditions)

    @property
    def times_ns(self) -> tuple[NDArray[np.int64], ...] | None:
        """When each condition is fulfilled, int64, ascending; None as long as that is not known."""
        run = self._document.run
        if run is None:
            return None
        compares = any(map(needs_comparison, self.conditions))
        comparison = self._document.comparison if compares else None
        bare = tuple(replace(stop, is_on=True) for stop in self.conditions)
        question = _Question(run, comparison, bare)
        if question != self._question:
            self._ask(question)
        return self._times

    @property
    def counts(self) -> tuple[int | None, ...]:
        """How often the run fulfils each condition; None as long as that is not known."""
        times = self.times_ns
        if times is None:
            return (None,) * len(self.conditions)
        return tuple(
            None if needs_comparison(stop) and self._document.comparison is None else len(one)
            for one, stop in zip(times, self.conditions, strict=True)
        )

    def _ask(self, question: _Question) -> None:
        self._question, self._times = question, None
        if question.size <= _AT_ONCE:
            self._times = question.answer()
        else:
            self._executor(question.answer, lambda times: self._learn(question, times))

    def _learn(self, question: _Question, times: tuple[NDArray[np.int64], ...]) -> None:
        if question is self._question:
            self._times = times
            self._document.notify(Change.STOPS)

    @property
    def is_known(self) -> bool:
        """Whether it is known where to stop; it is if no condition is switched on."""
        return not self.is_wanted or self.times_ns is not None

    def next_stop(self, after_ns: int) -> Stop | None:
        """Return the first stop after a time, or None; also as long as it is not known."""
        rows = ((times, int(np.searchsorted(times, after_ns, "right"))) for times in self._on())
        found = [int(times[row]) for times, row in rows if row < len(times)]
        return self._stop_at(min(found)) if found else None

    def previous_stop(self, before_ns: int) -> Stop | None:
        """Return the last stop before a time, or None; also as long as it is not known."""
        rows = ((times, int(np.searchsorted(times, before_ns))) for times in self._on())
        found = [int(times[row - 1]) for times, row in rows if row]
        return self._stop_at(max(found)) if found else None

    def _on(self) -> list[NDArray[np.int64]]:
        """Return the times of the conditions that are switched on."""
        times = self.times_ns or ()
        return [one for one, stop in zip(times, self.conditions, strict=False) if stop.is_on]

    def _stop_at(self, time_ns: int) -> Stop:
        fulfilled = (
            stop
            for times, stop in zip(self.times_ns or (), self.conditions, strict=True)
            if stop.is_on and time_ns in times
        )
        return Stop(time_ns, tuple(fulfilled))


class _Question(Record):
    """Conditions, and the runs that may fulfil them; equal for the same runs."""

    run: Run
    comparison: Comparison | None
    conditions: tuple[StopCondition, ...]

    @property
    def size(self) -> int:
        """How much there is to look through."""
        if not self.conditions:
            return 0
        leaves = len(self.run.leaves) * (1 if self.comparison is None else 2)
        return leaves + len(self.run.scenario.events)

    def answer(self) -> tuple[NDArray[np.int64], ...]:
        """Return the times at which each condition is fulfilled."""
        return tuple(stop_times(stop, self.run, self.comparison) for stop in self.conditions)
