"""The list of conditions at which playing stops."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mtrrviz.analysis.stops import stop_words
from mtrrviz.gui.stops.edited_list import EditedList, RowActs
from mtrrviz.gui.stops.stop_dialog import StopDialog
from mtrrviz.gui.stops.stop_model import WORDS, StopModel
from mtrrviz.scenario.stop_condition import StopCondition, StopKind
from mtrrviz.session import edits
from mtrrviz.session.changes import Change
from mtrrviz.session.playing.going_to import go_to_moment
from mtrrviz.session.playing.moment_words import moment_words

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from mtrrviz.gui.shell.bridge import Bridge


class StopList(EditedList):
    """Every condition: a box that switches it, and how often this run fulfils it."""

    title = "Conditions"
    noun = "stop"
    go_words = "Go to next"
    empty_words = (
        "No stop conditions. Press Insert to add one, or right-click a register, "
        "a range, a zap or an event"
    )
    follows = frozenset(
        {Change.SCENARIO, Change.OPENED, Change.RUN, Change.POLICY, Change.STOPS, Change.FIGURES}
        | {Change.PLAYBACK}
    )

    def __init__(self, bridge: Bridge, parent: QWidget | None = None) -> None:
        self.model = StopModel()
        acts = RowActs(self._add, self._change, self._remove, self._go)
        super().__init__(bridge, self.model, acts, WORDS, parent)
        self.model.switched.connect(self._switch)

    def show_document(self, changes: frozenset[Change]) -> None:
        """Show the conditions and their counts, and which of them playing was stopped by."""
        del changes
        stopping, stop = self.bridge.document.stopping, self.bridge.document.playback.stopped_by
        self.model.show_stops(stopping.conditions, stopping.counts)
        self.model.show_stopped(() if stop is None else stop.conditions)

    def _add(self) -> None:
        """Ask for a condition."""
        document = self.bridge.document
        gfns = None if document.gfn is None else (document.gfn, document.gfn + 1)
        StopDialog(self.bridge, StopCondition(StopKind.ZAP, gfns=gfns), None, self).open()

    def _change(self, row: int) -> None:
        """Ask for another condition in the place of one."""
        stop = self.bridge.document.scenario.stops[row]
        StopDialog(self.bridge, stop, row, self).open()

    def _remove(self, rows: list[int]) -> None:
        """Remove conditions as one step."""
        scenario = self.bridge.document.scenario
        self.bridge.edit(lambda: edits.remove_stops(scenario, rows))

    def _go(self, row: int) -> None:
        """Go to when the condition is next fulfilled, from the first time on after the last."""
        document = self.bridge.document
        stop, times = document.scenario.stops[row], document.stopping.times_ns
        if times is None:
            self.bridge.message.emit("Stops are still being computed")
        elif not len(times[row]):
            self.bridge.message.emit(f"Never in this run: {stop_words(stop)}")
        else:
            later = times[row][times[row] > document.playhead_ns]
            time_ns = int((later if len(later) else times[row])[0])
            go_to_moment(document, time_ns)
            self.bridge.message.emit(moment_words(document.run, time_ns))

    def _switch(self, row: int, is_on: bool) -> None:
        scenario = self.bridge.document.scenario
        self.bridge.edit(lambda: edits.switch_stop(scenario, row, is_on=is_on))
