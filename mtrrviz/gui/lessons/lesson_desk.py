"""Lessons in a window: opening one, going through it, keeping how far one is, leaving it."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QFileDialog, QInputDialog, QMessageBox, QWidget

from mtrrviz.core.errors import MtrrvizError
from mtrrviz.gui.common.plain_text import message_box, warn
from mtrrviz.gui.lessons.outline import Outline, dock_of
from mtrrviz.lessons.lesson_library import lesson_paths
from mtrrviz.lessons.names_of_scenario import register_of
from mtrrviz.paths import resources_dir
from mtrrviz.scenario.files.whole_file import write_whole
from mtrrviz.session.lessons.progress_store import ProgressStore

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtWidgets import QMainWindow

    from mtrrviz.gui.lessons.lesson_panel import LessonPanel
    from mtrrviz.gui.lessons.panel_in_front import PanelInFront
    from mtrrviz.gui.shell.bridge import Bridge
    from mtrrviz.gui.shell.views import Views
    from mtrrviz.lessons.lesson import Lesson
    from mtrrviz.lessons.lesson_schema import ShowFile
    from mtrrviz.lessons.progress import LessonProgress
    from mtrrviz.scenario.model import Scenario
    from mtrrviz.session.lessons.document_situation import Look
    from mtrrviz.session.lessons.open_lesson import OpenLesson

PANEL = "lessons"
"""The name of the panel of lessons."""


class LessonDesk(QObject):
    """What the Lessons menu does; at most one lesson is open.

    ``changed`` tells that another one is, or none; ``said`` carries words for the status bar.
    ``folder`` is where progress is kept. ``make_room`` gives the panel a place beside the others,
    or takes it back.
    """

    changed = Signal()
    said = Signal(str)

    def __init__(
        self,
        window: QMainWindow,
        bridge: Bridge,
        views: Views,
        folder: Path,
        make_room: Callable[[bool], None],
    ) -> None:
        super().__init__(window)
        self.window = window
        self._bridge = bridge
        self._views = views
        self._make_room = make_room
        self._cannot_keep = False
        self._left: Scenario | None = None
        self._pointed: tuple[object, ...] = ()
        self.store = ProgressStore(folder)
        self._place = views.panel(PANEL)
        self._place.when_made(self._take_panel)

    def _take_panel(self, panel: LessonPanel) -> None:
        panel.course_requested.connect(self.show_course)
        panel.finished.connect(self.finish)

    @property
    def panel(self) -> LessonPanel:
        """The panel of lessons, made now if nothing needed it before."""
        return self._views.lessons

    @cached_property
    def outline(self) -> Outline:
        """The outline around what a step speaks of."""
        return Outline(self.window, self.panel, lambda: self._bridge.theme.accent)

    def follow_window(
        self,
        front: PanelInFront,
        run: Callable[..., None],
        may_discard: Callable[[], bool],
        bring_up: Callable[[str], None],
    ) -> None:
        """Take what lessons need of a window once all its parts are there."""
        self.front = front
        self.run = run
        self._may_discard = may_discard
        self._bring_up = bring_up
        front.changed.connect(self._look_again)
        self._views.registers.opened.connect(self._look_again)

    @property
    def lesson(self) -> OpenLesson | None:
        """The lesson that is open; there is none as long as nobody saw the panel."""
        return self.panel.lesson if self._place.is_made else None

    # Opening

    def open_named(self, name: str) -> None:
        """Open a lesson that comes with the program."""
        self.open(lesson_paths()[name])

    def open_tour(self) -> None:
        """Show what is where in the window, from the start."""
        self.open(_tour_path(), is_afresh=True)

    def ask_open(self) -> None:
        """Let the user choose a lesson's file, and open it."""
        title, kinds = "Open a lesson", "Lessons (*.md);;All files (*)"
        name, _ = QFileDialog.getOpenFileName(self.window, title, str(Path.home()), kinds)
        if name:
            self.open(Path(name))

    def open(self, path: Path, *, is_afresh: bool = False) -> None:
        """Open the lesson in a file where the learner left it, or with its first step.

        What is wrong with the file is told; then everything is as before.
        """
        from mtrrviz.lessons.reading.read_lesson import read_lesson  # noqa: PLC0415 - when asked for
        from mtrrviz.session.lessons.open_lesson import Classroom, OpenLesson  # noqa: PLC0415 - when asked for

        try:
            lesson = read_lesson(path)
        except MtrrvizError as error:
            warn(self.window, str(error), "The open lesson is as it was." if self.lesson else "")
            return
        progress, problem = self.store.load(lesson)
        if problem:
            warn(self.window, problem)
        progress = progress.restarted() if is_afresh else progress
        kept = self._left if self.lesson is None else self.lesson.kept_scenario
        room = Classroom(
            executor=self.run,
            keep=lambda kept: self._keep(lesson, kept),
            tell=self._tell,
            look=self.look,
            show_panel=self.show_panel,
            may_discard=lambda: self._bridge.document.scenario is kept or self._may_discard(),
        )
        opened = OpenLesson(lesson, self._bridge.document, progress, room)
        before = self.lesson
        self._views.map.tabs.setCurrentWidget(self._views.map.map)  # until a step says otherwise
        self.panel.show_lesson(opened)
        if not opened.begin():
            opened.leave()
            self.panel.show_lesson(before)
            return
        if before is not None:
            before.leave()
        self._make_room(True)
        self._bring_up(PANEL)
        self.panel.begin_step()
        self.changed.emit()

    def show_course(self, *, after: str = "") -> None:
        """Show the way through all lessons; ``after`` names one that was gone through just now."""
        from mtrrviz.gui.lessons.course_page import CoursePage  # noqa: PLC0415 - when asked for
        from mtrrviz.session.lessons.course import course, entry_after  # noqa: PLC0415 - when asked for

        entries = course(self.store)
        page = CoursePage(entries, entry_after(entries, after), self._bridge.theme, self.window)
        page.chosen.connect(self.open_named)
        page.open()

    # The lesson that is open

    def ask_restart(self) -> None:
        """Begin the lesson anew once the learner agrees that what was done is forgotten."""
        if self.lesson is None:
            return
        buttons = QMessageBox.StandardButton
        box = message_box(
            QMessageBox.Icon.Question,
            "Begin this lesson anew?",
            self.window,
            title="Restart",
            more="Your answers and what you did in it are forgotten.",
            buttons=buttons.Yes | buttons.Cancel,
        )
        if buttons(box.exec()) == buttons.Yes:
            self.restart()

    def restart(self) -> None:
        """Forget what was done in the lesson, and begin it anew."""
        if self.lesson is not None:
            self.lesson.restart()

    def finish(self) -> None:
        """Leave a lesson after its last step, and show what comes next."""
        lesson = self.lesson
        if lesson is None:
            return
        lesson.end()
        self.leave()
        if Path(lesson.lesson.file) in (*lesson_paths().values(), _tour_path()):
            self.show_course(after=lesson.lesson.name)

    def leave(self) -> None:
        """Leave the lesson; what is open stays, and so does how far one is."""
        if self.lesson is not None:
            self._left = self.lesson.kept_scenario
            self.lesson.leave()
            self.panel.show_lesson(None)
            self._pointed = ()
            self.outline.point_at(None)
            self._make_room(False)
            self.changed.emit()

    def save_result(self) -> None:
        """Ask for a name and a file, and save what was done for a teacher."""
        from mtrrviz.lessons.progress import progress_text  # noqa: PLC0415 - when asked for

        lesson = self.lesson
        if lesson is None:
            return
        ask = "Your name, as your teacher will see it:"
        before = lesson.progress.learner
        learner, is_given = QInputDialog.getText(self.window, "Save my result", ask, text=before)
        if not is_given:
            return
        lesson.name_learner(learner.strip()[:200])
        start = str(Path.home() / f"{lesson.lesson.name}-result.json")
        kinds = "Results of lessons (*.json)"
        name, _ = QFileDialog.getSaveFileName(self.window, "Save my result", start, kinds)
        if not name:
            return
        try:
            write_whole(Path(name), progress_text(lesson.progress).encode())
        except OSError as error:
            warn(self.window, f"{name}: {error.strerror or error}", "Nothing was saved.")
            return
        self.said.emit(f"Saved to {name}")

    def go_on(self) -> None:
        """Go on with the lesson that was left, or with the next one; then there is the course."""
        from mtrrviz.session.lessons.course import course, next_entry  # noqa: PLC0415 - when asked for

        entry = next_entry(course(self.store))
        if entry is None:
            self.show_course()
        else:
            self.open_named(entry.lesson.name)

    # What the lesson asks of the window

    def look(self) -> Look:
        """Return what of the window a task may ask for."""
        from mtrrviz.session.lessons.document_situation import Look  # noqa: PLC0415 - when asked for

        return Look(self.front.name, self._views.registers.open_register_id)

    def _look_again(self) -> None:
        if self.lesson is not None and self.panel.isVisible():
            self.lesson.look_again()

    def show_panel(self, name: str) -> None:
        """Bring a panel or a tab of the middle to the front."""
        view = self._views.pictured.get(name)
        tabs = self._views.map.tabs
        if view is not None and tabs.indexOf(view) >= 0:
            tabs.setCurrentWidget(view)
        elif name in {panel.name for panel in self._views.panels} and not self.would_hide(name):
            self._bring_up(name)
        self.front.turn_to(name)

    def would_hide(self, name: str) -> bool:
        """Whether a panel is a tab beside the open lesson, as in a small window."""
        view = self._views.pictured.get(name)
        dock = None if view is None else dock_of(view)
        return self.lesson is not None and dock is not None and self.outline.hides_reader(dock)

    def _tell(self, words: str) -> None:
        self.panel.show_step(words)
        lesson = self.lesson
        if lesson is not None and not lesson.is_opening:
            self._point(lesson)

    def _point(self, lesson: OpenLesson) -> None:
        """Outline what the step speaks of, once a step."""
        pointed = (lesson, lesson.index)
        if pointed != self._pointed:
            self._pointed = pointed
            self.outline.point_at(self.pointed_by(lesson.step.show))

    def pointed_by(self, show: ShowFile) -> QWidget | None:
        """Return what a step points at: a control, a register's row or a panel."""
        if show.point is not None:
            view = self._views.pictured.get(show.point)
            return self.window.findChild(QWidget, show.point) if view is None else view
        if show.register is not None:
            return self._views.registers.row_of(register_of(show.register))
        return self._views.pictured.get(show.panel or "")

    def _keep(self, lesson: Lesson, progress: LessonProgress) -> None:
        """Keep how far one is; if that fails it is told once."""
        try:
            self.store.keep(lesson, progress)
        except OSError as error:
            if not self._cannot_keep:
                self._cannot_keep = True
                words = f"Progress cannot be kept: {error.strerror or error}"
                self.said.emit(words)


def _tour_path() -> Path:
    return resources_dir() / "tour.md"
