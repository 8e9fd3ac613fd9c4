"""A second document for the stage: it goes its own way in time, and follows what is edited."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from mtrrviz.session.changes import Change
from mtrrviz.session.document import Document
from mtrrviz.session.undo_history import UndoHistory

if TYPE_CHECKING:
    from mtrrviz.session.runs import Executor

#: What leads to another run, and that it has come.
_FOLLOWED = frozenset(
    {Change.SCENARIO, Change.OPENED, Change.POLICY, Change.COSTS, Change.RUN, Change.FIGURES}
)


class Twin(Document):
    """Shows what another document shows now. Nothing that is done to it changes the first one.

    It keeps its own time, page and vCPU. Edits, undo, policies, constants and the mode of the map
    follow the first document, as does another scenario that is opened there; what was edited in the
    twin goes then. It shows a change once the first document has its runs, which serve here too.
    """

    def __init__(self, first: Document, executor: Executor) -> None:
        super().__init__(
            replace(first.scenario, view=first.view),
            executor=executor,
            known_runs=first.finished_runs,
        )
        self.set_costs(first.costs)
        self._first = first
        self._share_scenario()
        self._is_other = False
        self._unsubscribe = first.subscribe(self._follow)

    def leave(self) -> None:
        """Follow no longer."""
        self._unsubscribe()

    def _follow(self, changes: frozenset[Change]) -> None:
        if Change.MAP_MODE in changes:
            self.set_map_mode(self._first.map_mode)
        self._is_other |= Change.OPENED in changes
        if changes & _FOLLOWED and self._has_runs():
            with self.batch():
                self._catch_up()

    def _has_runs(self) -> bool:
        """Whether all is simulated that the first document shows; if not, it tells when it is."""
        first = self._first
        return first.finished_runs.keys() >= {first.policy, first.compared_policy}

    def _catch_up(self) -> None:
        first, costs = self._first, self.costs
        if self._is_other:
            self._is_other = False
            scenario = replace(first.scenario, view=first.view)
            self.open(scenario, None, known_runs=first.finished_runs)
            self._share_scenario()
        else:
            self._runs.know(first.scenario, first.finished_runs)
            self._take_policies()
            self._take_scenario()
        if costs != first.costs:
            self.notify(Change.COSTS, Change.FIGURES)

    def _take_policies(self) -> None:
        first = self._first
        if self._look.policies != (first.policy, first.compared_policy):
            self._look = replace(self._look, policy=first.policy, compared=first.compared_policy)
            self.notify(Change.POLICY)

    def _take_scenario(self) -> None:
        scenario = self._first.scenario
        if self._scenario is scenario:
            self._runs.want(scenario, self._look.policies)
        else:
            self._history = UndoHistory()
            self._show(scenario, 0, self._playhead_ns)
            self.select_vcpu(self._vcpu)

    def _share_scenario(self) -> None:
        """Let the very scenario of the first document be the one that is shown, without its view.

        Runs are told apart by it.
        """
        self._runs.adopt(self._first.scenario, self._scenario)
        self._scenario = self._saved = self._first.scenario
