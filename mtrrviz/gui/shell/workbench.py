"""Filling the window, and what ties its views, files and actions together."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace
from PySide6.QtCore import QObject, QTimer
from PySide6.QtWidgets import QApplication

from mtrrviz.gui.common.looks import style
from mtrrviz.gui.common.looks.text_size import apply_text_size
from mtrrviz.gui.common.plain_text import window_title
from mtrrviz.gui.documents.open_save import Files
from mtrrviz.gui.documents.trace_following import FollowBar
from mtrrviz.gui.export.copy_views import add_copying
from mtrrviz.gui.export.exports import Exports
from mtrrviz.gui.export.film_order import WindowShown
from mtrrviz.gui.export.filming import Filming
from mtrrviz.gui.help.help_desk import HelpDesk
from mtrrviz.gui.help.hover_help import HoverHelp
from mtrrviz.gui.lecture.presenting import Presenting
from mtrrviz.gui.lessons.lesson_desk import PANEL as LESSON_PANEL
from mtrrviz.gui.lessons.lesson_desk import LessonDesk
from mtrrviz.gui.lessons.panel_in_front import PanelInFront
from mtrrviz.gui.shell import dialogs
from mtrrviz.gui.shell.arrangement.bars import Bars
from mtrrviz.gui.shell.arrangement.dock_layout import DockLayout
from mtrrviz.gui.shell.arrangement.docks import make_dock
from mtrrviz.gui.shell.arrangement.economy import Economy
from mtrrviz.gui.shell.arrangement.tab_order import TabOrder
from mtrrviz.gui.shell.bridge import Bridge
from mtrrviz.gui.shell.commands.action_states import show_action_states
from mtrrviz.gui.shell.commands.actions import make_actions, word_actions
from mtrrviz.gui.shell.commands.handlers import action_handlers
from mtrrviz.gui.shell.commands.lesson_commands import LessonMenu
from mtrrviz.gui.shell.commands.menus import Menus
from mtrrviz.gui.shell.commands.panel_actions import make_panel_actions
from mtrrviz.gui.shell.guest_only import GuestOnly
from mtrrviz.gui.shell.looks import looks_now
from mtrrviz.gui.shell.memory_return import MemoryReturn
from mtrrviz.gui.shell.parts import Parts
from mtrrviz.gui.shell.status import Status
from mtrrviz.gui.shell.views import Views
from mtrrviz.gui.shell.worker import Worker
from mtrrviz.scenario.view import MapMode
from mtrrviz.session.changes import Change
from mtrrviz.session.story import has_story

if TYPE_CHECKING:
    from collections.abc import Iterator

    from PySide6.QtWidgets import QDockWidget, QWidget

    from mtrrviz.gui.common.looks.theme import Palette, ThemeName
    from mtrrviz.gui.problems.problems_panel import ProblemsPanel
    from mtrrviz.gui.shell.main_window import MainWindow
    from mtrrviz.gui.shell.settings import Settings
    from mtrrviz.scenario.model import Scenario
    from mtrrviz.session.document import Document


class Workbench(QObject):
    """Owns the views of a window; every state is the document's."""

    def __init__(
        self,
        window: MainWindow,
        document: Document,
        worker: Worker,
        settings: Settings,
        *,
        in_steps: bool = False,
    ) -> None:
        """Fill the window at once, or with ``in_steps`` only as :meth:`fill_more` is called."""
        super().__init__(window)
        self.window = window
        self.document = document
        self._worker = worker
        self._settings = settings
        self._steps = self._fill()
        while not in_steps and self.fill_more():
            pass

    def fill_more(self) -> bool:
        """Do the next step of filling the window; False once nothing is left to do.

        The steps are short, so that the window stays alive between them.
        """
        return next(self._steps, "done") is None

    def _fill(self) -> Iterator[None]:
        """Make all parts of the window, then let it look as it was left."""
        window = self.window
        self.bridge = Bridge(self.document, self)
        self.views = Views(self.bridge, self._worker)
        yield from self.views.make()
        self.docks: dict[str, QDockWidget] = {}
        for panel in self.views.panels:
            self.docks[panel.name] = make_dock(window, panel)
            yield
        window.setCentralWidget(self.views.map)
        self._layout = DockLayout(window, self.docks)
        self._economy = Economy(
            window, Bars(window, self.views), self.views.settings_bar, self._layout
        )
        yield
        self._make_desks()
        yield
        self._make_menus()
        yield
        self._connect()
        self._connect_views()
        self.tab_order = TabOrder(window, self._parts_in_order())
        window.go_through_with(lambda forward: self.tab_order.move(forward=forward))
        add_copying(window, self.bridge, self.views)
        yield
        HoverHelp(self.views.explained.values(), self.views.panels, self.bridge)
        yield
        self.apply_theme()  # before the layout: another style takes another font
        apply_text_size(self._settings.text_size)
        yield
        self._restore_layout()
        yield
        self._show_document(frozenset(Change))
        self.files.elsewhere.look()
        yield
        window.remember_layout()
        self.views.map.map.canvas.setFocus()  # single keys work from the start

    def _make_desks(self) -> None:
        """Make what does the work that menus and views ask for."""
        window, document = self.window, self.document
        self.files = Files(document, self._settings, window)
        self.exports = Exports(document, Worker(window), self.pictured, window)
        self.filming = Filming(document, Worker(window), self.exports, self._shown, window)
        self.lessons = LessonDesk(
            window,
            self.bridge,
            self.views,
            self._settings.lessons_folder,
            lambda gives: self._layout.give_lesson_room(gives=gives),
        )
        self.follow_bar = FollowBar(document, self._worker)
        canvas = self.views.map.map.canvas
        self.presenting = Presenting(window, self.bridge, canvas, self._worker.run, self._settings)
        self.desk = HelpDesk(window, self.bridge, self.files, self.views.explained)
        self._status = Status(window.statusBar(), self.follow_bar)
        self._memory_return = MemoryReturn(self.bridge, self._worker, self)

    def _make_menus(self) -> None:
        """Make all actions and the menus that list them."""
        self.actions = make_actions(action_handlers(self._parts()), self.window)
        self.actions["stop_following"].setEnabled(False)
        self._menus = Menus(
            self.window,
            self.actions,
            tuple(self.docks.values()),
            self.files,
            self._settings,
            self.apply_looks,
        )
        self._menus.add_pictures(self.exports, self.views.guest_only)
        self.panel_actions = make_panel_actions(
            self.window, self.views.panels, self.bring_up, self.views.map.map.canvas
        )
        self._menus.add_panels(self.panel_actions, self.views.guest_only)
        self._lesson_menu = LessonMenu(
            self._menus.menu("&Lessons"), self.actions, self.lessons, self._worker
        )
        self._guest_only = GuestOnly(
            [self.docks[panel.name] for panel in self.views.panels if panel.is_guest_only],
            self.views.map,
            self.views.transport,
            self._menus.guest_actions,
            self.docks["problems"],
        )

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
            ask_film=lambda: self.filming.ask(tuple(filter(self.has_view, self.pictured))),
            lessons=self.lessons,
            worker=self._worker,
            follow_bar=self.follow_bar,
            desk=self.desk,
            say=self._status.say,
            bring_up=self.bring_up,
            toggle_paint=self.toggle_paint,
            toggle_story=self.toggle_story,
            reset_layout=self.reset_layout,
            step_text_size=self.step_text_size,
            present=self.presenting.begin,
        )

    def _connect(self) -> None:
        """Let the window answer what its document, files and exports say."""
        self.bridge.changed.connect(self._show_document)
        self.bridge.message.connect(self._status.say)
        self.bridge.refused.connect(self._refuse)
        self.exports.done.connect(self._status.say)
        self.exports.refused.connect(self._refuse)
        self.filming.done.connect(self._status.say)
        self.filming.refused.connect(self._refuse)
        self.lessons.said.connect(self._status.say)
        self.files.told.connect(self._status.say)
        self.files.following.connect(self.follow_bar.start)
        self.follow_bar.told.connect(self._status.say)
        self.follow_bar.active_changed.connect(self.actions["stop_following"].setEnabled)
        self.window.files_dropped.connect(self._open_dropped)
        self.window.ask_before_closing(self.files.may_discard)
        self.window.closing.connect(self._close)
        self.window.closing.connect(self.desk.close)
        app = QApplication.instance()
        if isinstance(app, QApplication):
            app.styleHints().colorSchemeChanged.connect(self.apply_theme)

    def _connect_views(self) -> None:
        """Let views ask for what other views, or the window, can do."""
        views = self.views
        studied = {name: view for name, view in views.pictured.items() if name != LESSON_PANEL}
        front = PanelInFront(studied, self.docks, views.map.tabs, self.window)
        self.lessons.follow_window(front, self._worker.run, self.files.may_discard, self.bring_up)
        views.map.inspect_requested.connect(lambda: self.bring_up("inspector"))
        views.map.map.painting.changed.connect(self._show_painting)
        views.panel("problems").when_made(self._connect_problems)
        views.settings_bar.policy_chosen.connect(self._tell_policy)
        views.panel("solve").when_made(lambda it: it.paint_requested.connect(self.toggle_paint))
        views.story.close_requested.connect(self.toggle_story)
        views.story.examples_requested.connect(self.actions["open_example"].trigger)

    def _connect_problems(self, problems: ProblemsPanel) -> None:
        problems.register_requested.connect(self.views.registers.open_register)
        problems.solve_requested.connect(lambda: self.bring_up("solve"))

    def _open_dropped(self, paths: list[str]) -> None:
        self.files.open(*paths)

    def _refuse(self, text: str) -> None:
        dialogs.refused(self.window, text)

    def _close(self) -> None:
        self.presenting.end()
        self.lessons.leave()
        self._guest_only.bring_back()
        self._layout.unfold()
        self.follow_bar.stop()
        self.document.playback.pause()
        for two_maps in (False, True):
            shown = self.views.timeline.compared_zaps(two_maps=two_maps)
            self._settings.set_compared_zaps(shown, two_maps=two_maps)
        self._settings.lane_px = self.views.timeline.canvas.lane_px
        self.filming.stop()
        self.exports.stop()
        self.files.saving.stop()
        self._memory_return.stop()
        self.files.journal.close()
        self.files.foreign.stop()
        self.files.elsewhere.stop()
        if self.views.panel("sweep").is_made:
            self.views.sweep.stop()
        self._worker.wait()
        self.bridge.close()

    def finish_work(self) -> bool:
        """Wait for the work under way beside the window; return whether there was any."""
        is_saving = self.files.saving.is_under_way
        self.files.saving.finish()
        was_reading = self.files.reading.finish()
        return self._worker.finish() or is_saving or was_reading

    def _shown(self) -> WindowShown:
        """Return what this window shows now, so that one like it can be filmed."""
        document, timeline = self.document, self.views.timeline
        axis = timeline.canvas.axis
        return WindowShown(
            scenario=replace(document.scenario, view=document.view),
            runs=document.finished_runs,
            costs=document.costs,
            markers={name: document.marker(name) for name in ("A", "B")},
            looks=looks_now(self.bridge.theme, self._settings, timeline),
            layout=bytes(self.window.saveState().data()),
            map_view=self.views.map.map.canvas.view,
            span_ns=(round(axis.start_ns), round(axis.end_ns)),
            shows_story=self.is_story_shown,
        )

    @property
    def is_story_shown(self) -> bool:
        """Whether the story of the scenario is on screen."""
        return self._economy.is_story_shown

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
            QTimer.singleShot(0, self._layout.size_first)  # a shown window lays docks out first
        self.window.resized.connect(self._layout.follow_window)
        self.window.resized.connect(self._economy.apply)

    def reset_layout(self) -> None:
        """Put all docks back where they are the first time, at their first sizes."""
        self._guest_only.bring_back()
        self._layout.unfold()
        self._layout.arrange()
        self._show_kind()
        self._economy.apply()
        QTimer.singleShot(0, self._layout.size_first)

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
            self._status.clear()
            tells = self._settings.tells_story and self._has_news(document.scenario)
            tells = tells and self.lessons.lesson is None  # which tells what matters itself
            self._economy.tell_story(tells=tells)
            self.actions["toggle_story"].setChecked(tells)
        if changes - {Change.PLAYHEAD}:
            self._status.show_document(document)
        if Change.SELECTED_ITEM in changes:
            self._bring_up_selection()
        show_action_states(self.actions, document, changes)

    def _show_kind(self) -> None:
        self._guest_only.show_for(is_host=self.document.scenario.machine.is_host)
        word_actions(self.actions, self.bridge.terms)

    def _bring_up_selection(self) -> None:
        """Let the panel be seen that shows what the user asked to see."""
        selection = self.document.selection
        if selection is None:
            return
        if selection.msr is not None:
            self._bring_up_beside("registers")
        elif selection.event is not None:
            self._bring_up_beside("events")

    def _bring_up_beside(self, name: str) -> None:
        """Let a panel be seen, but not in the place of the step that somebody reads."""
        if not self.lessons.would_hide(name):
            self.bring_up(name)

    def bring_up(self, name: str) -> None:
        """Let the panel of this name be seen, in front of others."""
        dock = self.docks[name]
        if self._guest_only.may_show(dock):
            dock.show()
            dock.raise_()

    def _tell_policy(self) -> None:
        """Bring up the story of a policy chosen for the first time, unless its panel is closed."""
        if self.views.policies.has_news and not self.docks["policy"].isHidden():
            self._bring_up_beside("policy")
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
