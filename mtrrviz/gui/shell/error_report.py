"""An unexpected exception: a dialog with a report to copy; the document stays open."""

from __future__ import annotations

import logging
import platform
import sys
import traceback
from typing import TYPE_CHECKING

import PySide6
from PySide6.QtCore import QMessageLogContext, QtMsgType, qInstallMessageHandler, qVersion
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QMessageBox, QWidget

from mtrrviz import __version__
from mtrrviz.gui.common.plain_text import message_box

if TYPE_CHECKING:
    from types import TracebackType

_LOG = logging.getLogger("mtrrviz")
_LEVELS = {
    QtMsgType.QtDebugMsg: logging.DEBUG,
    QtMsgType.QtInfoMsg: logging.INFO,
    QtMsgType.QtWarningMsg: logging.WARNING,
    QtMsgType.QtCriticalMsg: logging.ERROR,
    QtMsgType.QtFatalMsg: logging.CRITICAL,
}


def install() -> None:
    """Show exceptions that nobody caught in a dialog, and send Qt's messages to the log."""
    sys.excepthook = _unexpected
    qInstallMessageHandler(_log_qt)


def _log_qt(kind: QtMsgType, _context: QMessageLogContext, text: str) -> None:
    _LOG.log(_LEVELS.get(kind, logging.WARNING), "Qt: %s", text)


def _unexpected(
    kind: type[BaseException], error: BaseException, trace: TracebackType | None
) -> None:
    """Log and show an exception; an interrupt ends the program as usual."""
    if issubclass(kind, KeyboardInterrupt):
        QApplication.quit()
        return
    _LOG.critical("unexpected exception", exc_info=(kind, error, trace))
    if QApplication.instance() is not None:
        show_report(report_text(error), QApplication.activeWindow())


def report_text(error: BaseException) -> str:
    """Return what a developer needs to know about an exception."""
    lines = traceback.format_exception(error)
    return (
        f"mtrrviz {__version__}, Python {platform.python_version()}, "
        f"PySide6 {PySide6.__version__}, Qt {qVersion()}, {platform.platform()}\n\n{''.join(lines)}"
    )


def show_report(text: str, parent: QWidget | None) -> None:
    """Show a report with a button that copies it."""
    box = message_box(
        QMessageBox.Icon.Critical,
        "An error in mtrrviz itself. Your document is still open; save it to be safe.",
        parent,
        title="mtrrviz: something went wrong",
        buttons=QMessageBox.StandardButton.Close,
    )
    box.setDetailedText(text)
    copy = box.addButton("Copy the report", QMessageBox.ButtonRole.ActionRole)
    box.exec()
    if box.clickedButton() is copy:
        QGuiApplication.clipboard().setText(text)
