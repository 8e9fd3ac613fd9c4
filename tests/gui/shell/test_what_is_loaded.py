"""What the filled window loads, runs shown: nothing that serves what nobody sees yet."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

import mtrrviz

ROOT = Path(mtrrviz.__file__).resolve().parents[1]
FILLED = """
import os, sys
from PySide6.QtCore import QTimer
from mtrrviz.cli import main
from mtrrviz.gui.shell.start import startup
class Filled(startup.Startup):
    def begin(self):
        self.ready.connect(self.tell)
        super().begin()
    def tell(self, bench):
        if bench.document.run is None or bench.document.is_simulating:
            QTimer.singleShot(5, lambda: self.tell(bench))
            return
        bench.window.repaint()
        print(*sys.modules, flush=True)
        os._exit(0)
startup.Startup = Filled
main()
"""
PAINTED = """
import os, sys
from PySide6 import QtCore
from mtrrviz.cli import main
from mtrrviz.gui.shell.start import startup
def tell(self):
    print("Qt" in vars(QtCore), *sys.modules, flush=True)
    os._exit(0)
startup.Startup._load = tell
main()
"""
UNSEEN = (
    "analysis.checks",
    "analysis.solve",
    "analysis.sweep",
    "exporters.report",
    "gui.documents.changed_file_dialog",
    "gui.documents.import_dialog",
    "gui.export.film_dialog",
    "gui.help.help_window",
    "gui.history.history_panel",
    "gui.lecture.lecture",
    "gui.lessons.course_page",
    "gui.lessons.lesson_panel",
    "gui.machine.machine_dialog",
    "gui.model.model_panel",
    "gui.palette.palette_dialog",
    "gui.problems.problems_panel",
    "gui.published.published_panel",
    "gui.solve.solve_panel",
    "gui.stops.stops_panel",
    "gui.sweep.sweep_panel",
    "gui.tables.event_table_view",
    "gui.touches.touch_table_view",
    "gui.trace_check.trace_check_panel",
    "importers.dumps",
    "importers.facts",
    "importers.reading",
    "lessons.reading",
    "scenario.files.saver",
    "scenario.files.writing",
    "session.exchange.exporting",
    "session.journal.written_journal",
    "session.lecture",
    "session.wanted.wanted_edits",
)
OTHERS = ("concurrent.futures.process", "email", "importlib.metadata", "markdown_it", "numpy.ma")


def told(code, home):
    """Return the words that the window's program prints."""
    set_here = {"XDG_CONFIG_HOME": str(home), "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-c", code, "ovmf-8vcpu-2g"],
        env=os.environ | set_here | {"QT_QPA_PLATFORM": "offscreen"},
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    return done.stdout.split()


@pytest.fixture(scope="module")
def loaded(tmp_path_factory):
    """Return the modules that are there once the window is filled."""
    return told(FILLED, tmp_path_factory.mktemp("home"))


def test_the_first_paint_waits_neither_for_all_enumerations_of_qt_nor_for_numbers(tmp_path):
    has_all, *modules = told(PAINTED, tmp_path)
    assert has_all == "False"
    assert {"numpy", "mtrrviz.scenario", "mtrrviz.session"}.isdisjoint(modules)


def test_the_window_is_filled(loaded):
    assert {"mtrrviz.gui.map.map_panel", "mtrrviz.gui.timeline.timeline_view"} <= set(loaded)


@pytest.mark.parametrize("name", [*(f"mtrrviz.{part}" for part in UNSEEN), *OTHERS])
def test_what_nobody_sees_yet_is_not_loaded(loaded, name):
    assert [one for one in loaded if one == name or one.startswith(f"{name}.")] == []
