"""Solving beside the window: the newest wanted map only, a moment after its last edit."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from PySide6.QtCore import QObject, Signal

from mtrrviz.analysis.solve import advise
from mtrrviz.core.errors import MtrrvizError
from mtrrviz.core.policies import HARDWARE
from mtrrviz.gui.common.pacing import one_shot
from mtrrviz.sim.replay import machine_at

if TYPE_CHECKING:
    from collections.abc import Callable

    from mtrrviz.analysis.solve import Advice, Solution
    from mtrrviz.core.machine import Machine
    from mtrrviz.gui.shell.bridge import Bridge
    from mtrrviz.gui.shell.worker import Worker
    from mtrrviz.scenario.machine_spec import MachineSpec
    from mtrrviz.scenario.model import Scenario
    from mtrrviz.session.wanted.wanted_edits import Wanted

#: Pause after the last edit before the solver starts.
_SETTLE_MS = 120


class Solving(QObject):
    """Keeps the solution of the document's wanted map. ``changed`` tells of each new one.

    ``advice`` is None until the first, and while there is a ``problem`` with the map.
    """

    changed = Signal()

    def __init__(self, bridge: Bridge, worker: Worker, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._document = bridge.document
        self._worker = worker
        self._is_busy = False
        self._rests = True
        self._solved: _Asked | None = None
        self._known: tuple[Scenario, Machine] | None = None
        self.advice: Advice | None = None
        self.problem = ""
        self._timer = one_shot(self, _SETTLE_MS, self._start)

    @property
    def _task(self) -> _Asked:
        """What is to be solved, for the open machine."""
        document = self._document
        return _Asked(
            document.wanted, document.has_machines_wanted, document.scenario.machine, self._machine
        )

    @property
    def _machine(self) -> Machine | None:
        """A real machine with the registers that it ends with; a guest's do not matter."""
        scenario = self._document.scenario
        if not scenario.machine.is_host:
            return None
        if self._known is None or self._known[0] is not scenario:
            self._known = (scenario, machine_at(scenario, HARDWARE, scenario.duration_ns))
        return self._known[1]

    @property
    def solution(self) -> Solution | None:
        """The solution, whether or not it may be given."""
        return None if self.advice is None else self.advice.solution

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
        self._is_busy = True
        self._worker.run(
            lambda: _advice(task), lambda advice: self._finish(task, advice), self._fail(task)
        )

    def _finish(self, task: _Asked, advice: Advice) -> None:
        self._is_busy = False
        self._show(task, advice, "")
        self._start()

    def _fail(self, task: _Asked) -> Callable[[Exception], None]:
        """Return what shows why there is no answer to a task."""

        def tell(error: Exception) -> None:
            self._is_busy = False
            if not isinstance(error, MtrrvizError):
                raise error
            self._show(task, None, str(error))
            self._start()

        return tell

    def _show(self, task: _Asked, advice: Advice | None, problem: str) -> None:
        self._solved, self.advice, self.problem = task, advice, problem
        self.changed.emit()


class _Asked(NamedTuple):
    """What is to be solved: the wanted map, whether it is the machine's own, and the machine."""

    wanted: Wanted
    is_own: bool
    spec: MachineSpec
    machine: Machine | None


def _advice(task: _Asked) -> Advice:
    """Return the advice with its proof looked up, which is not the window's thread's work."""
    wanted = task.wanted.map(task.spec.maxphyaddr)
    advice = advise(task.spec, task.machine, wanted, task.wanted.limits, is_own=task.is_own)
    _ = advice.solution.differences
    return advice
