"""Text shown as it is: what a file says is never taken for markup.

Qt's labels, message boxes and tooltips guess whether a text is HTML, and what they take for HTML
may load files. All text that is not written in this program goes through here.

The class ``Qt`` takes 15 ms to make, which the first paint does not wait for: it is looked up only
where it is needed.
"""

from __future__ import annotations

from html import escape

from PySide6 import QtGui
from PySide6.QtWidgets import QLabel, QMessageBox, QWidget


class Label(QLabel):
    """A label that shows its text as it is."""

    def __init__(self, text: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setTextFormat(QtGui.Qt.TextFormat.PlainText)
        self.setText(text)


class OwnWords(QLabel):
    """A label with words of this program, so that no format need be set: the first one painted."""

    def __init__(self, words: str) -> None:
        """Show the words; ValueError for what Qt could take for markup."""
        if "<" in words or "&" in words:
            raise ValueError(words)
        super().__init__(words)


def plain_tip(text: str) -> str:
    """Return ``text`` so that a tooltip shows it as it is.

    A tooltip has no text format to set: what Qt would take for HTML becomes HTML that shows it.
    """
    if not QtGui.Qt.mightBeRichText(text):
        return text
    return f'<div style="white-space: pre-wrap">{escape(text)}</div>'


def menu_text(text: str) -> str:
    """Return ``text`` so that a menu, a button or a tab shows its ampersands and tabs as such."""
    return text.replace("&", "&&").replace("\t", " ")


def window_title(text: str) -> str:
    """Return ``text`` so that a title bar shows it as it is; "[*]" stands for "modified" there."""
    return text.replace("[*]", "[*][*]")


def shown_title(title: str) -> str:
    """Return what a title bar shows of the title of a window without changes."""
    return "[*]".join(part.replace("[*]", "") for part in title.split("[*][*]"))


def message_box(
    icon: QMessageBox.Icon,
    text: str,
    parent: QWidget | None,
    *,
    title: str = "mtrrviz",
    more: str = "",
    buttons: QMessageBox.StandardButton = QMessageBox.StandardButton.Ok,
) -> QMessageBox:
    """Return a box that says ``text`` and, smaller, ``more``; ``exec`` shows it."""
    box = QMessageBox(icon, title, "", buttons, parent)
    box.setTextFormat(QtGui.Qt.TextFormat.PlainText)
    box.setText(text)
    box.setInformativeText(plain_tip(more))
    return box


def warn(parent: QWidget | None, text: str, more: str = "") -> None:
    """Say what is wrong until it is read."""
    message_box(QMessageBox.Icon.Warning, text, parent, more=more).exec()
