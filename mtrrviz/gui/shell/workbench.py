"""Filling the window: views in docks, bars and menus, and what ties them together."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer
from PySide6.QtWidgets import (
    QApplication,
    QDockWidget,
    QToolBar,
    QWidget,
)

from mtrrviz.gui.common import style
from mtrrviz.gui.common.plain_text import Label, window_title
from mtrrviz.gui.common.wrapping import WrappingRow
from mtrrviz.gui.documents.open_save import Files
from mtrrviz.gui.documents.trace_following import FollowBar
from mtrrviz.gui.export.copy_views import add_copying
from mtrrviz.gui.export.exports import Exports
from mtrrviz.gui.history.history_panel import HistoryPanel
from mtrrviz.gui.inspector import Inspector
from mtrrviz.gui.machine.settings_bar import SettingsBar
from mtrrviz.gui.map.map_panel import MapPanel
from mtrrviz.gui.model import ModelPanel
from mtrrviz.gui.policy.policy_panel import PolicyPanel
from mtrrviz.gui.problems.problems_panel import ProblemsPanel
from mtrrviz.gui.published.published_panel import PublishedPanel
from mtrrviz.gui.published.published_rows import PublishedRows
from mtrrviz.gui.registers import RegisterPanel
from mtrrviz.gui.results.results_strip import ResultsStrip
from mtrrviz.gui.shell import dialogs
from mtrrviz.gui.shell.actions import make_actions
from mtrrviz.gui.shell.bridge import Bridge
from mtrrviz.gui.shell.dock_layout import DockLayout
from mtrrviz.gui.shell.docks import make_dock
from mtrrviz.gui.shell.guest_only import GuestOnly
from mtrrviz.gui.shell.handlers import action_handlers
from mtrrviz.gui.shell.menus import Menus
from mtrrviz.gui.shell.worker import Worker
from mtrrviz.gui.solve import SolvePanel
from mtrrviz.gui.story.story_strip import StoryStrip
from mtrrviz.gui.sweep import SweepPanel
from mtrrviz.gui.tables import EventTableView, ZapTableView
from mtrrviz.gui.timeline import TimelineView
from mtrrviz.gui.trace_check import TraceCheckPanel
from mtrrviz.gui.transport.transport_bar import Transport
from mtrrviz.scenario.view import MapMode
from mtrrviz.session.changes import Change
from mtrrviz.session.story import has_story

if TYPE_CHECKING:
    from collections.abc import Callable

    from mtrrviz.gui.common.theme import Palette, ThemeName
    from mtrrviz.gui.shell.main_window import MainWindow
    from mtrrviz.gui.shell.settings import Settings
    from mtrrviz.session.document import Document

#: How long a message stays in the status bar.
_MESSAGE_MS = 8000


class Workbench(QObject):
    """Owns the views of a window; every state is the document's."""

    def __init__(
        self, window: MainWindow, document: Document, worker: Worker, settings: Settings
    ) -> None:
        super().__init__(window)
        self.window = window
        self.document = document
        self.bridge = Bridge(document, self)
        self._settings = settings
        self._worker = worker
        self.files = Files(document, worker, settings, window)
        self._make_views()
        self.docks = self._make_docks()
        self._layout = DockLayout(window, self.docks)
        self._make_bars()
        self.exports = Exports(document, Worker(window), self.views, window)
        self.follow_bar = FollowBar(document, worker)
        self.actions = make_actions(action_handlers(self), window)
        self._menus = Menus(
            window, self.actions, tuple(self.docks.values()), self.files, settings, self
        )
        self._menus.add_pictures(self.exports)
        self._guest_only = GuestOnly(
            self.docks, self.map, self.transport, self._menus.guest_actions
        )
        self._make_status()
        self._connect()
        add_copying(self)
        self._restore_layout()
        self.apply_theme()
        self._show_document(frozenset(Change))
        self.map.map.canvas.setFocus()  # single keys work from the start

    # Building

    def _make_views(self) -> None:
        bridge = self.bridge
        self.map = MapPanel(bridge)
        self.registers = RegisterPanel(bridge)
        self.inspector = Inspector(bridge)
        self.policies = PolicyPanel(bridge)
        self.timeline = TimelineView(bridge)
        self.transport = Transport(bridge)
        self.settings_bar = SettingsBar(bridge)
        self.results = ResultsStrip(bridge)
        self.story = StoryStrip(bridge)
        self.events = EventTableView(bridge)
        self.zaps = ZapTableView(bridge)
        self.history = HistoryPanel(bridge)
        self.problems = ProblemsPanel(bridge, self._worker)
        self.trace_check = TraceCheckPanel(bridge)
        published = PublishedRows(bridge, self._worker)
        self.published = PublishedPanel(bridge, published)
        self.model = ModelPanel(bridge, published)
        self.solve = SolvePanel(bridge, self._worker)
        self.sweep = SweepPanel(bridge)
        self.window.setCentralWidget(self.map)

    def _make_docks(self) -> dict[str, QDockWidget]:
        """Return the docks by the names of their panels, in the order of their tabs."""
        panels: tuple[tuple[str, str, QWidget], ...] = (
            ("registers", "Registers", self.registers),
            ("inspector", "Inspector", self.inspector),
            ("timeline", "Timeline", self.timeline),
            ("events", "Events", self.events),
            ("zaps", "Zaps", self.zaps),
            ("history", "History", self.history),
            ("problems", "Problems", self.problems),
            ("trace_check", "Trace check", self.trace_check),
            ("solve", "Solve", self.solve),
            ("published", "Published", self.published),
            ("model", "Model", self.model),
            ("sweep", "Sweep", self.sweep),
            ("policy", "Policy", self.policies),
        )
        return {name: make_dock(self.window, name, title, view) for name, title, view in panels}

    def _make_bars(self) -> None:
        controls = WrappingRow(self.transport, self.settings_bar)
        self._bar("transport", "Playback and policy", controls)
        self.window.addToolBarBreak()
        self._bar("results", "Results", self.results)
        self.window.addToolBarBreak()
        self._story_bar = self._bar("story", "Story", self.story)

    @property
    def views(self) -> dict[str, QWidget]:
        """All that there can be pictures of, by name: the window, its middle, and each panel."""
        middle: dict[str, QWidget] = {
            "window": self.window,
            "map": self.map.map,
            "tables": self.map.tables,
            "ranges": self.map.ranges,
            "differences": self.map.differences,
            "results": self.results,
        }
        return {**middle, **{name: dock.widget() for name, dock in self.docks.items()}}

    def _bar(self, name: str, title: str, widget: QWidget) -> QToolBar:
        bar = QToolBar(title, self.window)
        bar.setObjectName(f"{name}_bar")
        bar.setMovable(False)
        bar.addWidget(widget)
        self.window.addToolBar(bar)
        return bar

    def _make_status(self) -> None:
        self._busy = Label()
        self._title = Label()
        self.window.statusBar().addPermanentWidget(self.follow_bar)
        self.window.statusBar().addPermanentWidget(self._busy)
        self.actions["stop_following"].setEnabled(False)
        self.window.statusBar().addPermanentWidget(self._title)

    def _connect(self) -> None:
        self.bridge.message.connect(self.say)
        self.bridge.refused.connect(self._refuse)
        self.exports.done.connect(self.say)
        self.exports.refused.connect(self._refuse)
        self.files.following.connect(self.follow_bar.start)
        self.follow_bar.told.connect(self.say)
        self.follow_bar.active_changed.connect(self.actions["stop_following"].setEnabled)
        self.bridge.changed.connect(self._show_document)
        self.map.inspect_requested.connect(lambda: self.bring_up("inspector"))
        self.problems.register_requested.connect(self.registers.open_register)
        self.settings_bar.policy_chosen.connect(self._tell_policy)
        self.story.close_requested.connect(self.toggle_story)
        self.map.map.painting.changed.connect(self._show_painting)
        self.solve.paint_requested.connect(self.toggle_paint)
        self.problems.solve_requested.connect(lambda: self.bring_up("solve"))
        self.window.files_dropped.connect(self.files.open_files)
        self.window.ask_before_closing(self.files.may_discard)
        self.window.closing.connect(self._close)
        self._worker.failed.connect(_raise)
        app = QApplication.instance()
        if isinstance(app, QApplication):
            app.styleHints().colorSchemeChanged.connect(self.apply_theme)

    def say(self, text: str) -> None:
        """Show a message in the status bar for a while."""
        self.window.statusBar().showMessage(text, _MESSAGE_MS)

    def _refuse(self, text: str) -> None:
        dialogs.refused(self.window, text)

    def _close(self) -> None:
        self._guest_only.bring_back()
        self.follow_bar.stop()
        self.document.playback.pause()
        self._settings.map_mode = str(self.document.usual.map_mode)
        for two_maps in (False, True):
            shown = self.timeline.compared_zaps(two_maps=two_maps)
            self._settings.set_compared_zaps(shown, two_maps=two_maps)
        self.exports.stop()
        self.sweep.stop()
        self._worker.wait()
        self.bridge.close()

    def finish_work(self) -> bool:
        """Wait for the work under way beside the window; return whether there was any."""
        return self._worker.finish()

    # Layout and theme

    def _restore_layout(self) -> None:
        layout = self._settings.layout()
        for two_maps in (False, True):
            remembered = self._settings.compared_zaps(two_maps=two_maps)
            self.timeline.show_compared_zaps(remembered, two_maps=two_maps)
        self._layout.arrange()
        self._layout.show_two_maps(two_maps=self._shows_two_maps)
        if layout.isEmpty() or not self.window.restoreState(layout):
            self._layout.size_first()
            later(self._layout.size_first)  # a window already shown lays its docks out first
        self.window.resized.connect(self._layout.follow_window)

    def reset_layout(self) -> None:
        """Put all docks back where they are the first time, at their first sizes."""
        self._guest_only.bring_back()
        self._layout.arrange()
        self._show_kind()
        later(self._layout.size_first)

    @property
    def _shows_two_maps(self) -> bool:
        return self.document.map_mode is not MapMode.ONE

    def toggle_story(self) -> None:
        """Show the story of the scenario, or close it, and do so for others from now on."""
        shown = self._story_bar.isHidden()
        self._settings.tells_story = shown
        self._show_story(shown=shown)

    def _show_story(self, *, shown: bool) -> None:
        self._story_bar.setVisible(shown)
        self.actions["toggle_story"].setChecked(shown)

    def apply_theme(self) -> None:
        """Colour everything as the settings say."""
        self.set_theme(self._settings.theme, self._settings.palette)

    def set_theme(self, name: ThemeName, palette: Palette) -> None:
        """Colour everything, without remembering it."""
        theme = style.resolve(name, palette)
        app = QApplication.instance()
        if isinstance(app, QApplication):
            style.apply(theme, app)
        self.bridge.set_theme(theme)

    # What the window itself shows of the document

    def _show_document(self, changes: frozenset[Change]) -> None:
        document = self.document
        if changes & {Change.SCENARIO, Change.FILE, Change.WANTED}:
            name = document.path.name if document.path else document.scenario.title
            self.window.setWindowTitle(f"{window_title(name)}[*] - mtrrviz")
            self.window.setWindowModified(document.is_modified)
            self._title.setText(document.scenario.title)
            self._menus.show_undo(document.undo_label, document.redo_label)
        if Change.SCENARIO in changes:
            self._show_kind()
        if Change.MAP_MODE in changes:
            self._layout.show_two_maps(two_maps=self._shows_two_maps)
        if Change.OPENED in changes:
            self._show_story(shown=self._settings.tells_story and has_story(document.scenario))
        if changes & {Change.SCENARIO, Change.RUN, Change.FIGURES, Change.COSTS, Change.POLICY}:
            self._busy.setText("Simulating..." if document.is_simulating else "")
        if Change.SELECTED_ITEM in changes:
            self._bring_up_selection()
        if changes & {Change.RUN, Change.PLAYHEAD}:
            state = document.state
            self.actions["toggle_dma"].setChecked(
                state is not None and state.machine.noncoherent_dma > 0
            )

    def _show_kind(self) -> None:
        self._guest_only.show_for(is_host=self.document.scenario.machine.is_host)

    def _bring_up_selection(self) -> None:
        """Let the panel be seen that shows what the user asked to see."""
        selection = self.document.selection
        if selection is None:
            return
        if selection.msr is not None:
            self.bring_up("registers")
        elif selection.event is not None:
            self.bring_up("events")

    def bring_up(self, name: str) -> None:
        """Let the panel of this name be seen, in front of others."""
        dock = self.docks[name]
        dock.show()
        dock.raise_()

    def _tell_policy(self) -> None:
        """Bring up the story of a policy chosen for the first time, unless its panel is closed."""
        if self.policies.has_news and not self.docks["policy"].isHidden():
            self.bring_up("policy")
            self.policies.begin()

    def toggle_paint(self) -> None:
        """Paint the wanted map on the map, beside its panel, or stop."""
        self.bring_up("solve")
        self.map.toggle_paint()

    def _show_painting(self) -> None:
        self.actions["toggle_paint"].setChecked(self.map.map.painting.is_on)


def settle(rounds: int = 3) -> None:
    """Let layouts and paints that were put off happen, before a picture is taken."""
    for _ in range(rounds):
        QApplication.processEvents()


def later(call: Callable[[], None]) -> None:
    """Call back once the event loop is idle."""
    QTimer.singleShot(0, call)


def _raise(error: Exception) -> None:
    """Hand an error of the background thread to the usual report."""
    raise error
