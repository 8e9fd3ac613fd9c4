"""All that a scenario tells, in one dialog: its head, how it opens, its notes and its phases."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QLineEdit,
    QPlainTextEdit,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from mtrrviz.core.errors import MtrrvizError
from mtrrviz.core.wording.words import sentence
from mtrrviz.facts.time_text import exact_text, parse_time_ns
from mtrrviz.gui.common.layout.dialog_size import open_as_large_as
from mtrrviz.gui.common.plain_text import Label
from mtrrviz.gui.common.widgets import Dim, ok_and_cancel
from mtrrviz.gui.story.told_tables import NoteTable, PhaseTable
from mtrrviz.scenario.view import ANY_VIEW
from mtrrviz.session.edits import Telling, check_telling, retell, telling_of
from mtrrviz.session.story import opening_words

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mtrrviz.gui.shell.bridge import Bridge


class ScenarioDialog(QDialog):
    """Edits what the open scenario tells. OK makes one edit."""

    def __init__(self, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle("Scenario")
        self._bridge = bridge
        self._scenario = bridge.document.scenario
        self._views = {
            "Keep": self._scenario.view,
            "Save the view shown now": bridge.document.view,
            "None: open at the start": ANY_VIEW,
        }
        self._before = telling_of(self._scenario)
        self._make_fields()
        self.problem = Label()
        self.problem.setObjectName("error")
        self.problem.setWordWrap(True)
        self.buttons = ok_and_cancel(self)
        self._show(self._before)
        self._lay_out()
        self._connect()
        open_as_large_as(self, 100, 34)

    def _make_fields(self) -> None:
        self.title = QLineEdit(self)
        self.title.setObjectName("title")
        self.description = QPlainTextEdit(self)
        self.description.setObjectName("description")
        self.description.setTabChangesFocus(True)
        self.description.setFixedHeight(5 * self.fontMetrics().height())
        self.tags = QLineEdit(self)
        self.tags.setObjectName("tags")
        self.tags.setToolTip("Words to find the scenario by, separated by commas")
        self.length = QLineEdit(self)
        self.length.setObjectName("length")
        self.length.setToolTip("When the scenario ends: 1 s, 850 ms")
        self.length.setEnabled(self._scenario.recording is None)
        self.view = QComboBox(self)
        self.view.setObjectName("opening_view")
        self.view.addItems(list(self._views))
        self.view_words = Dim("", self)
        self.view_words.setWordWrap(True)
        self.notes, self.phases = NoteTable(self), PhaseTable(self)
        for table in (self.notes, self.phases):
            table.new_ns = self._bridge.document.playhead_ns

    def _show(self, telling: Telling) -> None:
        self.title.setText(telling.title)
        self.description.setPlainText(telling.description)
        self.tags.setText(_tag_text(telling.tags))
        self.length.setText(exact_text(telling.duration_ns))
        self.notes.show_notes(telling.notes)
        self.phases.show_phases(telling.phases)
        self._view_chosen()

    def _lay_out(self) -> None:
        form = QFormLayout()
        form.addRow("&Title", self.title)
        form.addRow("&Description", self.description)
        form.addRow("Ta&gs", self.tags)
        form.addRow("&Length", self.length)
        form.addRow("&Opening view", self.view)
        form.addRow("", self.view_words)
        self.tabs = QTabWidget(self)
        self.tabs.setAccessibleName("Parts of the scenario")
        self.tabs.setObjectName("told_tabs")
        self.tabs.addTab(self.notes, "&Notes")
        self.tabs.addTab(self.phases, "&Phases")
        column = QVBoxLayout(self)
        column.addLayout(form)
        column.addWidget(self.tabs, 1)
        column.addWidget(self.problem)
        column.addWidget(self.buttons)

    def _connect(self) -> None:
        for field in (self.title, self.length):
            field.textChanged.connect(self._judge)
        self.view.currentIndexChanged.connect(self._view_chosen)
        self.notes.edited.connect(self._judge)
        self.phases.edited.connect(self._judge)

    def _view_chosen(self) -> None:
        view = self._views[self.view.currentText()]
        self.view_words.setText(opening_words(view, self._scenario.machine))

    def telling(self) -> Telling:
        """Return what the scenario is to tell, as typed; MtrrvizError says what is wrong."""
        return Telling(
            self.title.text(),
            self._description(),
            self._tags(),
            self._duration_ns(),
            self._views[self.view.currentText()],
            self.notes.notes(),
            # In order of time, so that the order of rows alone is no change.
            tuple(sorted(self.phases.phases(), key=lambda phase: phase.start_ns)),
        )

    def _description(self) -> str:
        """Return the description; the field may spell the ends of lines otherwise than a file."""
        is_typed = self.description.document().isModified()
        return self.description.toPlainText() if is_typed else self._before.description

    def _tags(self) -> tuple[str, ...]:
        """Return the tags as typed; those that were not touched may hold commas themselves."""
        if self.tags.text() == _tag_text(self._before.tags):
            return self._before.tags
        return tuple(tag.strip() for tag in self.tags.text().split(",") if tag.strip())

    def _duration_ns(self) -> int:
        """Return the length as typed; MtrrvizError if it is no time."""
        if self.length.text() == exact_text(self._before.duration_ns):
            return self._before.duration_ns
        return parse_time_ns(self.length.text(), takes_distance=False)

    def _judge(self) -> None:
        """Say what is wrong with what was typed."""
        try:
            check_telling(self._scenario, self.telling())
        except MtrrvizError as error:
            self.problem.setText(sentence(str(error)))
        else:
            self.problem.clear()
        ok = self.buttons.button(QDialogButtonBox.StandardButton.Ok)
        ok.setEnabled(not self.problem.text())

    def accept(self) -> None:
        """Make the edit, if anything is different and the scenario is still the one shown."""
        scenario, telling = self._scenario, self.telling()
        if self._bridge.document.scenario is not scenario:
            self._bridge.refused.emit("The scenario has changed meanwhile; nothing was written")
        elif telling != self._before:
            self._bridge.edit(lambda: retell(scenario, telling))
        super().accept()


def _tag_text(tags: Iterable[str]) -> str:
    return ", ".join(tags)
