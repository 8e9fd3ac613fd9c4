"""The strip that tells a scenario's story above the map: what it is about, and what goes on now."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QRect, QSize, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from mtrrviz.gui.common.plain_text import Label, plain_tip
from mtrrviz.gui.common.widgets import Heading
from mtrrviz.session.changes import Change
from mtrrviz.session.story import is_to_look_at, moment_words

if TYPE_CHECKING:
    from PySide6.QtGui import QResizeEvent

    from mtrrviz.gui.shell.bridge import Bridge

_CLOSE_PX = 20
_SIDE_PX = 12
_NARROWEST_PX = 400


class StoryStrip(QWidget):
    """Title and moment in one line, below them the description in as many as it needs.

    ``close_requested`` follows the button that closes it, ``examples_requested`` the one that is
    there while nothing of the user's own is open. The height depends on the width and the
    scenario only, so that nothing moves while time runs.
    """

    close_requested = Signal()
    examples_requested = Signal()

    def __init__(self, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._document = bridge.document
        self._words = ""
        self._title = Heading("")
        self._title.setTextFormat(Qt.TextFormat.PlainText)
        self.about = Label()
        self.about.setTextFormat(Qt.TextFormat.PlainText)
        self.about.setWordWrap(True)
        self.about.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.about.setAccessibleName("What the scenario is about")
        self.now = Label()
        self.now.setObjectName("story")
        self.now.setTextFormat(Qt.TextFormat.PlainText)
        self.now.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.now.setAccessibleName("What happens now")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.examples = self._examples_button()
        self._lay_out()
        bridge.changed.connect(self._document_changed)
        self._show_about()

    def _lay_out(self) -> None:
        top = QHBoxLayout()
        top.setSpacing(14)
        top.addWidget(self._title)
        top.addWidget(self.now, 1)
        top.addWidget(self.examples)
        top.addWidget(self._close_button())
        column = QVBoxLayout(self)
        column.setContentsMargins(_SIDE_PX, 0, 4, 0)
        column.setSpacing(0)
        column.addLayout(top)
        column.addWidget(self.about)

    def _examples_button(self) -> QToolButton:
        button = QToolButton(self)
        button.setObjectName("story_examples")
        button.setText("Examples\N{HORIZONTAL ELLIPSIS}")
        button.setToolTip("Choose another scenario to look at (Ctrl+Shift+O)")
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.clicked.connect(lambda _checked=False: self.examples_requested.emit())
        return button

    def _close_button(self) -> QToolButton:
        button = QToolButton(self)
        button.setText("\N{MULTIPLICATION SIGN}")
        button.setToolTip("Close the story (View > Story brings it back)")
        button.setAccessibleName("Close the story")
        button.setFixedSize(_CLOSE_PX, _CLOSE_PX)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.clicked.connect(lambda _checked=False: self.close_requested.emit())
        return button

    def _document_changed(self, changes: frozenset[Change]) -> None:
        if changes & {Change.OPENED, Change.SCENARIO}:
            self._show_about()
        elif Change.PLAYHEAD in changes:
            self._show_moment()

    def _show_about(self) -> None:
        scenario = self._document.scenario
        self._title.setText(scenario.title)
        self.about.setText(scenario.description)
        self.examples.setVisible(is_to_look_at(self._document.path, scenario))
        self._fit()
        self._show_moment()

    def _show_moment(self) -> None:
        """Show what goes on at the playhead; a label is laid out only for other words."""
        words = moment_words(self._document.scenario, self._document.playhead_ns)
        if words != self._words:
            self._words = words
            self._elide()

    def _elide(self) -> None:
        metrics, room = self.now.fontMetrics(), max(0, self.now.width() - 4)
        text = f"Now: {self._words}" if self._words else ""
        self.now.setText(metrics.elidedText(text, Qt.TextElideMode.ElideRight, room))
        self.now.setToolTip(plain_tip(self._words))
        self.now.setAccessibleDescription(self._words)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Take as many lines as the width asks for."""
        super().resizeEvent(event)
        self._fit()
        self._elide()

    def _fit(self) -> None:
        # not QLabel.heightForWidth, which leaves a line too much
        room = QRect(0, 0, max(_NARROWEST_PX, self.width()) - 2 * _SIDE_PX, 1 << 16)
        wrap, metrics = int(Qt.TextFlag.TextWordWrap), self.about.fontMetrics()
        height = metrics.boundingRect(room, wrap, self.about.text()).height()
        self.about.setFixedHeight(height + 1)

    def minimumSizeHint(self) -> QSize:
        """Allow any window: words wrap."""
        return QSize(_NARROWEST_PX, super().minimumSizeHint().height())
