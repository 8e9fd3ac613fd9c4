"""PySide6 reads no source of modules: nothing of it is kept, and spellings stay as they are."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import mtrrviz

ROOT = Path(mtrrviz.__file__).resolve().parents[1]
LOADING = """
import linecache, sys
from PySide6.QtCore import QObject
from mtrrviz.gui.shell.start.source_reading import spare_reading_sources
spare_reading_sources()
import mtrrviz.gui.shell.main_window, mtrrviz.gui.common.widgets, fractions
print([name for name in linecache.cache if "main_window" in name or "fractions" in name])
"""
OTHER_SPELLING = """
import mtrrviz.gui.common.plain_text as ours
from __feature__ import snake_case
from PySide6.QtWidgets import QApplication, QLabel
app = QApplication([])
label = QLabel("mine")
label.set_text("other")
print(ours.Label("ours").text(), label.text(), hasattr(label, "setText"))
"""


def told(code: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return done.stdout


def test_no_source_is_read_for_qt():
    assert told(LOADING) == "[]\n"


def test_a_plug_in_may_spell_the_names_of_qt_in_its_own_way():
    assert told(LOADING + OTHER_SPELLING).splitlines()[-1] == "ours other False"


def test_a_pyside_that_asks_nothing_is_left_alone(monkeypatch):
    from mtrrviz.gui.shell.start import source_reading

    monkeypatch.delitem(sys.modules, "shibokensupport.feature", raising=False)
    source_reading.spare_reading_sources()
