"""Unexpected exceptions, wherever they come from: one dialog; the document stays open.

Paint events, model data and timers may raise the same error again with every frame. Each error is
told once, when the event loop is idle, in a dialog that leaves the window usable; repeats are
counted.
"""

from __future__ import annotations

import logging
import platform
import sys
import threading
import traceback
from typing import TYPE_CHECKING

import PySide6
from PySide6.QtCore import (
    QCoreApplication,
    QMessageLogContext,
    QObject,
    Qt,
    QTimer,
    QtMsgType,
    Signal,
    qInstallMessageHandler,
    qVersion,
)
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QMessageBox, QWidget

from mtrrviz import __version__
from mtrrviz.core.wording.words import plural
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
#: Reports of one dialog: what is kept of errors that are all different.
_MOST_KINDS = 20
#: Repeats are shown in steps, so that an error of each frame does not paint without end.
_REFRESH_MS = 500


class ErrorReports(QObject):
    """Collects exceptions of all threads and shows them in one dialog."""

    _came = Signal(str, str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._counts: dict[str, int] = {}
        self._texts: dict[str, str] = {}
        self._told = 0
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._show)
        self._came.connect(self._take, Qt.ConnectionType.QueuedConnection)
        self.dialog: QMessageBox | None = None

    def add(self, error: BaseException) -> None:
        """Log an exception and tell it soon; any thread may call this.

        Python keeps the last exception with all that its functions held. A painter among that
        would outlive what it paints on, which ends the process.
        """
        self._came.emit(_place_of(error), report_text(error))
        traceback.clear_frames(error.__traceback__)

    def _take(self, place: str, text: str) -> None:
        is_new = place not in self._counts
        self._counts[place] = self._counts.get(place, 0) + 1
        if is_new and len(self._texts) < _MOST_KINDS:
            self._texts[place] = text
            _LOG.critical("unexpected exception\n%s", text)
        is_shown = self.dialog is not None
        if (is_new or is_shown) and not self._timer.isActive():
            self._timer.start(_REFRESH_MS if is_shown else 0)

    @property
    def text(self) -> str:
        """All reports so far, each with how often it came."""
        return "\n".join(f"{_times(self._counts[p])}: {t}" for p, t in self._texts.items())

    def _show(self) -> None:
        """Show what was collected; a dialog that is there already only gets the new words."""
        if self.dialog is None:
            self.dialog = _make_dialog(QApplication.activeWindow())
            self.dialog.buttonClicked.connect(self._clicked)
            self.dialog.finished.connect(self._closed)
            self.dialog.destroyed.connect(self._gone)
            self.dialog.show()
        count = sum(self._counts.values())
        self.dialog.setInformativeText(
            f"{plural(count, 'error')} so far. Save under another name to be safe."
        )
        self.dialog.setDetailedText(self.text)
        self._told = len(self._texts)

    def _clicked(self, button: object) -> None:
        dialog = self.dialog
        if dialog is not None and dialog.buttonRole(button) is QMessageBox.ButtonRole.ActionRole:  # type: ignore[arg-type]
            QGuiApplication.clipboard().setText(self.text)

    def _closed(self) -> None:
        """Go on without the dialog; repeats of what it told do not bring it back."""
        self.dialog = None
        self._timer.stop()
        if len(self._texts) > self._told:
            self._timer.start(0)

    def _gone(self) -> None:
        """Show it again if it went, unread, with the window that it was of."""
        if self.dialog is not None:
            self.dialog = None
            if any(window.isVisible() for window in QApplication.topLevelWidgets()):
                self._timer.start(0)


class _Hooks:
    """What Python and Qt call for errors that nobody caught."""

    reports: ErrorReports | None = None


def install() -> ErrorReports:
    """Show exceptions that nobody caught in a dialog, and send Qt's messages to the log."""
    reports = ErrorReports(QCoreApplication.instance())
    _Hooks.reports = reports
    sys.excepthook = _unexpected
    threading.excepthook = _unexpected_in_thread
    sys.unraisablehook = _unraisable
    qInstallMessageHandler(_log_qt)
    return reports


def _log_qt(kind: QtMsgType, _context: QMessageLogContext, text: str) -> None:
    _LOG.log(_LEVELS.get(kind, logging.WARNING), "Qt: %s", text)


def _unexpected(
    kind: type[BaseException], error: BaseException, _trace: TracebackType | None
) -> None:
    """Tell an exception of the window's thread; an interrupt ends the program as usual."""
    if issubclass(kind, KeyboardInterrupt):
        QApplication.quit()
        return
    _tell(error)


def _unexpected_in_thread(args: threading.ExceptHookArgs) -> None:
    if args.exc_value is not None and not isinstance(args.exc_value, SystemExit):
        _tell(args.exc_value)


def _unraisable(args: sys.UnraisableHookArgs) -> None:
    """Tell an exception that Python could not pass on, as one of a callback of Qt."""
    if args.exc_value is not None:
        _tell(args.exc_value)


def _tell(error: BaseException) -> None:
    if _Hooks.reports is None or QCoreApplication.instance() is None:
        _LOG.critical("unexpected exception", exc_info=error)
    else:
        _Hooks.reports.add(error)


def _place_of(error: BaseException) -> str:
    """Return what errors of one cause have in common: the kind and the line that raised it."""
    frames = traceback.extract_tb(error.__traceback__)
    last = f"{frames[-1].filename}:{frames[-1].lineno}" if frames else str(error)
    return f"{type(error).__name__} {last}"


def _times(count: int) -> str:
    return "Once" if count == 1 else f"{count} times"


def report_text(error: BaseException) -> str:
    """Return what a developer needs to know about an exception."""
    lines = traceback.format_exception(error)
    return (
        f"mtrrviz {__version__}, Python {platform.python_version()}, "
        f"PySide6 {PySide6.__version__}, Qt {qVersion()}, {platform.platform()}\n\n{''.join(lines)}"
    )


def _make_dialog(parent: QWidget | None) -> QMessageBox:
    """Return a dialog that leaves the window usable, so that Save can be reached."""
    box = message_box(
        QMessageBox.Icon.Critical,
        "An error in mtrrviz itself. Your document is still open.",
        parent,
        title="mtrrviz: something went wrong",
        buttons=QMessageBox.StandardButton.Close,
    )
    box.setObjectName("error_report")
    box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    box.setModal(False)
    copy = box.addButton("Copy the report", QMessageBox.ButtonRole.ActionRole)
    copy.setObjectName("copy_report")
    return box
