"""A scenario and where in it the user looks: time, page, vCPU, markers, and what is chosen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mtrrviz.session.changes import Change, Observable

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mtrrviz.scenario.model import Scenario
    from mtrrviz.session.selection import Selection


class ViewedScenario(Observable):
    """What the user looks at; observers hear of each change. Subclasses give the scenario."""

    def _turn_to(self, scenario: Scenario) -> None:
        """Look at another scenario, as its view says; tell nobody."""
        view = scenario.view
        self._scenario = scenario
        self._playhead_ns = view.time_ns or 0
        self._gfn = view.gfn
        self._selection: Selection | None = None
        self._chosen: frozenset[int] = frozenset()
        self._vcpu = view.vcpu or 0
        self._markers: dict[str, int] = {}

    @property
    def scenario(self) -> Scenario:
        """The scenario with all edits."""
        return self._scenario

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
    def chosen_events(self) -> frozenset[int]:
        """The indices of the events that are chosen, which the next edit may concern together."""
        return self._chosen

    def choose_events(self, indices: Iterable[int]) -> None:
        """Choose events of the scenario; others are chosen no longer."""
        count = len(self._scenario.events)
        chosen = frozenset(index for index in indices if 0 <= index < count)
        if chosen != self._chosen:
            self._chosen = chosen
            self.notify(Change.CHOSEN)

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
