"""The chain of rules as a list to read and to walk: each step shows what it speaks of."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QRect, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFont, QFontMetrics, QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QMenu, QSizePolicy, QVBoxLayout, QWidget

from mtrrviz.facts.table_text import tab_separated
from mtrrviz.gui.common.plain_text import plain_tip
from mtrrviz.gui.common.tables.copying import COPY_WORDS, Copied, Copying
from mtrrviz.gui.registers.paint import bold_font, focus_ring
from mtrrviz.session.pointing import has_target, target_of

if TYPE_CHECKING:
    from PySide6.QtGui import QContextMenuEvent

    from mtrrviz.analysis.explaining.explanation import Step
    from mtrrviz.gui.shell.bridge import Bridge
    from mtrrviz.session.selection import Selection

_MARK, _ARROW, _PAD = 15, 12, 3
_LEADS_ON = "\N{SINGLE RIGHT-POINTING ANGLE QUOTATION MARK}"
#: Least height of a row: a comfortable target.
_LOWEST = 24
_WRAP = int(Qt.TextFlag.TextWordWrap | Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)
_STRONG = frozenset({"result"})
_MOVES = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1, Qt.Key.Key_Home: -999, Qt.Key.Key_End: 999}


class StepRow(QAbstractButton):
    """One step; pressing it shows the register field, range or event that it speaks of.

    ``moved`` asks for the keyboard to go so many steps on, ``event_wanted`` for the event, and
    ``cleared`` for nothing to be marked any more.
    """

    moved = Signal(int)
    event_wanted = Signal()
    cleared = Signal()

    def __init__(self, bridge: Bridge, step: Step, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self._heights: dict[int, int] = {}
        self.step = step
        policy = QSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self.setCheckable(True)
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.show_step(step)
        bridge.theme_changed.connect(self.update)

    def show_step(self, step: Step) -> None:
        """Show another step in this row."""
        self.step = step
        self._heights.clear()
        leads = has_target(step)
        self.setAccessibleName(f"{step.text}{' (decides)' if step.decides else ''}")
        tip = "Show what this speaks of (Enter); its event: Ctrl+Enter" if leads else ""
        self.setToolTip(plain_tip(tip))
        self.setAccessibleDescription(tip)
        shape = Qt.CursorShape.PointingHandCursor if leads else Qt.CursorShape.ArrowCursor
        self.setCursor(shape)
        self.updateGeometry()
        self.update()

    def _words_font(self) -> QFont:
        return bold_font(self) if self.step.decides else self.font()

    def _words_rect(self, width: int) -> QRect:
        return QRect(_MARK, 0, max(40, width - _MARK - _ARROW), 4000)

    def _words_height(self, width: int) -> int:
        metrics = QFontMetrics(self._words_font())
        return metrics.boundingRect(self._words_rect(width), _WRAP, self.step.text).height()

    def hasHeightForWidth(self) -> bool:
        """Tell the layout that words wrap."""
        return True

    def heightForWidth(self, width: int) -> int:
        """Return the height of the wrapped words; at least a comfortable target's."""
        if width not in self._heights:
            self._heights[width] = max(_LOWEST, self._words_height(width) + 2 * _PAD)
        return self._heights[width]

    def sizeHint(self) -> QSize:
        """Return a size for the usual width of the panel."""
        return QSize(240, self.heightForWidth(max(self.width(), 200)))

    def changeEvent(self, event: QEvent) -> None:
        """Forget the heights in another font or style."""
        self._heights.clear()
        super().changeEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint mark, words, the arrow of what leads somewhere, and the focus ring."""
        painter, theme, step = QPainter(self), self._bridge.theme, self.step
        leads = has_target(step)
        if self.isChecked() or (leads and self.underMouse()):
            painter.fillRect(self.rect(), QColor(theme.raised if self.isChecked() else theme.hover))
        if self.isChecked():
            painter.fillRect(0, 0, 2, self.height(), QColor(theme.accent))
        painter.setFont(self._words_font())
        mark, colour = ("▸", theme.accent) if step.decides else ("·", theme.dim)
        painter.setPen(QColor(colour))
        top = max(_PAD, (self.height() - self._words_height(self.width())) // 2)
        painter.drawText(QRect(4, top, _MARK, self.height()), _WRAP, mark)
        strong = step.decides or step.kind in _STRONG
        painter.setPen(QColor(theme.text if strong else theme.dim))
        painter.drawText(self._words_rect(self.width()).translated(0, top), _WRAP, step.text)
        if leads:
            painter.setPen(QColor(theme.faint))
            right = QRect(self.width() - _ARROW, top, _ARROW - 2, self.height())
            painter.drawText(right, int(Qt.AlignmentFlag.AlignRight), _LEADS_ON)
        if self.hasFocus():
            focus_ring(painter, self.rect(), theme)
        painter.end()
        event.accept()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Walk with arrows, Home and End; Return presses, with Ctrl goes to the event; Esc."""
        key = Qt.Key(event.key())
        if key in _MOVES:
            self.moved.emit(_MOVES[key])
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            with_ctrl = event.modifiers() & Qt.KeyboardModifier.ControlModifier
            (self.event_wanted.emit if with_ctrl else self.click)()
        elif key == Qt.Key.Key_Escape:
            self.cleared.emit()
        else:
            super().keyPressEvent(event)


