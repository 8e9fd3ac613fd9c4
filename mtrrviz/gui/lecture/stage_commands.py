"""What can be done on the stage and by which keys; menu and manual are made from this table."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QKeyCombination, Qt
from PySide6.QtGui import QKeySequence

from mtrrviz.core.record import Record

if TYPE_CHECKING:
    from PySide6.QtGui import QKeyEvent


class StageCommand(Record):
    """One command: its id, its words in the menu, and its keys, those of clickers among them.

    A separator goes before it where ``group`` differs from the command before.
    """

    id: str
    words: str
    keys: tuple[str, ...]
    group: str


STAGE_COMMANDS: tuple[StageCommand, ...] = (
    StageCommand("go_on", "Next moment", ("PgDown", "Right", "Space"), "go"),
    StageCommand("go_back", "Previous moment", ("PgUp", "Left"), "go"),
    StageCommand("toggle_play", "Play or pause", ("P",), "go"),
    StageCommand("blacken", "Black screen", ("B", "."), "screen"),
    StageCommand("whiten", "White screen", ("W", ","), "screen"),
    StageCommand("toggle_pen", "Draw with the mouse", ("D",), "pen"),
    StageCommand("next_colour", "Next colour of the pen", ("K",), "pen"),
    StageCommand("undo_stroke", "Take the last stroke away", ("U", "Ctrl+Z"), "pen"),
    StageCommand("clear_strokes", "Clear all strokes", ("C",), "pen"),
    StageCommand("toggle_ring", "Ring around the pointer", ("O",), "show"),
    StageCommand("larger", "Larger text", ("Ctrl++", "Ctrl+=", "Ctrl+Alt++", "Ctrl+Alt+="), "show"),
    StageCommand("smaller", "Smaller text", ("Ctrl+-", "Ctrl+Alt+-"), "show"),
    StageCommand("toggle_notes", "Speaker notes", ("N",), "notes"),
    StageCommand("reset_clock", "Reset the elapsed time", ("R",), "notes"),
    StageCommand("swap_screens", "Swap the two screens", ("S",), "notes"),
    StageCommand("show_menu", "Menu with all keys", ("M", "F1", "Menu", "Shift+F10"), "end"),
    StageCommand("leave", "End the lecture", ("Esc", "F11", "F5", "Shift+F5"), "end"),
)


def command_of(event: QKeyEvent) -> str | None:
    """Return the id of the command that a key stands for, or None; keypad keys are as others."""
    modifiers = event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
    pressed = QKeyCombination(modifiers, Qt.Key(event.key()))
    return _BY_KEY.get(QKeySequence(pressed).toString())


def keys_in_words(command: StageCommand) -> str:
    """Return the keys of a command as words: "PgDown, Right, Space"."""
    native = QKeySequence.SequenceFormat.NativeText
    return ", ".join(QKeySequence(key).toString(native) for key in command.keys)


#: The id of each command by its keys, each in Qt's portable words.
_BY_KEY = {
    QKeySequence(key).toString(): command.id for command in STAGE_COMMANDS for key in command.keys
}
