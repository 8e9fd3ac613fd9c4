"""Unexpected errors end in one report, wherever they come from and however often."""

from __future__ import annotations

import sys
import threading
import weakref
from contextlib import suppress

import pytest
from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, Qt, QTimer
from PySide6.QtGui import QGuiApplication, QPainter
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QDialog,
    QListView,
    QMessageBox,
    QWidget,
)

from mtrrviz.gui.shell.start import error_report
from mtrrviz.session.changes import Change, Observable

pytestmark = pytest.mark.gui


@pytest.fixture
def reports(qapp, monkeypatch):
    assert qapp is not None
    for module, name in ((sys, "excepthook"), (sys, "unraisablehook"), (threading, "excepthook")):
        monkeypatch.setattr(module, name, getattr(module, name))
    made = error_report.install()
    yield made
    made.blockSignals(True)
    made._timer.stop()
    if made.dialog is not None:
        made.dialog.close()
    error_report._Hooks.reports = None
    error_report.qInstallMessageHandler(None)


def dialogs():
    return [
        w
        for w in QApplication.topLevelWidgets()
        if w.objectName() == "error_report" and w.isVisible()
    ]


def unthinkable():
    raise RuntimeError("the unthinkable")


class Painted(QWidget):
    def paintEvent(self, _event):
        unthinkable()


class Rows(QAbstractListModel):
    def rowCount(self, parent: QModelIndex | QPersistentModelIndex = QModelIndex()) -> int:  # noqa: B008
        del parent
        return 3

    def data(self, index, role=0):
        del index, role
        unthinkable()


def painted_again(widget, qtbot):
    """Let the event loop, and no Python, call for some paints."""
    for _ in range(5):
        (widget.viewport() if isinstance(widget, QListView) else widget).update()
        qtbot.wait(5)


def shown(reports, qtbot):
    qtbot.waitUntil(lambda: reports.dialog is not None)
    assert isinstance(reports.dialog, QMessageBox)
    return reports.dialog


def test_a_report_has_what_a_developer_needs_and_can_be_copied(reports, qtbot):
    QTimer.singleShot(0, unthinkable)
    box = shown(reports, qtbot)
    for words in ("the unthinkable", "PySide6", "test_error_reports.py"):
        assert words in box.detailedText()
    button = box.findChild(QAbstractButton, "copy_report")
    assert isinstance(button, QAbstractButton)
    button.click()
    assert "the unthinkable" in QGuiApplication.clipboard().text()


def test_the_window_can_be_used_while_it_is_shown(reports, qtbot):
    QTimer.singleShot(0, unthinkable)
    shown(reports, qtbot)
    assert QApplication.activeModalWidget() is None


@pytest.mark.parametrize("kind", [Painted, QListView])
def test_an_error_of_each_frame_is_one_dialog_that_stays_closed(reports, qtbot, kind):
    before = dialogs()
    widget = kind()
    qtbot.addWidget(widget)
    if isinstance(widget, QListView):
        widget.setModel(Rows(widget))
    with suppress(RuntimeError):  # Qt hands it on to who called from Python
        widget.show()
    painted_again(widget, qtbot)
    box = shown(reports, qtbot)
    painted_again(widget, qtbot)
    assert [dialog for dialog in dialogs() if dialog is not box] == before
    assert "times" in reports.text
    box.close()
    qtbot.waitUntil(lambda: reports.dialog is None)
    painted_again(widget, qtbot)
    qtbot.wait(2 * error_report._REFRESH_MS)
    assert reports.dialog is None


def test_what_came_just_before_the_dialog_was_closed_is_told(reports, qtbot):
    QTimer.singleShot(0, unthinkable)
    box = shown(reports, qtbot)
    QTimer.singleShot(0, lambda: 1 // 0)
    qtbot.waitUntil(lambda: "ZeroDivisionError" in reports.text)
    assert "ZeroDivisionError" not in box.detailedText()
    box.close()
    qtbot.waitUntil(lambda: reports.dialog not in {None, box})
    assert "ZeroDivisionError" in reports.dialog.detailedText()


def test_a_painter_is_let_go_with_the_error(reports, qtbot):
    painters = []

    class HalfPainted(QWidget):
        def paintEvent(self, _event):
            painter = QPainter(self)
            painters.append(weakref.ref(painter))
            unthinkable()

    widget = HalfPainted()
    qtbot.addWidget(widget)
    with suppress(RuntimeError):
        widget.show()
    painted_again(widget, qtbot)
    shown(reports, qtbot)
    assert painters
    assert [painter for painter in painters if painter() is not None] == []


def test_an_error_in_a_thread_is_told(reports, qtbot):
    thread = threading.Thread(target=unthinkable)
    thread.start()
    thread.join()
    assert "the unthinkable" in shown(reports, qtbot).detailedText()


def test_different_errors_share_the_dialog(reports, qtbot):
    before = dialogs()
    QTimer.singleShot(0, unthinkable)
    box = shown(reports, qtbot)
    QTimer.singleShot(0, lambda: next(iter(())))
    qtbot.waitUntil(lambda: "StopIteration" in box.detailedText())
    assert "the unthinkable" in box.detailedText()
    assert [dialog for dialog in dialogs() if dialog is not box] == before


def test_a_report_says_that_all_is_there_still_and_how_many_came(reports, qtbot):
    for _ in range(2):
        QTimer.singleShot(0, unthinkable)
    box = shown(reports, qtbot)
    assert "error" in box.text()
    assert "Your document is still open" in box.text()
    qtbot.waitUntil(lambda: "2 errors so far" in box.informativeText())
    assert "Save" in box.informativeText()
    assert reports.text.startswith("2 times: ")


def test_a_report_outlives_the_dialog_that_it_came_up_over(reports, qtbot):
    window = QWidget()
    qtbot.addWidget(window)
    window.show()
    dialog = QDialog(window)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.show()
    dialog.activateWindow()
    qtbot.waitUntil(lambda: QApplication.activeWindow() is dialog)
    QTimer.singleShot(0, unthinkable)
    first = shown(reports, qtbot)
    assert first.parent() is dialog
    dialog.close()
    qtbot.waitUntil(lambda: reports.dialog not in (None, first))
    QTimer.singleShot(0, lambda: next(iter(())))
    qtbot.waitUntil(lambda: "StopIteration" in shown(reports, qtbot).detailedText())
    assert "the unthinkable" in shown(reports, qtbot).detailedText()


def test_a_report_of_the_last_window_goes_with_it(reports, qtbot):
    window = QWidget()
    window.show()
    window.activateWindow()
    qtbot.waitUntil(lambda: QApplication.activeWindow() is window)
    others = [w for w in QApplication.topLevelWidgets() if w.isVisible() and w is not window]
    for other in others:
        other.hide()
    QTimer.singleShot(0, unthinkable)
    shown(reports, qtbot)
    window.deleteLater()
    qtbot.waitUntil(lambda: reports.dialog is None)
    qtbot.wait(20)
    assert reports.dialog is None


def test_an_observer_that_raises_leaves_the_others_told():
    told = []
    observed = Observable()
    observed.subscribe(lambda _changes: unthinkable())
    observed.subscribe(told.append)
    with pytest.raises(RuntimeError, match="the unthinkable"):
        observed.notify(Change.FILE)
    assert told == [frozenset({Change.FILE})]
