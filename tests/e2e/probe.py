"""The program under test with an ear: tells where widgets are and what they show.

Runs the real start-up and event loop; requests come as lines on standard input, answers go as
JSON lines to standard output. It can look but not act: all acting is done by X events.
"""

from __future__ import annotations

import json
import sys
from typing import Any

from PySide6.QtCore import QObject, QPoint, QSocketNotifier
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QLabel,
    QLineEdit,
    QWidget,
)

from mtrrviz.gui.shell.start import error_report
from mtrrviz.gui.shell.start.startup import Startup


class Probe(QObject):
    """Answers requests about the widgets on the screen."""

    def __init__(self, startup: Startup) -> None:
        super().__init__()
        self._startup = startup
        self._notifier = QSocketNotifier(sys.stdin.fileno(), QSocketNotifier.Type.Read, self)
        self._notifier.activated.connect(self._read)

    def _read(self) -> None:
        line = sys.stdin.readline()
        if not line:
            QApplication.quit()
            return
        verb, *arguments = json.loads(line)
        try:
            answer = getattr(self, f"do_{verb}")(*arguments)
        except LookupError as error:
            answer = {"error": str(error)}
        print(json.dumps(answer), flush=True)

    def _find(self, path: str) -> Any:
        """Return a widget by its way from the views, e.g. ``results.cells.zaps.value``.

        ``#name`` is the widget of that object name in the window or dialog with the keyboard.
        """
        if path.startswith("#"):
            return self._named(path[1:])
        bench = self._startup.workbench
        found: Any = None if bench is None else bench.views
        for part in path.split("."):
            found = _part(found, part)
        if not isinstance(found, QWidget) or not found.isVisible():
            raise LookupError(f"{path} is not on the screen")
        return found

    def _named(self, name: str) -> QWidget:
        active = QApplication.activeWindow()
        found = None if active is None else active.findChild(QWidget, name)
        if found is None or not found.isVisible():
            raise LookupError(f"no {name} on the screen")
        return found

    def do_ready(self) -> bool:
        """Say whether the window is filled and its first run finished."""
        bench = self._startup.workbench
        return bench is not None and bench.document.run is not None and not self.do_busy()

    def do_active(self) -> bool:
        """Say whether the window has the keyboard."""
        return QApplication.activeWindow() is not None

    def do_busy(self) -> bool:
        """Say whether a simulation is under way."""
        bench = self._startup.workbench
        return bench is None or bench.document.is_simulating

    def do_visible(self, name: str) -> bool:
        """Say whether a widget is on the screen."""
        try:
            return self._find(name) is not None
        except LookupError:
            return False

    def do_where(self, name: str, fx: float = 0.5, fy: float = 0.5) -> list[int]:
        """Return the screen position of a point of a widget, given as fractions of its size."""
        widget = self._find(name)
        point = QPoint(round((widget.width() - 1) * fx), round((widget.height() - 1) * fy))
        place = widget.mapToGlobal(point)
        return [place.x(), place.y()]

    def do_at(self, name: str, x: int, y: int) -> list[int]:
        """Return the screen position of a point of a widget, given in its own pixels."""
        place = self._find(name).mapToGlobal(QPoint(x, y))
        return [place.x(), place.y()]

    def do_text(self, name: str) -> str:
        """Return what a widget shows."""
        widget = self._find(name)
        if isinstance(widget, QLabel | QLineEdit | QAbstractButton | QAbstractSpinBox):
            return widget.text()
        if isinstance(widget, QComboBox):
            return widget.currentText()
        return widget.accessibleName() or widget.windowTitle()

    def do_checked(self, name: str) -> bool:
        """Return whether a button is checked."""
        widget = self._find(name)
        return isinstance(widget, QAbstractButton) and widget.isChecked()

    def do_enabled(self, name: str) -> bool:
        """Say whether a widget can be used."""
        return bool(self._find(name).isEnabled())

    def do_page(self, gfn: int) -> list[int]:
        """Return the screen position of a guest page on the map."""
        canvas = self._find("map.map.canvas")
        place = canvas.mapToGlobal(canvas.rect_of(gfn).center())
        return [place.x(), place.y()]

    def do_pixel(self, x: int, y: int) -> str:
        """Return the colour that the screen shows at a place, as #rrggbb."""
        screen = QGuiApplication.primaryScreen()
        return screen.grabWindow(0, x, y, 1, 1).toImage().pixelColor(0, 0).name()

    def do_dialogs(self) -> list[str]:
        """Return the titles of open dialogs."""
        shown = [w for w in QApplication.topLevelWidgets() if w.isVisible() and w.isWindow()]
        return [w.windowTitle() for w in shown if w.inherits("QDialog")]

    def do_active_title(self) -> str:
        """Return the title of the window or dialog that has the keyboard."""
        active = QApplication.activeWindow()
        return active.windowTitle() if active is not None else ""

    def do_facts(self) -> dict[str, Any]:
        """Return where the document stands, to check the screen against."""
        bench = self._startup.workbench
        if bench is None:
            raise LookupError("the window is not filled yet")
        document = bench.document
        return {
            "events": len(document.scenario.events),
            "playhead_ns": document.playhead_ns,
            "policy": document.policy,
            "gfn": document.gfn,
            "map_mode": str(document.map_mode),
            "modified": document.is_modified,
            "undo": document.undo_label or "",
            "touches": len(document.scenario.sweeps),
            "phases": len(document.scenario.phases),
            "vcpus": document.scenario.machine.vcpus,
            "path": str(document.path or ""),
            "kept": bench.files.journal.keeper.kept is document.scenario,
        }


def _part(owner: Any, part: str) -> Any:
    """Return an attribute, or an entry of a dictionary or list."""
    if isinstance(owner, dict):
        return owner[part]
    if part.isdecimal():
        return owner[int(part)]
    try:
        return getattr(owner, part)
    except AttributeError as error:
        raise LookupError(str(error)) from error


def main() -> int:
    """Start the program on the scenario named by the first argument."""
    app = QApplication(sys.argv[:1])
    error_report.install()
    startup = Startup(sys.argv[1:2])
    startup.begin()
    probe = Probe(startup)
    code = app.exec()
    del probe
    return code


if __name__ == "__main__":
    sys.exit(main())
