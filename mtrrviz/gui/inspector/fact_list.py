"""Facts as two columns of labels."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, Qt
from PySide6.QtWidgets import QGridLayout, QLabel, QSizePolicy, QWidget

from mtrrviz.facts.table_text import tab_separated
from mtrrviz.gui.common.plain_text import Label, plain_tip
from mtrrviz.gui.common.tables.copying import Copied, Copying
from mtrrviz.gui.common.widgets import mono_font

if TYPE_CHECKING:
    from PySide6.QtGui import QContextMenuEvent

    from mtrrviz.analysis.explaining.page_facts import Fact
    from mtrrviz.gui.shell.bridge import Bridge

_HEX = frozenset({"Address", "Entry", "Maps", "Host frame"})
_SELECTABLE = (
    Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
)


class SettledLabel(Label):
    """A label that remembers how high it is at a width.

    A layout asks several times in a row, and each answer lays a whole text document out.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent=parent)
        self._heights: dict[int, int] = {}

    def heightForWidth(self, width: int) -> int:
        """Return the height of the present words at a width."""
        if width not in self._heights:
            self._heights[width] = super().heightForWidth(width)
        return self._heights[width]

    def say(self, words: str) -> None:
        """Show other words."""
        if words != self.text():
            self._heights.clear()
            self.setText(words)

    def changeEvent(self, event: QEvent) -> None:
        """Forget the heights in another font or style."""
        self._heights.clear()
        super().changeEvent(event)


class FactList(QWidget):
    """Label and value side by side; lines are made once and used again."""

    def __init__(self, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(10)
        self._grid.setVerticalSpacing(3)
        self._grid.setColumnStretch(1, 1)
        self._lines: list[tuple[QLabel, SettledLabel]] = []
        self._facts: list[Fact | None] = []
        self.copying = Copying(self, self._copied, has_menu=True)
        self.copying.done.connect(bridge.message)

    def show_facts(self, facts: tuple[Fact, ...]) -> None:
        """Show these facts."""
        while len(self._lines) < len(facts):
            self._add_line()
        for number, (label, value) in enumerate(self._lines):
            is_used = number < len(facts)
            label.setVisible(is_used)
            value.setVisible(is_used)
            if is_used and self._facts[number] != facts[number]:
                self._facts[number] = facts[number]
                self._show(label, value, facts[number])

    def _show(self, label: QLabel, value: SettledLabel, fact: Fact) -> None:
        label.setText(fact.label)
        value.say(fact.value)
        value.setAccessibleName(f"{fact.label}: {fact.value}")
        if value.toolTip() != fact.tip:
            label.setToolTip(plain_tip(fact.tip))
            value.setToolTip(plain_tip(fact.tip))
        name = "warning" if fact.is_warning else ""
        if value.objectName() != name:
            value.setObjectName(name)
            value.style().unpolish(value)
            value.style().polish(value)
        font = mono_font(self) if fact.label in _HEX else self.font()
        if font != value.font():
            value.setFont(font)

    def _add_line(self) -> None:
        label, value = Label("", self), SettledLabel(self)
        label.setObjectName("dim")
        label.setAlignment(Qt.AlignmentFlag.AlignTop)
        value.setWordWrap(True)
        value.setTextInteractionFlags(_SELECTABLE)
        value.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        value.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Minimum)
        row = len(self._lines)
        self._grid.addWidget(label, row, 0)
        self._grid.addWidget(value, row, 1)
        self._lines.append((label, value))
        self._facts.append(None)

    def _copied(self) -> Copied | None:
        return Copied(tab_separated(("fact", "value"), self.words.items()), "the facts")

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Offer to copy all facts."""
        self.copying.menu().popup(event.globalPos())

    @property
    def words(self) -> dict[str, str]:
        """The values shown, by label."""
        return {
            label.text(): value.text() for label, value in self._lines if label.isVisibleTo(self)
        }
