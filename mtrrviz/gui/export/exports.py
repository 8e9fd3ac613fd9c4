"""Taking things away: pictures of views, and tables, traces and reports of the runs shown."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QEventLoop, QObject, Qt, Signal
from PySide6.QtWidgets import (
    QApplication,
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QDockWidget,
    QFileDialog,
    QFormLayout,
    QListWidget,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from mtrrviz.analysis.comparing.compare import same_story
from mtrrviz.core.errors import MtrrvizError
from mtrrviz.gui.common.layout.dialog_size import open_as_large_as
from mtrrviz.gui.common.layout.panel import view_at
from mtrrviz.gui.common.plain_text import Label
from mtrrviz.gui.documents.chosen_file import chosen_file
from mtrrviz.gui.documents.file_progress import Reading
from mtrrviz.gui.export.pictures import PICTURE_SUFFIXES, copy_picture, save_picture

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from mtrrviz.exporters.kinds import ExportKind
    from mtrrviz.gui.shell.worker import Worker
    from mtrrviz.importers.reading import FileProgress
    from mtrrviz.session.document import Document
    from mtrrviz.sim.run import State

_PICTURES = "PNG pictures (*.png);;SVG pictures (*.svg)"


def bring_up(view: QWidget) -> bool:
    """Bring a view to the front, out from behind other tabs; return whether it was covered."""
    was_covered = not view.isVisible()
    holder = view.parentWidget()
    while holder is not None:
        if isinstance(holder, QDockWidget):
            holder.show()
            holder.raise_()
        elif isinstance(holder, QTabWidget):
            holder.setCurrentWidget(view)
        holder = holder.parentWidget()
    return was_covered


class ExportDialog(QDialog):
    """Asks what is to be exported, under which policies and in which format.

    A real machine has no policies, and less to export.
    """

    def __init__(
        self, policies: tuple[str, str], parent: QWidget | None = None, *, is_host: bool = False
    ) -> None:
        from mtrrviz.exporters.kinds import KINDS  # noqa: PLC0415 - when asked for

        super().__init__(parent)
        self.setWindowTitle("Export")
        self.kinds = QListWidget(self)
        self.kinds.setAccessibleName("What to export")
        self._is_host = is_host
        self._kinds = [kind for kind in KINDS.values() if kind.host_words or not is_host]
        words = [kind.host_words if is_host else kind.words for kind in self._kinds]
        names = [kind.name for kind in self._kinds]
        self.kinds.addItems([": ".join(pair) for pair in zip(names, words, strict=True)])
        self.policies = QComboBox(self)
        self.formats = QComboBox(self)
        self._names = policies
        self._lay_out()
        self.kinds.currentRowChanged.connect(self._show_choices)
        self.kinds.itemDoubleClicked.connect(self.accept)
        self.kinds.setCurrentRow(len(self._kinds) - 1)

    def _lay_out(self) -> None:
        buttons = QDialogButtonBox(self)
        buttons.addButton("&Export...", QDialogButtonBox.ButtonRole.AcceptRole)
        buttons.addButton(QDialogButtonBox.StandardButton.Cancel)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        title = Label("&What to export", self)
        title.setBuddy(self.kinds)
        form = QFormLayout()
        form.addRow("&Policy", self.policies)
        form.addRow("&Format", self.formats)
        form.setRowVisible(self.policies, not self._is_host)
        column = QVBoxLayout(self)
        for part in (title, self.kinds):
            column.addWidget(part)
        column.addLayout(form)
        column.addWidget(buttons)
        open_as_large_as(self, 72, 24)

    @property
    def kind(self) -> ExportKind:
        """What is chosen."""
        return self._kinds[self.kinds.currentRow()]

    @property
    def chosen_policies(self) -> int:
        """How many policies are chosen: the one in use, or that and the compared one."""
        return int(self.policies.currentData())

    def _show_choices(self) -> None:
        """Offer the numbers of policies and the formats that the chosen kind has."""
        kind = self.kind
        self.policies.clear()
        most = 1 if self._is_host else kind.most
        for number in range(kind.least, most + 1):
            self.policies.addItem(" and ".join(self._names[:number]), number)
        self.formats.clear()
        self.formats.addItems([form.upper() for form in kind.formats])


class Exports(QObject):
    """What the File menu exports. ``done`` carries words on what was written.

    ``worker`` is a thread of its own, so that simulations do not wait for a long export; ``views``
    are what there can be pictures of, by name; ``writing`` is the export under way.
    """

    done = Signal(str)
    refused = Signal(str)

    def __init__(
        self,
        document: Document,
        worker: Worker,
        views: Mapping[str, QWidget],
        window: QWidget,
    ) -> None:
        super().__init__(window)
        self._document = document
        self._worker = worker
        self._views = views
        self._window = window
        self.writing: Reading | None = None

    @property
    def views(self) -> tuple[str, ...]:
        """The names of the views that there can be pictures of."""
        return tuple(self._views)

    @property
    def view_in_hand(self) -> str:
        """The view that has the keyboard; the window as a whole if none has."""
        focused = self._window.focusWidget()
        if not focused:
            return "window"
        holders = (
            name
            for name, view in self._views.items()
            if view is not self._window and (view is focused or view.isAncestorOf(focused))
        )
        return next(holders, "window")

    def copy_picture(self, view: str) -> None:
        """Put a picture of a view on the clipboard."""
        try:
            copy_picture(self._bring_up(view))
        except MtrrvizError as error:
            self.refused.emit(str(error))
        else:
            self.done.emit(f"Copied: a picture of the {view}")

    def _bring_up(self, view: str) -> QWidget:
        """Return a view, brought to the front if it is a panel that another one covers."""
        widget = self._views[view]
        if bring_up(widget):
            # A covered view catches up, and gets its size, with the events that this posts.
            QApplication.processEvents(QEventLoop.ProcessEventsFlag.ExcludeUserInputEvents)
        return view_at(widget)

    def ask_picture(self, view: str = "window") -> None:
        """Let the user choose a file for a picture of a view and write it."""
        start = self._start(f".{view}.png" if view != "window" else ".png")
        name, chosen = QFileDialog.getSaveFileName(
            self._window, f"Save a picture of the {view}", start, _PICTURES
        )
        suffix = ".svg" if "svg" in chosen else ".png"
        path = chosen_file(name, suffix, self.refused.emit, PICTURE_SUFFIXES)
        if path is not None:
            self.save_picture(view, path)

    def save_picture(self, view: str, path: Path) -> None:
        """Write a picture of a view, or say why not."""
        try:
            save_picture(self._bring_up(view), path)
        except (MtrrvizError, OSError) as error:
            self.refused.emit(str(error))
        else:
            self.done.emit(f"Picture saved: {path}")

    def ask_export(self) -> None:
        """Ask what to export and where to, and write it beside the window's work."""
        if self._document.state is None:
            self.refused.emit("There is nothing to export yet: the first run is being simulated.")
            return
        names = (self._document.policy, self._document.compared_policy)
        is_host = self._document.scenario.machine.is_host
        dialog = ExportDialog(names, self._window, is_host=is_host)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.accepted.connect(lambda: self._ask_file(dialog))
        dialog.open()

    def _ask_file(self, dialog: ExportDialog) -> None:
        kind, form = dialog.kind, dialog.formats.currentText().lower()
        number = dialog.chosen_policies
        name, _ = QFileDialog.getSaveFileName(
            self._window,
            f"Export {kind.name}",
            self._start(f".{kind.name}.{form}"),
            f"{form.upper()} (*.{form})",
        )
        path = chosen_file(name, f".{form}", self.refused.emit)
        if path is not None:
            self.export(kind.name, form, number, path)

    def export(self, kind: str, form: str, policies: int, path: Path) -> None:
        """Write an export of the first one or both policies at the playhead, in the background."""
        from mtrrviz.exporters.output import watched, write_parts  # noqa: PLC0415 - when asked for
        from mtrrviz.session.exchange.exporting import expected_parts, export_parts  # noqa: PLC0415 - when asked for

        try:
            states = self._states(policies)
        except MtrrvizError as error:
            self.refused.emit(str(error))
            return
        vcpu = self._document.vcpu
        total = expected_parts(kind, states)

        def write(tell: FileProgress, is_stopped: Callable[[], bool]) -> None:
            parts = export_parts(kind, form, states, vcpu)
            told = watched(parts, lambda number: tell(path.name, number, total), is_stopped)
            write_parts(told, str(path))

        self.writing = Reading(self._window, "Exporting", is_undone_by_cancel=False)
        self.writing.start(
            self._worker, write, lambda _result: self._end(f"Exported: {path}"), self._tell
        )

    def _end(self, words: str) -> None:
        self.writing = None
        self.done.emit(words)

    def stop(self) -> None:
        """Stop an export that is being written and wait for that, before the window goes."""
        if self.writing is not None:
            self.writing.stop()
        self._worker.wait()

    def _states(self, policies: int) -> list[State]:
        """Return states of the thread's own, since a state works its parts out when asked."""
        runs = [self._document.run, self._document.compared_run][:policies]
        time_ns = self._document.playhead_ns
        found = [run.at(time_ns) for run in runs if run is not None]
        stories = [state.run.scenario for state in found]
        if len(found) < policies or not same_story(stories[0], stories[-1]):
            raise MtrrvizError("The runs are still being simulated; try again in a moment.")
        return found

    def _tell(self, error: Exception) -> None:
        from mtrrviz.exporters.output import Stopped  # noqa: PLC0415 - when asked for

        self.writing = None
        if isinstance(error, Stopped):
            self.done.emit(str(error))
            return
        if not isinstance(error, MtrrvizError | OSError):
            raise error
        self.refused.emit(str(error))

    def _start(self, ending: str) -> str:
        """Return a name to begin with, beside the document."""
        path = self._document.path
        folder = path.parent if path is not None else Path.home()
        return str(folder / f"{self._document.scenario.name}{ending}")
