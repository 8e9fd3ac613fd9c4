"""Filling the window, and what ties its views, files and actions together."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer
from PySide6.QtWidgets import QApplication

from mtrrviz.gui.common import style
from mtrrviz.gui.common.plain_text import window_title
from mtrrviz.gui.common.text_size import apply_text_size
from mtrrviz.gui.documents.open_save import Files
from mtrrviz.gui.documents.trace_following import FollowBar
from mtrrviz.gui.export.copy_views import add_copying
from mtrrviz.gui.export.exports import Exports
from mtrrviz.gui.shell import dialogs
from mtrrviz.gui.shell.actions import make_actions, word_actions
from mtrrviz.gui.shell.bars import Bars
from mtrrviz.gui.shell.bridge import Bridge
from mtrrviz.gui.shell.dock_layout import DockLayout
from mtrrviz.gui.shell.docks import make_docks
from mtrrviz.gui.shell.economy import Economy
from mtrrviz.gui.shell.guest_only import GuestOnly
from mtrrviz.gui.shell.handlers import action_handlers
from mtrrviz.gui.shell.menus import Menus
from mtrrviz.gui.shell.panel_actions import make_panel_actions
from mtrrviz.gui.shell.parts import Parts
from mtrrviz.gui.shell.status import Status
from mtrrviz.gui.shell.tab_order import TabOrder
from mtrrviz.gui.shell.views import Views
from mtrrviz.gui.shell.worker import Worker
from mtrrviz.scenario.view import MapMode
from mtrrviz.session.changes import Change
from mtrrviz.session.story import has_story

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtWidgets import QWidget

    from mtrrviz.gui.common.theme import Palette, ThemeName
    from mtrrviz.gui.shell.main_window import MainWindow
    from mtrrviz.gui.shell.settings import Settings
    from mtrrviz.scenario.model import Scenario
    from mtrrviz.session.document import Document


class Workbench(QObject):
    """Owns the views of a window; every state is the document's."""

    def __init__(
        self, window: MainWindow, document: Document, worker: Worker, settings: Settings
    ) -> None:
        super().__init__(window)
        self.window = window
        self.document = document
        self._worker = worker
        self._settings = settings
        self.bridge = Bridge(document, self)
        self.views = Views(self.bridge, worker)
        window.setCentralWidget(self.views.map)
        self.docks = make_docks(window, self.views.panels)
        self._layout = DockLayout(window, self.docks)
        self._economy = Economy(
            window, Bars(window, self.views), self.views.settings_bar, self._layout
        )
        self.files = Files(document, worker, settings, window)
        self.exports = Exports(document, Worker(window), self.pictured, window)
        self.follow_bar = FollowBar(document, worker)
        self._status = Status(window.statusBar(), self.follow_bar)
        self.actions = make_actions(action_handlers(self._parts()), window)
        self.actions["stop_following"].setEnabled(False)
        docks = tuple(self.docks.values())
        self._menus = Menus(window, self.actions, docks, self.files, settings, self.apply_looks)
        self._menus.add_pictures(self.exports, self.views.guest_only)
        self.panel_actions = make_panel_actions(
            window, self.views.panels, self.bring_up, self.views.map.map.canvas
        )
        self._menus.add_panels(self.panel_actions, self.views.guest_only)
        self._guest_only = GuestOnly(
            [self.docks[panel.name] for panel in self.views.panels if panel.is_guest_only],
            self.views.map,
            self.views.transport,
            self._menus.guest_actions,
            self.docks["problems"],
        )
        self._connect()
        self._connect_views()
        self.tab_order = TabOrder(window, self._parts_in_order())
        window.go_through_with(lambda forward: self.tab_order.move(forward=forward))
        add_copying(window, self.bridge, self.views)
        self.apply_theme()  # first: another style takes another font
        apply_text_size(settings.text_size)
        self._restore_layout()
        self._show_document(frozenset(Change))
        self.views.map.map.canvas.setFocus()  # single keys work from the start

    def has_view(self, name: str) -> bool:
        """Whether a view says something about the machine that is open."""
        return not (self.document.scenario.machine.is_host and name in self.views.guest_only)

    @property
    def pictured(self) -> dict[str, QWidget]:
        """All that there can be pictures of, by name: the window and its views."""
        return {"window": self.window, **self.views.pictured}

    def _parts_in_order(self) -> list[QWidget]:
        """Return the parts of the window in the order in which one goes through them."""
        views = self.views
        bars: list[QWidget] = [views.transport, views.settings_bar, views.results, views.story]
        return [*bars, views.map, *self.docks.values()]

    def _parts(self) -> Parts:
        """Return what actions work with."""
        return Parts(
            window=self.window,
            bridge=self.bridge,
            views=self.views,
            files=self.files,
            exports=self.exports,
            follow_bar=self.follow_bar,
            say=self._status.say,
            bring_up=self.bring_up,
            toggle_paint=self.toggle_paint,
            toggle_story=self.toggle_story,
            reset_layout=self.reset_layout,
            step_text_size=self.step_text_size,
        )

    def _connect(self) -> None:
        """Let the window answer what its document, files and exports say."""
        self.bridge.changed.connect(self._show_document)
        self.bridge.message.connect(self._status.say)
        self.bridge.refused.connect(self._refuse)
        self.exports.done.connect(self._status.say)
        self.exports.refused.connect(self._refuse)
        self.files.told.connect(self._status.say)
        self.files.following.connect(self.follow_bar.start)
        self.follow_bar.told.connect(self._status.say)
        self.follow_bar.active_changed.connect(self.actions["stop_following"].setEnabled)
        self.window.files_dropped.connect(self._open_dropped)
        self.window.ask_before_closing(self.files.may_discard)
        self.window.closing.connect(self._close)
        app = QApplication.instance()
        if isinstance(app, QApplication):
            app.styleHints().colorSchemeChanged.connect(self.apply_theme)

    def _connect_views(self) -> None:
        """Let views ask for what other views, or the window, can do."""
        views = self.views
        views.map.inspect_requested.connect(lambda: self.bring_up("inspector"))
        views.map.map.painting.changed.connect(self._show_painting)
        views.problems.register_requested.connect(views.registers.open_register)
        views.problems.solve_requested.connect(lambda: self.bring_up("solve"))
        views.settings_bar.policy_chosen.connect(self._tell_policy)
        views.solve.paint_requested.connect(self.toggle_paint)
        views.story.close_requested.connect(self.toggle_story)

    def _open_dropped(self, paths: list[str]) -> None:
        self.files.open(*paths)

    def _refuse(self, text: str) -> None:
        dialogs.refused(self.window, text)

    def _close(self) -> None:
        self._guest_only.bring_back()
        self._layout.unfold()
        self.follow_bar.stop()
        self.document.playback.pause()
        for two_maps in (False, True):
            shown = self.views.timeline.compared_zaps(two_maps=two_maps)
            self._settings.set_compared_zaps(shown, two_maps=two_maps)
        self._settings.lane_px = self.views.timeline.canvas.lane_px
        self.exports.stop()
        self.views.sweep.stop()
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
            self.views.timeline.show_compared_zaps(remembered, two_maps=two_maps)
        self.views.timeline.canvas.set_lane_px(self._settings.lane_px)
        self._layout.arrange()
        self._layout.show_two_maps(two_maps=self._shows_two_maps)
        if layout.isEmpty() or not self.window.restoreState(layout):
            self._layout.size_first()
            later(self._layout.size_first)  # a window already shown lays its docks out first
        self.window.resized.connect(self._layout.follow_window)
        self.window.resized.connect(self._economy.apply)

    def reset_layout(self) -> None:
        """Put all docks back where they are the first time, at their first sizes."""
        self._guest_only.bring_back()
        self._layout.unfold()
        self._layout.arrange()
        self._show_kind()
        self._economy.apply()
        later(self._layout.size_first)

    @property
    def _shows_two_maps(self) -> bool:
        return self.document.map_mode is not MapMode.ONE

    def toggle_story(self) -> None:
        """Show the story of the scenario, or close it, and do so for others from now on."""
        tells = not self._economy.is_story_shown
        self._settings.tells_story = tells
        self._economy.tell_story(tells=tells, must_tell=True)
        self.actions["toggle_story"].setChecked(tells)

    def _has_news(self, scenario: Scenario) -> bool:
        """Return whether a scenario is to be told: a story each time, a description once."""
        if has_story(scenario):
            return True
        return bool(scenario.description) and self._settings.tell_once(scenario.title)

    def apply_looks(self) -> None:
        """Colour everything, and show text as large, as the settings say."""
        self.apply_theme()
        apply_text_size(self._settings.text_size)
        self._economy.apply()
        self._layout.follow_window()

    def step_text_size(self, steps: int) -> None:
        """Show all text larger or smaller, and do so from now on."""
        self._settings.text_size = self._settings.text_size.stepped(steps)
        self.apply_looks()
        self._status.say(f"Text size: {self._settings.text_size}")

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
            self._menus.show_undo(document.undo_label, document.redo_label)
        if Change.SCENARIO in changes:
            self._show_kind()
        if Change.MAP_MODE in changes:
            self._layout.show_two_maps(two_maps=self._shows_two_maps)
        if Change.OPENED in changes:
            tells = self._settings.tells_story and self._has_news(document.scenario)
            self._economy.tell_story(tells=tells)
            self.actions["toggle_story"].setChecked(tells)
        if changes - {Change.PLAYHEAD}:
            self._status.show_document(document)
        if Change.SELECTED_ITEM in changes:
            self._bring_up_selection()
        if changes & {Change.PLAYBACK, Change.OPENED}:
            self.actions["toggle_record"].setChecked(document.tape.is_on)
        if Change.PLAYBACK in changes:
            self.actions["toggle_loop"].setChecked(document.playback.looping)
            self.actions["toggle_pace"].setChecked(document.playback.pace is not None)
        if changes & {Change.RUN, Change.PLAYHEAD}:
            state = document.state
            self.actions["toggle_dma"].setChecked(
                state is not None and state.machine.noncoherent_dma > 0
            )

    def _show_kind(self) -> None:
        self._guest_only.show_for(is_host=self.document.scenario.machine.is_host)
        word_actions(self.actions, self.bridge.terms)

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
        if self._guest_only.may_show(dock):
            dock.show()
            dock.raise_()

    def _tell_policy(self) -> None:
        """Bring up the story of a policy chosen for the first time, unless its panel is closed."""
        if self.views.policies.has_news and not self.docks["policy"].isHidden():
            self.bring_up("policy")
            self.views.policies.begin()

    def toggle_paint(self) -> None:
        """Paint the wanted map on the map, beside its panel, or stop."""
        self.bring_up("solve")
        self.views.map.toggle_paint()

    def _show_painting(self) -> None:
        self.actions["toggle_paint"].setChecked(self.views.map.map.painting.is_on)


def settle(rounds: int = 3) -> None:
    """Let layouts and paints that were put off happen, before a picture is taken."""
    for _ in range(rounds):
        QApplication.processEvents()


def later(call: Callable[[], None]) -> None:
    """Call back once the event loop is idle."""
    QTimer.singleShot(0, call)
