"""The parts of a window that handlers of actions work with."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mtrrviz.core.record import Record

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtWidgets import QMainWindow

    from mtrrviz.gui.documents.open_save import Files
    from mtrrviz.gui.documents.trace_following import FollowBar
    from mtrrviz.gui.export.exports import Exports
    from mtrrviz.gui.help.help_desk import HelpDesk
    from mtrrviz.gui.lessons.lesson_desk import LessonDesk
    from mtrrviz.gui.shell.bridge import Bridge
    from mtrrviz.gui.shell.views import Views
    from mtrrviz.gui.shell.worker import Worker
    from mtrrviz.session.document import Document


class Parts(Record):
    """What there is in a window, and what the window as a whole can do.

    ``say`` shows words in the status bar; ``bring_up`` brings the panel of a name to the front;
    ``ask_film`` asks what to film.
    """

    window: QMainWindow
    bridge: Bridge
    views: Views
    files: Files
    exports: Exports
    ask_film: Callable[[], None]
    lessons: LessonDesk
    worker: Worker
    follow_bar: FollowBar
    desk: HelpDesk
    say: Callable[[str], None]
    bring_up: Callable[[str], None]
    toggle_paint: Callable[[], None]
    toggle_story: Callable[[], None]
    reset_layout: Callable[[], None]
    step_text_size: Callable[[int], None]
    present: Callable[[], None]

    @property
    def document(self) -> Document:
        """The open document."""
        return self.bridge.document
