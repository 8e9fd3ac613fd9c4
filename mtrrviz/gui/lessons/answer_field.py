"""What a learner answers with: a line, a choice of types, or a list of statements."""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QAbstractButton,
    QButtonGroup,
    QCheckBox,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QRadioButton,
    QWidget,
)

from mtrrviz.core.memtype import MemoryType
from mtrrviz.gui.common.abstract_widget import AbstractWidget
from mtrrviz.gui.common.event_filters import KeysFirst
from mtrrviz.gui.common.plain_text import Label, menu_text
from mtrrviz.lessons.answers.answer_kind import LONGEST_ANSWER, AnswerKind, example
from mtrrviz.lessons.answers.questions import TypeQuestion
from mtrrviz.lessons.lesson import AnswerTask, ChooseTask

if TYPE_CHECKING:
    from PySide6.QtGui import QKeyEvent

    from mtrrviz.lessons.lesson import Task

_TYPES = ("UC", "WC", "WT", "WP", "WB")
_RETURN = (Qt.Key.Key_Return, Qt.Key.Key_Enter)


class AnswerField(AbstractWidget):
    """A field for an answer; ``entered`` follows Enter in it."""

    entered = Signal()

    @property
    @abstractmethod
    def answer(self) -> str:
        """What was answered, as text; "" for nothing yet."""


class LineField(AnswerField):
    """A line to type a number, an address, a size, a time or a word into."""

    def __init__(self, question: str, kind: AnswerKind, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.line = QLineEdit(self)
        self.line.setObjectName("lesson_answer")
        self.line.setAccessibleName(question)
        self.line.setMaxLength(LONGEST_ANSWER)
        self.line.setPlaceholderText(example(kind))
        self.line.returnPressed.connect(self.entered)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.line)
        self.setFocusProxy(self.line)

    @property
    def answer(self) -> str:
        """The text of the line."""
        return self.line.text().strip()


class ButtonField(AnswerField):
    """Buttons of which one or several are chosen; Enter on one of them checks the answer."""

    def _add(self, button: QAbstractButton, text: str, number: int) -> QAbstractButton:
        button.setObjectName(f"lesson_choice_{number}")
        button.setText(menu_text(text))
        button.setAccessibleName(text)
        KeysFirst(button, lambda key: key in _RETURN)
        return button

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Take Enter, which the buttons leave to what they stand in."""
        if event.key() in _RETURN:
            self.entered.emit()
        else:
            super().keyPressEvent(event)


class TypeField(ButtonField):
    """The memory types to choose from: one, or ``several`` where pages may have several."""

    def __init__(self, task: AnswerTask, *, several: bool, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(task.text)
        leaves = isinstance(task.question, TypeQuestion) and task.question.source == "leaf"
        kind = QCheckBox if several else QRadioButton
        names = (*_TYPES, *(("none",) if leaves else ()))
        self.boxes: dict[str, QAbstractButton] = {name: kind(self) for name in names}
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        for number, (name, box) in enumerate(self.boxes.items(), 1):
            row.addWidget(self._add(box, name, number))
            more = f", {MemoryType[name].long_name}" if name in _TYPES else ": no leaf"
            box.setAccessibleName(f"{name}{more}")
        row.addStretch(1)
        self.setFocusProxy(self.boxes["UC"])

    @property
    def answer(self) -> str:
        """The types that are chosen, with commas between them."""
        return ", ".join(name for name, box in self.boxes.items() if box.isChecked())


class ChoiceField(ButtonField):
    """Statements, one or several of which are right."""

    def __init__(self, task: ChooseTask, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(task.text)
        self._group = QButtonGroup(self)
        self._group.setExclusive(not task.several)
        self.is_several = task.several
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setColumnStretch(1, 1)
        self.buttons: list[QAbstractButton] = []
        for number, option in enumerate(task.options, 1):
            button = QCheckBox(self) if task.several else QRadioButton(self)
            self._add(button, option.text, number).setText("")
            self._group.addButton(button)
            self.buttons.append(button)
            grid.addWidget(button, number, 0, Qt.AlignmentFlag.AlignTop)
            grid.addWidget(self._words(option.text, button), number, 1)
        self.setFocusProxy(self.buttons[0])

    def _words(self, text: str, button: QAbstractButton) -> QLabel:
        """Return the words beside a button, which a click on them presses."""
        label = PressLabel(text, self)
        label.setWordWrap(True)
        label.pressed.connect(button.click)
        return label

    @property
    def answer(self) -> str:
        """The numbers of what is chosen, from 1."""
        chosen = (number for number, each in enumerate(self.buttons, 1) if each.isChecked())
        return ", ".join(map(str, chosen))


class PressLabel(Label):
    """Words that can be clicked as the button that they belong to."""

    pressed = Signal()

    def mousePressEvent(self, event: object) -> None:
        """Tell the click."""
        del event
        self.pressed.emit()


def field_for(
    task: Task | None, kind: AnswerKind | None, parent: QWidget, *, several: bool = False
) -> AnswerField | None:
    """Return the field for a task, whose answer is of a kind; None if nothing is to be answered.

    ``several`` is whether the answer may be several types.
    """
    if isinstance(task, ChooseTask):
        return ChoiceField(task, parent)
    if not isinstance(task, AnswerTask) or kind is None:
        return None
    if kind is AnswerKind.TYPE:
        return TypeField(task, several=several, parent=parent)
    return LineField(task.text, kind, parent)
