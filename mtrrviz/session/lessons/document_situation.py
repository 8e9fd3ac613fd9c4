"""From the open document to the situation that a task is judged in, and back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mtrrviz.core.record import Record
from mtrrviz.lessons.situation import SimulatedRuns, Situation
from mtrrviz.scenario.view import MapMode
from mtrrviz.session.selection import Selection

if TYPE_CHECKING:
    from mtrrviz.scenario.model import Scenario
    from mtrrviz.session.document import Document
    from mtrrviz.sim.run import Run


class Look(Record):
    """What of the window a task may ask for: the panel in front, the register that is open."""

    panel: str = ""
    register: int | None = None


class DocumentRuns:
    """The runs that a document has; others are simulated, all at the published costs."""

    def __init__(self, document: Document, others: SimulatedRuns) -> None:
        pairs = (
            (document.policy, document.run),
            (document.compared_policy, document.compared_run),
        )
        self._runs = {
            policy: run
            for policy, run in pairs
            if run is not None and run.scenario is document.scenario and run.costs.is_default
        }
        self._scenario = document.scenario
        self._others = others

    def run(self, scenario: Scenario, policy_id: str) -> Run:
        """Return the run; MtrrvizError if there is no such policy."""
        if scenario is self._scenario and policy_id in self._runs:
            return self._runs[policy_id]
        return self._others.run(scenario, policy_id)


def situation_in(document: Document, look: Look, others: SimulatedRuns) -> Situation:
    """Return the situation that a learner is in; ``others`` makes runs that the document lacks."""
    selection = document.selection
    gfns = None if selection is None else selection.gfns
    if gfns is None and document.gfn is not None:
        gfns = document.gfn, document.gfn + 1
    return Situation(
        document.scenario,
        policy_id=document.policy,
        compared_id=document.compared_policy,
        time_ns=document.playhead_ns,
        vcpu=document.vcpu,
        gfns=gfns,
        register=look.register,
        panel=look.panel,
        map_mode=document.map_mode.value,
        runs=DocumentRuns(document, others),
    )


def show_situation(document: Document, situation: Situation, look: Look) -> None:
    """Let a document show a situation; another scenario is opened as one that is in no file.

    Nothing can be saved over the file that it was read from.
    """
    with document.batch():
        document.playback.pause()
        if situation.scenario is not document.scenario:
            document.open(situation.scenario, None)
        document.set_policy(situation.policy_id)
        if situation.compared_id is not None:
            document.set_compared_policy(situation.compared_id)
        document.set_map_mode(MapMode(situation.map_mode))
        document.select_vcpu(situation.vcpu)
        document.set_playhead(situation.time_ns)
        _select(document, situation, look)


def _select(document: Document, situation: Situation, look: Look) -> None:
    """Select the pages and the register of a situation, where they are not."""
    before = situation_in(document, look, SimulatedRuns())
    msr = situation.register if situation.register != look.register else None
    if situation.gfns is not None and situation.gfns != before.gfns:
        document.select_page(situation.gfns[0])
    elif msr is None:
        return
    gfns = situation.gfns
    is_range = gfns is not None and gfns[1] > gfns[0] + 1
    vcpu = None if msr is None else situation.vcpu
    if msr is not None or is_range:
        document.point_at(Selection(vcpu, msr, gfns=gfns if is_range else None))
