"""The document: what is open, what is shown, and how it got there.

Scenario -> Run -> views: the document holds the scenario and its runs, and where the user looks.
Views read from it and send edits to it; none of them keeps state of its own.
"""

from __future__ import annotations

import gc
from functools import partial
from typing import TYPE_CHECKING

from msgspec.structs import replace

from mtrrviz.scenario.view import View
from mtrrviz.session.changes import Change
from mtrrviz.session.event_choice import still_chosen
from mtrrviz.session.known_differences import KnownDifferences
from mtrrviz.session.playing.playback import Playback
from mtrrviz.session.playing.stopping import Stopping
from mtrrviz.session.playing.tape import Tape
from mtrrviz.session.registers.pending_write import PendingWrite
from mtrrviz.session.runs import Executor, Runs, at_once
from mtrrviz.session.undo_history import UndoHistory, UndoStep, WantedStep
from mtrrviz.session.view_state import ViewState
from mtrrviz.session.viewed_scenario import ViewedScenario
from mtrrviz.session.wanted.machines_wanted import MachinesWanted

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from mtrrviz.analysis.comparing.compare import Comparison
    from mtrrviz.scenario.files.original import Original
    from mtrrviz.scenario.model import Scenario
    from mtrrviz.scenario.view import MapMode
    from mtrrviz.session.edits import Edit
    from mtrrviz.session.undo_history import AnyStep
    from mtrrviz.session.wanted.wanted_edits import Wanted, WantedEdit
    from mtrrviz.sim.cost_model import CostModel
    from mtrrviz.sim.run import Run, State


