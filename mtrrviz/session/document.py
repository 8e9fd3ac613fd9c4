"""The document: what is open, what is shown, and how it got there.

Scenario -> Run -> views: the document holds the scenario and its runs, and where the user looks.
Views read from it and send edits to it; none of them keeps state of its own.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from mtrrviz.core.policies import HARDWARE
from mtrrviz.scenario.view import View
from mtrrviz.session.changes import Change, Observable
from mtrrviz.session.known_differences import KnownDifferences
from mtrrviz.session.playback import Playback
from mtrrviz.session.registers.pending_write import PendingWrite
from mtrrviz.session.runs import Executor, Runs, at_once
from mtrrviz.session.stopping import Stopping
from mtrrviz.session.tape import Tape
from mtrrviz.session.undo_history import UndoHistory, UndoStep, WantedStep
from mtrrviz.session.view_state import ViewState
from mtrrviz.session.wanted.wanted_edits import Wanted
from mtrrviz.session.wanted.wanted_sources import machine_ranges
from mtrrviz.sim.replay import machine_at

if TYPE_CHECKING:
    from pathlib import Path

    from mtrrviz.analysis.comparing.compare import Comparison
    from mtrrviz.analysis.solve import WantedRange
    from mtrrviz.scenario.files.original import Original
    from mtrrviz.scenario.machine_spec import MachineSpec
    from mtrrviz.scenario.model import Scenario
    from mtrrviz.scenario.view import MapMode
    from mtrrviz.session.edits import Edit
    from mtrrviz.session.selection import Selection
    from mtrrviz.session.wanted.wanted_edits import WantedEdit
    from mtrrviz.sim.cost_model import CostModel
    from mtrrviz.sim.run import Run, State


class Document(Observable):
    """One open scenario. All changes go through its methods, and observers hear of each.

    ``executor`` decides where simulations run; the default runs them at once. ``path``,
    ``is_saved`` and ``original`` are as in :meth:`open`.
    """

    def __init__(
        self,
        scenario: Scenario,
        *,
        executor: Executor = at_once,
        path: Path | None = None,
        is_saved: bool = True,
        original: Original | None = None,
    ) -> None:
        super().__init__()
        self._usual = ViewState()
        self._playback = Playback(self)
        self._tape = Tape(self)
        self._stopping = Stopping(self, executor)
        self._typed_write = PendingWrite(self)
        self._differences = KnownDifferences(self, executor)
        self._runs = Runs(
            executor, partial(self.notify, Change.RUN), partial(self.notify, Change.FIGURES)
        )
        self._take(scenario, path, original, is_saved=is_saved)

    # What is open

    @property
    def scenario(self) -> Scenario:
        """The scenario with all edits."""
        return self._scenario

    @property
    def path(self) -> Path | None:
        """The file that Save writes to; None for a built-in or new scenario."""
        return self._path

    @property
    def is_modified(self) -> bool:
        """Whether there are edits that were not saved."""
        return self._scenario is not self._saved

    @property
    def original(self) -> Original | None:
        """What the scenario was read from or last saved as, which saving keeps the text of."""
        return self._original

    def open(
        self,
        scenario: Scenario,
        path: Path | None,
        *,
        is_saved: bool = True,
        original: Original | None = None,
    ) -> None:
        """Show another scenario as its view says; undo starts anew.

        Where it does not say, the playhead goes to the start, the map shows one policy, and
        policies stay as the user chose them. ``is_saved`` is False for one that is in no scenario
        file yet, such as an import. ``original`` is the file that it was read from, also of a
        built-in one.
        """
        with self.batch():
            self._runs.forget()
            self._take(scenario, path, original, is_saved=is_saved)
            others = {Change.COSTS, Change.FIGURES, Change.DIFFERENCES, Change.PLAYBACK}
            self.notify(*(set(Change) - others))

    def _take(
        self, scenario: Scenario, path: Path | None, original: Original | None, *, is_saved: bool
    ) -> None:
        view = scenario.view
        self._scenario = scenario
        self._saved = scenario if is_saved else None
        self._path = path
        self._original = original
        self._history = UndoHistory()
        self._look = self._usual.for_view(view)
        self._playhead_ns = view.time_ns or 0
        self._gfn = view.gfn
        self._selection: Selection | None = None
        self._vcpu = view.vcpu or 0
        self._typed_write.forget()
        self._markers: dict[str, int] = {}
        self._wanted: Wanted | None = None
        self._machine_wanted: tuple[MachineSpec, Wanted] | None = None
        self._runs.want(scenario, self._look.policies)

    def mark_saved(self, scenario: Scenario, path: Path, original: Original | None = None) -> None:
        """Note that what is open is now in ``path``, as ``scenario`` (equal, but saved there).

        ``original`` is what was written.
        """
        self._runs.adopt(scenario, self._scenario)
        self._history.rename(self._scenario, scenario)
        self._scenario = self._saved = scenario
        self._path = path
        self._original = original
        self.notify(Change.FILE)

    def reload(self, original: Original) -> None:
        """Show what the document's file holds now, which undo can take back.

        The user goes on looking at the same time and page, with the same policies.
        """
        scenario = original.scenario
        self._history.push(UndoStep("Reload the file", self._scenario, scenario, 0))
        self._saved, self._original = scenario, original
        with self.batch():
            self._show(scenario, 0, self._playhead_ns)
            self.select_vcpu(self._vcpu)

    def mark_unsaved(self) -> None:
        """Note that the file no longer holds what is open, even without an edit."""
        self._saved = None
        self.notify(Change.FILE)

    # Runs

    @property
    def run(self) -> Run | None:
        """The newest finished run of the policy in use; None until the first is finished."""
        return self._runs.newest(self._look.policy)

    @property
    def compared_run(self) -> Run | None:
        """The newest finished run of the policy compared with."""
        return self._runs.newest(self._look.compared)

    @property
    def is_simulating(self) -> bool:
        """Whether a run of the present scenario is still being made."""
        return not self._runs.is_current(self._scenario, self._look.policy)

    @property
    def state(self) -> State | None:
        """The state at the playhead, of the policy in use."""
        run = self.run
        return run and self._runs.state(run, self._playhead_ns)

    @property
    def compared_state(self) -> State | None:
        """The state at the playhead, of the policy compared with."""
        run = self.compared_run
        return run and self._runs.state(run, self._playhead_ns)

    @property
    def comparison(self) -> Comparison | None:
        """Both runs beside each other; None until both are of one and the same scenario."""
        return self._runs.comparison(*self._look.policies)

    @property
    def differences(self) -> KnownDifferences:
        """What knows how much both runs differ at every time, or has it worked out."""
        return self._differences

    @property
    def policy(self) -> str:
        """Id of the policy in use."""
        return self._look.policy

    @property
    def compared_policy(self) -> str:
        """Id of the policy whose results stand beside."""
        return self._look.compared

    def set_policy(self, policy: str) -> None:
        """Use another policy for the whole run; the one before becomes the compared one."""
        if policy != self._look.policy:
            self._set_policies(self._look.using(policy))

    def set_compared_policy(self, policy: str) -> None:
        """Compare with another policy."""
        if policy != self._look.compared:
            self._set_policies(replace(self._look, compared=policy))

    def _set_policies(self, look: ViewState) -> None:
        with self.batch():
            self._look = look
            self._usual = replace(self._usual, policy=look.policy, compared=look.compared)
            self._runs.want(self._scenario, look.policies)
            self.notify(Change.POLICY, Change.RUN)

    @property
    def costs(self) -> CostModel:
        """The constants behind all modelled figures; those of the published model at first."""
        return self._runs.costs

    def set_costs(self, costs: CostModel) -> None:
        """Use other constants: runs keep what was replayed, their modelled figures follow.

        They stay when another scenario is opened, but are saved nowhere: a scenario says what
        happened and nothing of the model, and figures shown later must not rest on a game that
        was played some other day.
        """
        if costs == self._runs.costs:
            return
        with self.batch():
            self._runs.use_costs(costs, self._look.policies)
            self.notify(Change.COSTS)

    @property
    def map_mode(self) -> MapMode:
        """What the map shows: one policy, two side by side, or their differences."""
        return self._look.map_mode

    def set_map_mode(self, mode: MapMode) -> None:
        """Let the map show one policy, two side by side, or their differences.

        It stays so for the open scenario only.
        """
        if mode is not self._look.map_mode:
            self._look = replace(self._look, map_mode=mode)
            self.notify(Change.MAP_MODE)

    @property
    def view(self) -> View:
        """What is shown now, as a scenario can wish to be shown when it is opened."""
        look = self._look
        return View(
            look.policy, look.compared, self._playhead_ns, self._gfn, self._vcpu, look.map_mode
        )

    # Where the user looks

    @property
    def playhead_ns(self) -> int:
        """The time shown, nanoseconds of scenario time."""
        return self._playhead_ns

    @property
    def duration_ns(self) -> int:
        """Length of the scenario."""
        return self._scenario.duration_ns

    def set_playhead(self, time_ns: int) -> None:
        """Show another time; kept within the scenario."""
        time_ns = min(max(0, int(time_ns)), self.duration_ns)
        if time_ns != self._playhead_ns:
            self._playhead_ns = time_ns
            self.notify(Change.PLAYHEAD)

    @property
    def gfn(self) -> int | None:
        """The selected guest frame, or None."""
        return self._gfn

    def select_page(self, gfn: int | None) -> None:
        """Select a guest frame, or nothing; what was pointed at for another page is dropped."""
        if gfn != self._gfn:
            with self.batch():
                self._gfn = gfn
                self.notify(Change.SELECTION)
                self.point_at(None)

    @property
    def selection(self) -> Selection | None:
        """What the user asked to see of registers, map and events, or None."""
        return self._selection

    def point_at(self, selection: Selection | None) -> None:
        """Mark a register field, range and event in the views, or no longer."""
        if selection is not None or self._selection is not None:
            self._selection = selection
            self.notify(Change.SELECTED_ITEM)

    @property
    def vcpu(self) -> int:
        """The vCPU whose registers are shown and whose next fault the map's tint shows."""
        return self._vcpu

    def select_vcpu(self, vcpu: int) -> None:
        """Select a vCPU of the machine."""
        vcpu = min(max(0, vcpu), self._scenario.machine.vcpus - 1)
        if vcpu != self._vcpu:
            self._vcpu = vcpu
            self.notify(Change.VCPU)

    def marker(self, name: str) -> int | None:
        """Return the time of marker ``"A"`` or ``"B"``, or None where it is not set."""
        return self._markers.get(name)

    def set_marker(self, name: str, time_ns: int | None) -> None:
        """Set marker ``"A"`` or ``"B"``, or take it away with None."""
        if time_ns is None:
            self._markers.pop(name, None)
        else:
            self._markers[name] = min(max(0, int(time_ns)), self.duration_ns)
        self.notify(Change.MARKERS)

    @property
    def playback(self) -> Playback:
        """What moves the playhead while the scenario plays."""
        return self._playback

    @property
    def tape(self) -> Tape:
        """What records, or does not, what the user does to the machine."""
        return self._tape

    @property
    def stopping(self) -> Stopping:
        """What knows when the run in use fulfils the conditions of the scenario."""
        return self._stopping

    @property
    def pending(self) -> PendingWrite:
        """The write that the register editor would make."""
        return self._typed_write

    # Edits

    def apply(self, edit: Edit) -> None:
        """Make an edit: the scenario changes, undo can take it back, the playhead shows it.

        While the tape is on and time stands still, the clock makes its step after it.
        """
        edit = self._tape.taken(edit, playing=self._playback.playing)
        self._history.push(UndoStep(edit.label, self._scenario, edit.scenario, edit.since_ns))
        playhead_ns = self._playhead_ns if edit.until_ns is None else edit.until_ns
        self._show(edit.scenario, edit.since_ns, playhead_ns)

    def make_room(self, time_ns: int) -> None:
        """Let the scenario last beyond ``time_ns`` if it plays and is recorded: a step to undo."""
        if self._tape.is_on and time_ns >= self.duration_ns:
            before, since_ns = self._scenario, self.duration_ns
            longer = before.lasting(self._tape.room_ns(time_ns, self._playback.speed))
            self._history.extend(UndoStep("Lengthen the recording", before, longer, since_ns))
            self._show(longer, since_ns, self._playhead_ns)

    def grow(self, scenario: Scenario, since_ns: int) -> None:
        """Show the scenario as it has grown, which is no edit: there is nothing to undo.

        Nothing before ``since_ns`` is different. A playhead at the end stays at the end.
        """
        is_at_end = self._playhead_ns >= self.duration_ns
        self._show(scenario, since_ns, scenario.duration_ns if is_at_end else self._playhead_ns)

    @property
    def wanted(self) -> Wanted:
        """The memory map that is wanted: as edited, at first what the machine's layout asks for."""
        return self._machines_wanted if self._wanted is None else self._wanted

    @property
    def has_machines_wanted(self) -> bool:
        """Whether the ranges that are wanted are what the machine's layout asks for."""
        return self.wanted.ranges == self._machines_wanted.ranges

    @property
    def _machines_wanted(self) -> Wanted:
        """What the machine's layout asks for, as it was when it was first asked."""
        machine = self._scenario.machine
        if self._machine_wanted is None or self._machine_wanted[0] is not machine:
            self._machine_wanted = (machine, Wanted(self._machine_ranges()))
        return self._machine_wanted[1]

    def _machine_ranges(self) -> tuple[WantedRange, ...]:
        """Return what the layout asks for; of a real machine it keeps what registers say."""
        scenario = self._scenario
        if not scenario.machine.is_host:
            return machine_ranges(scenario.machine)
        now = machine_at(scenario, HARDWARE, scenario.duration_ns)
        return machine_ranges(scenario.machine, now)

    def want(self, edit: WantedEdit) -> None:
        """Make an edit of the wanted map, which undo can take back; the scenario stays."""
        if edit.wanted != self.wanted:
            self._history.push(WantedStep(edit.label, self._wanted, edit.wanted))
            self._show_wanted(edit.wanted)

    def _show_wanted(self, wanted: Wanted | None) -> None:
        self._wanted = wanted
        self.notify(Change.WANTED)

    @property
    def undo_label(self) -> str | None:
        """What undo would take back, or None."""
        return self._history.undo_label

    @property
    def redo_label(self) -> str | None:
        """What redo would make again, or None."""
        return self._history.redo_label

    def undo(self) -> None:
        """Take the last edit back."""
        step = self._history.undo()
        if isinstance(step, WantedStep):
            self._show_wanted(step.before)
        elif step is not None:
            self._show(step.before, step.since_ns, self._playhead_ns)

    def redo(self) -> None:
        """Make the edit that was taken back again."""
        step = self._history.redo()
        if isinstance(step, WantedStep):
            self._show_wanted(step.after)
        elif step is not None:
            self._show(step.after, step.since_ns, self._playhead_ns)

    def _show(self, scenario: Scenario, since_ns: int, playhead_ns: int) -> None:
        with self.batch():
            before, self._scenario = self._scenario, scenario
            self._runs.want(scenario, self._look.policies, before, since_ns)
            self.notify(Change.SCENARIO, Change.FILE)
            self.set_playhead(playhead_ns)