class StepList(QWidget):
    """The steps from top to bottom, the one that decides marked; one Tab stop, arrows walk.

    ``step_chosen`` and ``event_chosen`` carry the step whose target or event is wanted; ``cleared``
    tells that nothing is to be marked, and ``walked`` carries the row the keyboard went to.
    """

    step_chosen = Signal(object)
    event_chosen = Signal(object)
    cleared = Signal()
    walked = Signal(object)

    def __init__(self, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self._steps: tuple[Step, ...] = ()
        self.rows: list[StepRow] = []
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)
        self.setAccessibleName("Why: the steps")
        self._copying = Copying(self, self._copied, has_menu=True)
        self._copying.done.connect(bridge.message)

    def show_steps(self, steps: tuple[Step, ...], selection: Selection | None) -> None:
        """Show these steps; those that speak of what is pointed at are marked."""
        if steps != self._steps:
            self._steps = steps
            while len(self.rows) < len(steps):
                self._add_row(steps[len(self.rows)])
            for number, row in enumerate(self.rows):
                row.setVisible(number < len(steps))
                if number < len(steps) and row.step != steps[number]:
                    row.show_step(steps[number])
            self._stop_at(self._current())
        for row in self.rows[: len(steps)]:
            row.setChecked(selection is not None and _speaks_of(row.step, selection))

    def _add_row(self, step: Step) -> None:
        row = StepRow(self._bridge, step, self)
        number = len(self.rows)
        row.clicked.connect(lambda: self._choose(number))
        row.moved.connect(partial(self._move, number))
        row.cleared.connect(self.cleared)
        row.event_wanted.connect(lambda: self.event_chosen.emit(self.rows[number].step))
        self.rows.append(row)
        self._column.addWidget(row)

    def _choose(self, number: int) -> None:
        """Ask for what a step speaks of; its row is marked once that is shown."""
        row = self.rows[number]
        row.setChecked(not row.isChecked())
        self._stop_at(number)
        if has_target(row.step):
            self.step_chosen.emit(row.step)

    def _move(self, number: int, by: int) -> None:
        after = min(max(0, number + by), len(self._steps) - 1)
        self._stop_at(after)
        self.rows[after].setFocus(Qt.FocusReason.TabFocusReason)
        self.walked.emit(self.rows[after])

    def _current(self) -> int:
        """Return the row that Tab goes to: the one it went to last, or the deciding one."""
        stops = (Qt.FocusPolicy.StrongFocus,)
        shown = range(len(self._steps))
        kept = [number for number in shown if self.rows[number].focusPolicy() in stops]
        deciding = [number for number in shown if self._steps[number].decides]
        return (kept or deciding or [0])[0]

    def _stop_at(self, number: int) -> None:
        """Make one row the Tab stop."""
        for place, row in enumerate(self.rows):
            here = place == number
            policy = Qt.FocusPolicy.StrongFocus if here else Qt.FocusPolicy.ClickFocus
            row.setFocusPolicy(policy)

    def _copied(self) -> Copied | None:
        if not self._steps:
            return None
        lines = [(step.kind, step.text, "decides" if step.decides else "") for step in self._steps]
        return Copied(tab_separated(("step", "what", ""), lines), "the chain of steps")

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Offer to show what a step speaks of, its event, and to copy the chain."""
        number = next((n for n, row in enumerate(self.rows) if row.underMouse()), None)
        self.make_menu(number).popup(event.globalPos())

    def menu_now(self) -> QMenu:
        """Return the context menu of the step that has the keyboard, or of the whole list."""
        return self.make_menu(next((n for n, row in enumerate(self.rows) if row.hasFocus()), None))

    def make_menu(self, number: int | None) -> QMenu:
        """Return the context menu of a row, or of the list as a whole."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        if number is not None and has_target(self.rows[number].step):
            step = self.rows[number].step
            menu.addAction("Show what it speaks of\tEnter", lambda: self.step_chosen.emit(step))
            words = "Go to the event that set it\tCtrl+Enter"
            menu.addAction(words, lambda: self.event_chosen.emit(step))
            menu.addSeparator()
        menu.addAction(COPY_WORDS, self._copying.copy)
        return menu


def _speaks_of(step: Step, selection: Selection) -> bool:
    if step.kind == "dma":
        return selection.msr is None and selection.event is not None
    target = target_of(step)
    same = (target.vcpu, target.msr, target.field, target.gfns)
    return has_target(step) and same == (
        selection.vcpu,
        selection.msr,
        selection.field,
        selection.gfns,
    )
