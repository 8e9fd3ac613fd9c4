"""Filling the window: views in docks, bars, menus, and the handlers of all actions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, QTimer
from PySide6.QtWidgets import (
    QApplication,
    QDockWidget,
    QLabel,
    QToolBar,
    QWidget,
)

from mtrrviz.core.policies import get_policy
from mtrrviz.core.policy import SDM_LOOKUP
from mtrrviz.gui import dialogs, style
from mtrrviz.gui.actions import make_actions
from mtrrviz.gui.bridge import Bridge
from mtrrviz.gui.copy_views import add_copying
from mtrrviz.gui.dock_layout import DockLayout
from mtrrviz.gui.exports import Exports
from mtrrviz.gui.files import Files
from mtrrviz.gui.following import FollowBar
from mtrrviz.gui.history import HistoryPanel
from mtrrviz.gui.inspector import Inspector
from mtrrviz.gui.machine_dialog import MachineDialog
from mtrrviz.gui.map.map_panel import MapPanel
from mtrrviz.gui.mend import MendPanel
from mtrrviz.gui.menus import Menus
from mtrrviz.gui.model import ModelPanel
from mtrrviz.gui.policy.panel import PolicyPanel
from mtrrviz.gui.problems import ProblemsPanel
from mtrrviz.gui.published import PublishedPanel
from mtrrviz.gui.published_rows import PublishedRows
from mtrrviz.gui.registers import RegisterPanel
from mtrrviz.gui.results import ResultsStrip
from mtrrviz.gui.settings_bar import SettingsBar
from mtrrviz.gui.story import StoryStrip
from mtrrviz.gui.sweep import SweepPanel
from mtrrviz.gui.tables import EventTable, ZapTable
from mtrrviz.gui.timeline import TimelineView
from mtrrviz.gui.trace_check import TraceCheckPanel
from mtrrviz.gui.transport import Transport
from mtrrviz.gui.worker import Worker
from mtrrviz.gui.wrapping import WrappingRow
from mtrrviz.scenario.view import MapMode
from mtrrviz.session.changes import Change
from mtrrviz.session.difference_jumps import (
    to_first_difference,
    to_next_difference,
    to_previous_difference,
)
from mtrrviz.session.edits import open_here
from mtrrviz.session.story import has_story

if TYPE_CHECKING:
    from collections.abc import Callable

    from mtrrviz.gui.main_window import MainWindow
    from mtrrviz.gui.settings import Settings
    from mtrrviz.gui.theme import Palette, ThemeName
    from mtrrviz.session.document import Document

#: How long a message stays in the status bar.
_MESSAGE_MS = 8000
_LEFT = Qt.DockWidgetArea.LeftDockWidgetArea
_RIGHT = Qt.DockWidgetArea.RightDockWidgetArea
_BOTTOM = Qt.DockWidgetArea.BottomDockWidgetArea


class Workbench(QObject):
    """Owns the views of a window and answers its actions; every state is the document's."""

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
        self._build_views()
        self.exports = Exports(document, Worker(window), self.views, window)
        self.follow_bar = FollowBar(document, worker)
        self.actions = make_actions(self._handlers(), window)
        self._menus = Menus(window, self.actions, self._docks, self.files, settings, self)
        self._menus.add_pictures(self.exports)
        self._build_status()
        self._connect()
        add_copying(self)
        self._restore_layout()
        self.apply_theme()
        self._show_document(frozenset(Change))
        self.map.map.canvas.setFocus()  # single keys work from the start

    # Building

    def _build_views(self) -> None:
        bridge, window = self.bridge, self.window
        self.map = MapPanel(bridge)
        self.registers = RegisterPanel(bridge)
        self.inspector = Inspector(bridge)
        self.policies = PolicyPanel(bridge)
        self.timeline = TimelineView(bridge)
        self.transport = Transport(bridge)
        self.settings_bar = SettingsBar(bridge)
        self.results = ResultsStrip(bridge)
        self.story = StoryStrip(bridge)
        self.events = EventTable(bridge)
        self.zaps = ZapTable(bridge)
        self.history = HistoryPanel(bridge)
        self.problems = ProblemsPanel(bridge, self._worker)
        self.trace_check = TraceCheckPanel(bridge)
        published = PublishedRows(bridge, self._worker)
        self.published = PublishedPanel(bridge, published)
        self.model = ModelPanel(bridge, published)
        self.mend = MendPanel(bridge, self._worker)
        self.sweep = SweepPanel(bridge)
        for corner in (Qt.Corner.BottomLeftCorner, Qt.Corner.BottomRightCorner):
            window.setCorner(corner, _BOTTOM)
        window.setCentralWidget(self.map)
        self._mend_dock = self._dock("mend", "Mend", self.mend, _BOTTOM)
        self._docks = [
            self._dock("registers", "Registers", self.registers, _LEFT),
            self._dock("inspector", "Inspector", self.inspector, _RIGHT),
            self._dock("timeline", "Timeline", self.timeline, _BOTTOM),
            self._dock("events", "Events", self.events, _BOTTOM),
            self._dock("zaps", "Zaps", self.zaps, _BOTTOM),
            self._dock("history", "History", self.history, _BOTTOM),
            self._dock("problems", "Problems", self.problems, _BOTTOM),
            self._dock("trace_check", "Trace check", self.trace_check, _BOTTOM),
            self._mend_dock,
            self._dock("published", "Published", self.published, _BOTTOM),
            self._dock("model", "Model", self.model, _BOTTOM),
            self._dock("sweep", "Sweep", self.sweep, _BOTTOM),
        ]
        self._policy_dock = self._dock("policy", "Policy", self.policies, _RIGHT)
        self._docks.append(self._policy_dock)
        self._layout = DockLayout(window, self._docks)
        controls = WrappingRow(self.transport, self.settings_bar)
        self._bar("transport", "Playback and policy", controls)
        window.addToolBarBreak()
        self._bar("results", "Results", self.results)
        window.addToolBarBreak()
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
        panels = {dock.objectName().removesuffix("_dock"): dock.widget() for dock in self._docks}
        return {**middle, **panels}

    def _dock(self, name: str, title: str, widget: QWidget, area: Qt.DockWidgetArea) -> QDockWidget:
        dock = QDockWidget(title, self.window)
        dock.setObjectName(f"{name}_dock")
        widget.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        dock.setWidget(widget)
        _rest_while_covered(dock, widget)
        self.window.addDockWidget(area, dock)
        return dock

    def _bar(self, name: str, title: str, widget: QWidget) -> QToolBar:
        bar = QToolBar(title, self.window)
        bar.setObjectName(f"{name}_bar")
        bar.setMovable(False)
        bar.addWidget(widget)
        self.window.addToolBar(bar)
        return bar

    def _build_status(self) -> None:
        self._busy = QLabel()
        self._title = QLabel()
        self.window.statusBar().addPermanentWidget(self.follow_bar)
        self.window.statusBar().addPermanentWidget(self._busy)
        self.actions["stop_following"].setEnabled(False)
        self.window.statusBar().addPermanentWidget(self._title)

    def _connect(self) -> None:
        self.bridge.message.connect(self._say)
        self.bridge.refused.connect(self._refuse)
        self.exports.done.connect(self._say)
        self.exports.refused.connect(self._refuse)
        self.files.following.connect(self.follow_bar.start)
        self.follow_bar.told.connect(self._say)
        self.follow_bar.active_changed.connect(self.actions["stop_following"].setEnabled)
        self.bridge.changed.connect(self._show_document)
        self.map.inspect_requested.connect(self._show_inspector)
        self.problems.register_requested.connect(self.registers.open_register)
        self.story.close_requested.connect(self.toggle_story)
        self.map.map.painting.changed.connect(self._show_painting)
        self.mend.paint_requested.connect(self._toggle_paint)
        self.problems.mend_requested.connect(self._show_mend)
        self.window.files_dropped.connect(self.files.open_files)
        self.window.ask_before_closing(self.files.may_discard)
        self.window.closing.connect(self._close)
        self._worker.failed.connect(_raise)
        app = QApplication.instance()
        if isinstance(app, QApplication):
            app.styleHints().colorSchemeChanged.connect(self.apply_theme)

    def _say(self, text: str) -> None:
        self.window.statusBar().showMessage(text, _MESSAGE_MS)

    def _refuse(self, text: str) -> None:
        dialogs.refused(self.window, text)

    def _close(self) -> None:
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
        self._layout.arrange()
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
            self.window.setWindowTitle(f"{name}[*] - mtrrviz")
            self.window.setWindowModified(document.is_modified)
            self._title.setText(document.scenario.title)
            self._menus.show_undo(document.undo_label, document.redo_label)
        if Change.MAP_MODE in changes:
            self._layout.show_two_maps(two_maps=self._shows_two_maps)
        if Change.OPENED in changes:
            self._show_story(shown=self._settings.tells_story and has_story(document.scenario))
        if changes & {Change.SCENARIO, Change.RUN, Change.FIGURES, Change.COSTS, Change.POLICY}:
            self._busy.setText("Simulating..." if document.is_simulating else "")
        if Change.POINTED in changes:
            self._bring_up_pointed()
        if changes & {Change.RUN, Change.PLAYHEAD}:
            state = document.state
            self.actions["toggle_dma"].setChecked(
                state is not None and state.machine.noncoherent_dma > 0
            )

    def _bring_up_pointed(self) -> None:
        """Let the panel be seen that shows what the user asked to see."""
        pointed = self.document.pointed
        if pointed is None:
            return
        view = self.registers if pointed.msr is not None else None
        if view is None and pointed.event is not None:
            view = self.events
        dock = None if view is None else view.parentWidget()
        if isinstance(dock, QDockWidget):
            dock.show()
            dock.raise_()

    # Actions

    def _handlers(self) -> dict[str, Callable[[], None]]:
        """Return what each action of the table does."""
        document, transport = self.document, self.transport
        return {
            "open_file": self.files.ask_open,
            "paste_dump": self.files.paste,
            "follow_file": self.files.ask_follow,
            "stop_following": self.follow_bar.stop,
            "save": lambda: _ignore(self.files.save()),
            "save_as": lambda: _ignore(self.files.save_as()),
            "export": self.exports.ask_export,
            "save_picture": self.exports.ask_picture,
            "save_view_picture": lambda: self.exports.ask_picture(self.exports.view_in_hand),
            "copy_picture": lambda: self.exports.copy_picture(self.exports.view_in_hand),
            "quit": lambda: _ignore(self.window.close()),
            "undo": document.undo,
            "redo": document.redo,
            "toggle_dma": self.settings_bar.toggle_dma,
            "change_machine": lambda: MachineDialog(self.bridge, self.window).open(),
            "open_here": self._open_here,
            "mend": self._show_mend,
            "toggle_paint": self._toggle_paint,
            "swap_policies": lambda: document.set_policy(document.compared_policy),
            "toggle_play": transport.toggle_play,
            "step_forward": transport.step_forward,
            "step_back": transport.step_back,
            "next_zap": transport.next_zap,
            "previous_zap": transport.previous_zap,
            "next_vcpu_event": transport.next_of_vcpu,
            "previous_vcpu_event": transport.previous_of_vcpu,
            "next_phase": transport.next_phase,
            "previous_phase": transport.previous_phase,
            "first_difference": lambda: to_first_difference(document, self._say),
            "next_difference": lambda: to_next_difference(document, self._say),
            "previous_difference": lambda: to_previous_difference(document, self._say),
            "edit_time": transport.edit_time,
            "to_start": transport.to_start,
            "to_end": transport.to_end,
            "slower": transport.slower,
            "faster": transport.faster,
            "toggle_loop": transport.toggle_loop,
            "set_marker_a": lambda: self.timeline.set_marker("A"),
            "set_marker_b": lambda: self.timeline.set_marker("B"),
            "jump_to_marker_a": lambda: self.timeline.jump_to_marker("A"),
            "jump_to_marker_b": lambda: self.timeline.jump_to_marker("B"),
            "clear_markers": self.timeline.clear_markers,
            "next_vcpu": lambda: document.select_vcpu(document.vcpu + 1),
            "previous_vcpu": lambda: document.select_vcpu(document.vcpu - 1),
            "go_to_address": self._go_to_address,
            "fit_map": self.map.fit,
            "next_map_mode": self.map.next_mode,
            "fit_timeline": self.timeline.fit,
            "zoom_to_markers": self.timeline.zoom_to_markers,
            "toggle_story": self.toggle_story,
            "reset_layout": self.reset_layout,
            "show_shortcuts": lambda: dialogs.shortcut_sheet(self.window),
            "show_policy": self._show_policies,
            "toggle_lookup": self._toggle_lookup,
            "show_model": lambda: dialogs.about_model(self.window, document),
            "show_about": lambda: dialogs.about(self.window),
        }

    def _open_here(self) -> None:
        """Put what is shown now into the scenario, to be saved with it."""
        document = self.document
        self.bridge.edit(lambda: open_here(document.scenario, document.view))

    def _show_policies(self) -> None:
        self._policy_dock.show()
        self._policy_dock.raise_()

    def _toggle_lookup(self) -> None:
        """Look types up by the SDM, or by KVM's walk again, if the policy asks MTRRs at all."""
        policy = get_policy(self.document.policy)
        if policy.asks_mtrrs:
            on = not policy.follows_manual
            self.document.set_policy(policy.switched(SDM_LOOKUP.id, on=on))
        else:
            self._say(f"{policy.id} asks no MTRRs: there is no lookup to choose")

    def _show_inspector(self) -> None:
        self._docks[1].show()
        self._docks[1].raise_()

    def _show_mend(self) -> None:
        self._mend_dock.show()
        self._mend_dock.raise_()

    def _toggle_paint(self) -> None:
        self._show_mend()
        self.map.toggle_paint()

    def _show_painting(self) -> None:
        self.actions["toggle_paint"].setChecked(self.map.map.painting.is_on)

    def _go_to_address(self) -> None:
        if not self.window.focusWidget():
            self.map.map.canvas.setFocus()  # so that it has the keyboard once the address is given
        self._show_inspector()
        self.inspector.focus_address()


def settle(rounds: int = 3) -> None:
    """Let layouts and paints that were put off happen, before a picture is taken."""
    for _ in range(rounds):
        QApplication.processEvents()


def later(call: Callable[[], None]) -> None:
    """Call back once the event loop is idle."""
    QTimer.singleShot(0, call)


def _ignore(_result: object) -> None:
    """Drop a result that only matters to other callers."""


def _raise(error: Exception) -> None:
    """Hand an error of the background thread to the usual report."""
    raise error


def _rest_while_covered(dock: QDockWidget, view: QWidget) -> None:
    """Hide a view while its dock lies behind another tab, so that it does no work there.

    Qt only moves such a dock out of sight and goes on calling it visible.
    """
    policy = view.sizePolicy()
    policy.setRetainSizeWhenHidden(True)
    view.setSizePolicy(policy)
    dock.visibilityChanged.connect(view.setVisible)