class Document(ViewedScenario):
    """One open scenario. All changes go through its methods, and observers hear of each.

    ``executor`` decides where simulations run; the default runs them at once. ``path``,
    ``is_saved`` and ``original`` are as in :meth:`open`. ``known_runs`` are finished runs of an
    equal scenario, by policy, all at the same constants, which are used from then on.
    """

    def __init__(
        self,
        scenario: Scenario,
        *,
        executor: Executor = at_once,
        path: Path | None = None,
        is_saved: bool = True,
        original: Original | None = None,
        known_runs: Mapping[str, Run] | None = None,
    ) -> None:
        super().__init__()
        self._executor = executor
        self._usual = ViewState()
        self._playback = Playback(self)
        self._tape = Tape(self)
        self._stopping = Stopping(self, executor)
        self._typed_write = PendingWrite(self)
        self._differences = KnownDifferences(self, executor)
        self._runs = Runs(
            executor, partial(self.notify, Change.RUN), partial(self.notify, Change.FIGURES)
        )
        self._runs.know(scenario, known_runs or {})
        self._take(scenario, path, original, is_saved=is_saved)

    @property
    def executor(self) -> Executor:
        """What does work beside the window, also for views: simulations and what takes as long."""
        return self._executor

    # What is open

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
        known_runs: Mapping[str, Run] | None = None,
    ) -> None:
        """Show another scenario as its view says; undo starts anew.

        Where it does not say, the playhead goes to the start, the map shows one policy, and
        policies stay as the user chose them. ``is_saved`` is False for one that is in no scenario
        file yet, such as an import. ``original`` is the file that it was read from, also of a
        built-in one. ``known_runs`` are as for a new document.
        """
        gc.unfreeze()  # what bulk work left out may be garbage from now on
        with self.batch():
            self._runs.forget()
            self._stopping.forget()
            self._runs.know(scenario, known_runs or {})
            self._take(scenario, path, original, is_saved=is_saved)
            others = {Change.COSTS, Change.FIGURES, Change.DIFFERENCES, Change.PLAYBACK}
            self.notify(*(set(Change) - others))

    def _take(
        self, scenario: Scenario, path: Path | None, original: Original | None, *, is_saved: bool
    ) -> None:
        self._turn_to(scenario)
        self._saved = scenario if is_saved else None
        self._path = path
        self._original = original
        self._history = UndoHistory()
        self._look = self._usual.for_view(scenario.view)
        self._typed_write.forget()
        self._wanted: Wanted | None = None
        self._machines_wanted = MachinesWanted()
        self._runs.want(scenario, self._look.policies)

    def mark_saved(
        self,
        scenario: Scenario,
        path: Path,
        original: Original | None = None,
        *,
        written: Scenario | None = None,
    ) -> None:
        """Note that ``written`` is now in ``path``, as ``scenario`` (equal, but saved there).

        ``written`` is the open scenario, also where it is not given, or one that undo can bring
        back: edits made while it was written are not saved. Of another document nothing is noted.
        ``original`` is what was written.
        """
        written = self._scenario if written is None else written
        if written is not self._scenario and not self._history.holds(written):
            return
        self._runs.adopt(scenario, written)
        self._history.rename(written, scenario)
        if written is self._scenario:
            self._scenario = scenario
        self._saved = scenario
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
        self._show(scenario, 0, self._playhead_ns)

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
    def finished_runs(self) -> dict[str, Run]:
        """The finished runs of the scenario as it is now, at the constants in force, by policy."""
        return self._runs.of(self._scenario)

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
        """The history of how much both runs differ, which is worked out when asked for."""
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
            self._runs.want(self._scenario, look.policies, shown_ns=self._playhead_ns)
            self.notify(Change.POLICY, Change.RUN)

    @property
    def costs(self) -> CostModel:
        """The constants behind all modelled figures; those of the published model at first."""
        return self._runs.costs

    def set_costs(self, costs: CostModel) -> None:
        """Use other constants: runs keep what was replayed, their modelled figures follow.

        They stay when another scenario is opened, but are saved nowhere: a scenario says what
        happened, not how it is modelled, and figures must not depend on constants that were tried
        out in an earlier session.
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
        """What is shown now, in the form in which a scenario says how it opens."""
        look = self._look
        return View(
            look.policy, look.compared, self._playhead_ns, self._gfn, self._vcpu, look.map_mode
        )

    # What acts on it

    @property
    def playback(self) -> Playback:
        """What moves the playhead while the scenario plays."""
        return self._playback

    @property
    def tape(self) -> Tape:
        """Records what the user does to the machine while it is on."""
        return self._tape

    @property
    def stopping(self) -> Stopping:
        """When the run in use fulfils the stop conditions of the scenario."""
        return self._stopping

    @property
    def pending(self) -> PendingWrite:
        """The write that the register editor would make."""
        return self._typed_write

    # Edits

    def apply(self, edit: Edit) -> None:
        """Make an edit: the scenario changes, undo can take it back, the playhead shows it.

        While the tape is on and nothing plays, the playhead advances by the tape's step afterwards.
        """
        edit = self._tape.taken(edit, playing=self._playback.playing)
        self._history.push(UndoStep(edit.label, self._scenario, edit.scenario, edit.since_ns))
        playhead_ns = self._playhead_ns if edit.until_ns is None else edit.until_ns
        self._show(edit.scenario, edit.since_ns, playhead_ns)

    def take_up(self, steps: Sequence[AnyStep], scenario: Scenario, wanted: Wanted | None) -> None:
        """Show what steps came to that an earlier window made; undo takes each of them back."""
        with self.batch():
            self._history = UndoHistory(steps)
            self._show(scenario, 0, self._playhead_ns)
            self._show_wanted(wanted)

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
        return self._machines_wanted.of(self._scenario) if self._wanted is None else self._wanted

    @property
    def edited_wanted(self) -> Wanted | None:
        """The wanted map if the user edited it, else None."""
        return self._wanted

    @property
    def has_machines_wanted(self) -> bool:
        """Whether the ranges that are wanted are what the machine's layout asks for."""
        return self.wanted.ranges == self._machines_wanted.of(self._scenario).ranges

    def want(self, edit: WantedEdit) -> None:
        """Make an edit of the wanted map, which undo can take back; the scenario stays."""
        if edit.wanted != self.wanted:
            self._history.push(WantedStep(edit.label, self._wanted, edit.wanted))
            self._show_wanted(edit.wanted)

    def _show_wanted(self, wanted: Wanted | None) -> None:
        self._wanted = wanted
        self.notify(Change.WANTED)

    @property
    def edit_count(self) -> int:
        """How many edits of the scenario undo can take back."""
        return self._history.edit_count

    @property
    def undo_steps(self) -> tuple[AnyStep, ...]:
        """What undo can take back, oldest first."""
        return self._history.steps

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
            self._runs.want(scenario, self._look.policies, before, since_ns, playhead_ns)
            self.choose_events(still_chosen(before.events, scenario.events, self._chosen))
            self.notify(Change.SCENARIO, Change.FILE)
            self.set_playhead(playhead_ns)
            self.select_vcpu(self._vcpu)  # which this machine may not have
