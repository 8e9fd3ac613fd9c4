"""Solving beside the window: the newest wanted map only, a moment after its last edit."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from PySide6.QtCore import QObject, Signal

from mtrrviz.analysis.solve import GUEST, Limits, Solution, Target, WantedMap, solve, target_of
from mtrrviz.core.errors import MtrrvizError
from mtrrviz.core.policies import HARDWARE
from mtrrviz.gui.common.pacing import one_shot
from mtrrviz.sim.replay import machine_at

if TYPE_CHECKING:
    from mtrrviz.gui.shell.bridge import Bridge
    from mtrrviz.gui.shell.worker import Worker
    from mtrrviz.scenario.model import Scenario
    from mtrrviz.session.wanted.wanted_edits import Wanted

#: Pause after the last edit before the solver starts.
_SETTLE_MS = 120


class Solving(QObject):
    """Keeps the solution of the document's wanted map. ``changed`` tells of each new one.

    ``solution`` is None until the first, and while there is a ``problem`` with the map.
    """

    changed = Signal()

    def __init__(self, bridge: Bridge, worker: Worker, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._document = bridge.document
        self._worker = worker
        self._is_busy = False
        self._rests = True
        self._solved: _Asked | None = None
        self._known: tuple[Scenario, Target] | None = None
        self.solution: Solution | None = None
        self.problem = ""
        self._timer = one_shot(self, _SETTLE_MS, self._start)

    @property
    def _task(self) -> _Asked:
        """What is to be solved, for the open machine."""
        return _Asked(
            self._document.wanted, self._document.scenario.machine.maxphyaddr, self._target
        )

    @property
    def _target(self) -> Target:
        """The open machine; of a real one with the fixed ranges that it ends with."""
        scenario = self._document.scenario
        if self._known is None or self._known[0] is not scenario:
            self._known = (scenario, _target_of(scenario))
        return self._known[1]

    @property
    def is_current(self) -> bool:
        """Whether ``solution`` or ``problem`` is about the map as it is now."""
        return self._solved == self._task

    def want(self) -> None:
        """Have the present map solved soon, unless it is already."""
        self._rests = False
        if not self.is_current:
            self._timer.start()
            self.changed.emit()

    def rest(self) -> None:
        """Begin nothing more until a solution is wanted again."""
        self._rests = True
        self._timer.stop()

    def _start(self) -> None:
        task = self._task
        if self._rests or self._is_busy or self.is_current:
            return
        wanted, maxphyaddr, target = task
        try:
            found = wanted.map(maxphyaddr)
        except MtrrvizError as error:
            self._show(task, None, str(error))
            return
        self._is_busy = True
        self._worker.run(
            lambda: _solved(found, wanted.limits, target),
            lambda solution: self._finish(task, solution),
            self._fail,
        )

    def _finish(self, task: _Asked, solution: Solution) -> None:
        self._is_busy = False
        self._show(task, solution, "")
        self._start()

    def _fail(self, error: Exception) -> None:
        self._is_busy = False
        raise error

    def _show(self, task: _Asked, solution: Solution | None, problem: str) -> None:
        self._solved, self.solution, self.problem = task, solution, problem
        self.changed.emit()


class _Asked(NamedTuple):
    """What is to be solved: the wanted map, the address bits, and the machine it is for."""

    wanted: Wanted
    maxphyaddr: int
    target: Target


def _target_of(scenario: Scenario) -> Target:
    if not scenario.machine.is_host:
        return GUEST
    machine = machine_at(scenario, HARDWARE, scenario.duration_ns)
    return target_of(scenario.machine, machine)


def _solved(wanted: WantedMap, limits: Limits, target: Target) -> Solution:
    """Return the solution with its proof looked up, which is not the window's thread's work."""
    solution = solve(wanted, limits, target)
    _ = solution.differences
    return solution
