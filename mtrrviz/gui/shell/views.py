"""Every view of a window. A new panel is a line in the list of panels, and a function to make it.

Its dock, its line in the menu and its pictures follow.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from mtrrviz.gui.common.layout.panel import Panel
from mtrrviz.gui.inspector import Inspector
from mtrrviz.gui.machine.settings_bar import SettingsBar
from mtrrviz.gui.map.map_panel import MapPanel
from mtrrviz.gui.registers import RegisterPanel
from mtrrviz.gui.results.results_strip import ResultsStrip
from mtrrviz.gui.story.story_strip import StoryStrip
from mtrrviz.gui.timeline import TimelineView
from mtrrviz.gui.transport.transport_bar import Transport

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from PySide6.QtWidgets import QWidget

    from mtrrviz.gui.common.layout.panel import AnyPanel, View
    from mtrrviz.gui.history.history_panel import HistoryPanel
    from mtrrviz.gui.lessons.lesson_panel import LessonPanel
    from mtrrviz.gui.model import ModelPanel
    from mtrrviz.gui.policy.policy_panel import PolicyPanel
    from mtrrviz.gui.problems.problems_panel import ProblemsPanel
    from mtrrviz.gui.published.published_panel import PublishedPanel
    from mtrrviz.gui.published.published_rows import PublishedRows
    from mtrrviz.gui.shell.bridge import Bridge
    from mtrrviz.gui.shell.worker import Worker
    from mtrrviz.gui.solve import SolvePanel
    from mtrrviz.gui.stops.stops_panel import StopsPanel
    from mtrrviz.gui.sweep import SweepPanel
    from mtrrviz.gui.tables.event_table_view import EventTableView
    from mtrrviz.gui.tables.fault_table_view import FaultTableView
    from mtrrviz.gui.tables.zap_table_view import ZapTableView
    from mtrrviz.gui.touches.touch_table_view import TouchTableView
    from mtrrviz.gui.trace_check.trace_check_panel import TraceCheckPanel


def _guest_only(name: str, title: str, make: Callable[[], View]) -> Panel[View]:
    """Return a panel that has nothing to say of a real machine."""
    return Panel(name, title, make, is_guest_only=True)


class Views:
    """The map in the middle, the bars above it, and ``panels`` in the order of their tabs.

    Only views that others refer to have a name of their own. A panel's view is made once it is
    seen or asked for; the rest is there after :meth:`make`.
    """

    def __init__(self, bridge: Bridge, worker: Worker) -> None:
        self._bridge = bridge
        rows = cache(lambda: _published_rows(bridge, worker))
        self._registers = Panel("registers", "Registers", lambda: RegisterPanel(bridge))
        self._inspector = Panel("inspector", "Inspector", lambda: Inspector(bridge))
        self._timeline = _guest_only("timeline", "Timeline", lambda: TimelineView(bridge))
        self._events = Panel("events", "Events", lambda: _events(bridge))
        self._problems = Panel("problems", "Problems", lambda: _problems(bridge, worker))
        self._trace_check = _guest_only("trace_check", "Trace check", lambda: _trace_check(bridge))
        self._solve = Panel("solve", "Solve", lambda: _solve(bridge, worker))
        self._sweep = _guest_only("sweep", "Sweep", lambda: _sweep(bridge))
        self._policies = _guest_only("policy", "Policy", lambda: _policies(bridge))
        self._lessons = Panel("lessons", "Lesson", lambda: _lessons(bridge))
        self.panels: tuple[AnyPanel, ...] = (
            self._registers,
            self._inspector,
            self._timeline,
            self._events,
            _guest_only("touches", "Touches", lambda: _touches(bridge)),
            _guest_only("zaps", "Zaps", lambda: _zaps(bridge)),
            _guest_only("faults", "Faults", lambda: _faults(bridge)),
            _guest_only("stops", "Stops", lambda: _stops(bridge)),
            _guest_only("history", "History", lambda: _history(bridge)),
            self._problems,
            self._trace_check,
            self._solve,
            _guest_only("published", "Published", lambda: _published(bridge, rows())),
            _guest_only("model", "Model", lambda: _model(bridge, rows())),
            self._sweep,
            self._policies,
            self._lessons,
        )

    def make(self) -> Iterator[None]:
        """Make what is in sight, a few at a step."""
        bridge = self._bridge
        self.map = MapPanel(bridge)
        yield
        for panel in (self._registers, self._inspector, self._timeline):
            panel.make()
            yield
        self.transport = Transport(bridge)
        yield
        self.settings_bar = SettingsBar(bridge)
        yield
        self.results = ResultsStrip(bridge)
        self.story = StoryStrip(bridge)
        yield

    @property
    def registers(self) -> RegisterPanel:
        """The panel of registers."""
        return self._registers.view

    @property
    def inspector(self) -> Inspector:
        """The panel on what is selected."""
        return self._inspector.view

    @property
    def timeline(self) -> TimelineView:
        """The timeline."""
        return self._timeline.view

    @property
    def events(self) -> EventTableView:
        """The table of events."""
        return self._events.view

    @property
    def problems(self) -> ProblemsPanel:
        """The panel of what is wrong or odd."""
        return self._problems.view

    @property
    def trace_check(self) -> TraceCheckPanel:
        """The panel on where model and trace differ."""
        return self._trace_check.view

    @property
    def solve(self) -> SolvePanel:
        """The panel that finds registers for a wanted map."""
        return self._solve.view

    @property
    def sweep(self) -> SweepPanel:
        """The panel of runs over numbers of vCPUs."""
        return self._sweep.view

    @property
    def policies(self) -> PolicyPanel:
        """The panel on the two policies."""
        return self._policies.view

    @property
    def lessons(self) -> LessonPanel:
        """The panel of lessons."""
        return self._lessons.view

    def panel(self, name: str) -> AnyPanel:
        """Return a panel by name; KeyError if there is none."""
        return {panel.name: panel for panel in self.panels}[name]

    @property
    def guest_only(self) -> frozenset[str]:
        """The names of those that have nothing to say of a real machine."""
        panels = {panel.name for panel in self.panels if panel.is_guest_only}
        return frozenset(panels | {"tables", "differences"})

    @property
    def pictured(self) -> dict[str, QWidget]:
        """The views that there can be pictures of, or where panels put theirs, by name."""
        middle: dict[str, QWidget] = {
            "map": self.map.map,
            "tables": self.map.tables,
            "ranges": self.map.ranges,
            "differences": self.map.differences,
            "results": self.results,
        }
        return {**middle, **{panel.name: panel.body for panel in self.panels}}

    @property
    def explained(self) -> dict[str, QWidget]:
        """The views and bars that the manual has a page of, by its name; inner ones first."""
        bars: dict[str, QWidget] = {
            "playback": self.transport,
            "machine": self.settings_bar,
            "story": self.story,
        }
        inner = {name: view for name, view in self.pictured.items() if name != "map"}
        return {**bars, **inner, "map": self.map}


# What makes the panels that others cover at first: each loads its module, not before it is seen.


def _events(bridge: Bridge) -> EventTableView:
    from mtrrviz.gui.tables.event_table_view import EventTableView  # noqa: PLC0415

    return EventTableView(bridge)


def _touches(bridge: Bridge) -> TouchTableView:
    from mtrrviz.gui.touches.touch_table_view import TouchTableView  # noqa: PLC0415

    return TouchTableView(bridge)


def _zaps(bridge: Bridge) -> ZapTableView:
    from mtrrviz.gui.tables.zap_table_view import ZapTableView  # noqa: PLC0415

    return ZapTableView(bridge)


def _faults(bridge: Bridge) -> FaultTableView:
    from mtrrviz.gui.tables.fault_table_view import FaultTableView  # noqa: PLC0415

    return FaultTableView(bridge)


def _stops(bridge: Bridge) -> StopsPanel:
    from mtrrviz.gui.stops.stops_panel import StopsPanel  # noqa: PLC0415

    return StopsPanel(bridge)


def _history(bridge: Bridge) -> HistoryPanel:
    from mtrrviz.gui.history.history_panel import HistoryPanel  # noqa: PLC0415

    return HistoryPanel(bridge)


def _problems(bridge: Bridge, worker: Worker) -> ProblemsPanel:
    from mtrrviz.gui.problems.problems_panel import ProblemsPanel  # noqa: PLC0415

    return ProblemsPanel(bridge, worker)


def _trace_check(bridge: Bridge) -> TraceCheckPanel:
    from mtrrviz.gui.trace_check.trace_check_panel import TraceCheckPanel  # noqa: PLC0415

    return TraceCheckPanel(bridge)


def _solve(bridge: Bridge, worker: Worker) -> SolvePanel:
    from mtrrviz.gui.solve import SolvePanel  # noqa: PLC0415

    return SolvePanel(bridge, worker)


def _published_rows(bridge: Bridge, worker: Worker) -> PublishedRows:
    from mtrrviz.gui.published.published_rows import PublishedRows  # noqa: PLC0415

    return PublishedRows(bridge, worker)


def _published(bridge: Bridge, rows: PublishedRows) -> PublishedPanel:
    from mtrrviz.gui.published.published_panel import PublishedPanel  # noqa: PLC0415

    return PublishedPanel(bridge, rows)


def _model(bridge: Bridge, rows: PublishedRows) -> ModelPanel:
    from mtrrviz.gui.model.model_panel import ModelPanel  # noqa: PLC0415

    return ModelPanel(bridge, rows)


def _sweep(bridge: Bridge) -> SweepPanel:
    from mtrrviz.gui.sweep.sweep_panel import SweepPanel  # noqa: PLC0415

    return SweepPanel(bridge)


def _policies(bridge: Bridge) -> PolicyPanel:
    from mtrrviz.gui.policy.policy_panel import PolicyPanel  # noqa: PLC0415

    return PolicyPanel(bridge)


def _lessons(bridge: Bridge) -> LessonPanel:
    from mtrrviz.gui.lessons.lesson_panel import LessonPanel  # noqa: PLC0415

    return LessonPanel(bridge)
