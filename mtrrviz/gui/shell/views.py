"""Every view of a window. A new panel is one line here: docks, menu and pictures follow."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from mtrrviz.gui.history.history_panel import HistoryPanel
from mtrrviz.gui.inspector import Inspector
from mtrrviz.gui.lessons.lesson_panel import LessonPanel
from mtrrviz.gui.machine.settings_bar import SettingsBar
from mtrrviz.gui.map.map_panel import MapPanel
from mtrrviz.gui.model import ModelPanel
from mtrrviz.gui.policy.policy_panel import PolicyPanel
from mtrrviz.gui.problems.problems_panel import ProblemsPanel
from mtrrviz.gui.published.published_panel import PublishedPanel
from mtrrviz.gui.published.published_rows import PublishedRows
from mtrrviz.gui.registers import RegisterPanel
from mtrrviz.gui.results.results_strip import ResultsStrip
from mtrrviz.gui.solve import SolvePanel
from mtrrviz.gui.stops import StopsPanel
from mtrrviz.gui.story.story_strip import StoryStrip
from mtrrviz.gui.sweep import SweepPanel
from mtrrviz.gui.tables import EventTableView, FaultTableView, ZapTableView
from mtrrviz.gui.timeline import TimelineView
from mtrrviz.gui.touches import TouchTableView
from mtrrviz.gui.trace_check import TraceCheckPanel
from mtrrviz.gui.transport.transport_bar import Transport

if TYPE_CHECKING:
    from collections.abc import Iterator

    from PySide6.QtWidgets import QWidget

    from mtrrviz.gui.shell.bridge import Bridge
    from mtrrviz.gui.shell.worker import Worker


@dataclass(frozen=True)
class Panel:
    """A view in a dock; with ``is_guest_only`` it has nothing to say of a real machine."""

    name: str
    title: str
    view: QWidget
    is_guest_only: bool = False


class Views:
    """The map in the middle, the bars above it, and ``panels`` in the order of their tabs.

    Only views that others refer to have a name of their own. All are there after :meth:`make`.
    """

    def __init__(self, bridge: Bridge, worker: Worker) -> None:
        self._bridge = bridge
        self._worker = worker

    def make(self) -> Iterator[None]:
        """Make all views, a few at a step."""
        bridge, worker = self._bridge, self._worker
        self.map = MapPanel(bridge)
        yield
        self.registers = RegisterPanel(bridge)
        yield
        self.inspector = Inspector(bridge)
        self.policies = PolicyPanel(bridge)
        yield
        self.timeline = TimelineView(bridge)
        self.transport = Transport(bridge)
        self.settings_bar = SettingsBar(bridge)
        yield
        self.results = ResultsStrip(bridge)
        self.story = StoryStrip(bridge)
        self.events = EventTableView(bridge)
        self.problems = ProblemsPanel(bridge, worker)
        self.trace_check = TraceCheckPanel(bridge)
        yield
        self.solve = SolvePanel(bridge, worker)
        self.sweep = SweepPanel(bridge)
        self.lessons = LessonPanel(bridge)
        yield
        touches, zaps, faults = TouchTableView(bridge), ZapTableView(bridge), FaultTableView(bridge)
        stops, history = StopsPanel(bridge), HistoryPanel(bridge)
        yield
        rows = PublishedRows(bridge, worker)
        published, model = PublishedPanel(bridge, rows), ModelPanel(bridge, rows)
        self.panels = (
            Panel("registers", "Registers", self.registers),
            Panel("inspector", "Inspector", self.inspector),
            Panel("timeline", "Timeline", self.timeline, is_guest_only=True),
            Panel("events", "Events", self.events),
            Panel("touches", "Touches", touches, is_guest_only=True),
            Panel("zaps", "Zaps", zaps, is_guest_only=True),
            Panel("faults", "Faults", faults, is_guest_only=True),
            Panel("stops", "Stops", stops, is_guest_only=True),
            Panel("history", "History", history, is_guest_only=True),
            Panel("problems", "Problems", self.problems),
            Panel("trace_check", "Trace check", self.trace_check, is_guest_only=True),
            Panel("solve", "Solve", self.solve),
            Panel("published", "Published", published, is_guest_only=True),
            Panel("model", "Model", model, is_guest_only=True),
            Panel("sweep", "Sweep", self.sweep, is_guest_only=True),
            Panel("policy", "Policy", self.policies, is_guest_only=True),
            Panel("lessons", "Lesson", self.lessons),
        )
        yield

    @property
    def guest_only(self) -> frozenset[str]:
        """The names of those that have nothing to say of a real machine."""
        panels = {panel.name for panel in self.panels if panel.is_guest_only}
        return frozenset(panels | {"tables", "differences"})

    @property
    def pictured(self) -> dict[str, QWidget]:
        """The views that there can be pictures of, by name."""
        middle: dict[str, QWidget] = {
            "map": self.map.map,
            "tables": self.map.tables,
            "ranges": self.map.ranges,
            "differences": self.map.differences,
            "results": self.results,
        }
        return {**middle, **{panel.name: panel.view for panel in self.panels}}

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
