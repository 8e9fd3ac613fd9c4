"""The pictures of the manual: one of each panel, small, made anew by ``./dev test --renew``.

They are in the fonts of the system that made them, so that they are not compared.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage

from mtrrviz.gui.common.looks.theme import Palette, ThemeName
from mtrrviz.gui.help.topics import panel_page
from mtrrviz.gui.shell.main_window import MainWindow
from mtrrviz.gui.shell.workbench import Workbench, settle
from mtrrviz.gui.shell.worker import Worker
from mtrrviz.handbook.handbook import the_handbook
from mtrrviz.handbook.help_links import links_in
from mtrrviz.lessons.panel_names import PANELS
from mtrrviz.paths import docs_dir
from mtrrviz.scenario.library import open_scenario
from mtrrviz.session.document import Document
from tests.facts.tables.test_mismatch_rows import TRACE
from tests.gui.golden.picture import pixels
from tests.importers.helpers import imported
from tests.kept_texts import IS_RENEWING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from mtrrviz.gui.shell.settings import Settings
    from mtrrviz.scenario.model import Scenario

pytestmark = pytest.mark.gui

PICTURES = docs_dir() / "manual" / "pictures"
MOST_BYTES = 60_000
MOST_COLOURS = 256
#: Tables and curves follow a little later than the map.
LATE_MS = 500
WIDTH, HEIGHT = 640, 400
#: Panels that show less in so little room.
WIDE, HIGH = {"sweep": 900, "lessons": 360}, {"sweep": 640, "lessons": 520}
#: Panels that show more of a boot, and one that needs a real trace.
OF_BOOT = ("map", "timeline", "zaps", "history", "published", "model", "results", "sweep")
OF_TRACE = ("trace_check",)
OF_SMALL = tuple(name for name in PANELS if name not in OF_BOOT + OF_TRACE)
#: The panel of lessons is none of those that a lesson names; the lesson that it shows.
LESSON = "variable-ranges"
PICTURED = (*PANELS, "lessons")
#: A sweep that takes seconds.
SWEPT_VCPUS, SWEEP_MS = "1,2,4,8,16", 60_000
#: Scenario, time and page: a machine with one of everything, and a boot for the rest.
SMALL = ("small-machine", 1_100_000_000, 0x2100)
BOOT = ("ovmf-8vcpu-2g", 6_900_000_000, 0x8_0000)


def opened(qtbot, settings: Settings, scenario: Scenario, time_ns: int, gfn: int) -> Workbench:
    """Return a light window on a scenario at a moment."""
    window = MainWindow(settings)
    window.resize(WIDTH + 20, 500)
    document = Document(scenario)
    document.set_playhead(time_ns)
    document.select_page(gfn)
    qtbot.addWidget(window)
    bench = Workbench(window, document, Worker(window), settings)
    bench.set_theme(ThemeName.LIGHT, Palette.DEFAULT)
    window.show()
    qtbot.waitExposed(window)
    settle()
    return bench


def picture(qtbot, bench: Workbench, name: str) -> QImage:
    """Return a picture of a view, as wide as a page of the manual at most."""
    dock = bench.docks.get(name)
    for other in bench.docks.values():
        other.setVisible(other is dock)
    if dock is not None:
        dock.setFloating(True)
        dock.resize(WIDE.get(name, WIDTH), HIGH.get(name, HEIGHT))
    view = bench.exports._bring_up(name)
    settle()
    while bench.finish_work():
        settle()
    qtbot.wait(LATE_MS)
    image = view.grab().toImage()
    smooth = Qt.TransformationMode.SmoothTransformation
    wide = image.scaledToWidth(WIDTH, smooth) if image.width() > WIDTH else image
    return in_few_colours(wide)


def in_few_colours(image: QImage) -> QImage:
    """Return a picture in its most frequent colours, which takes a third of the room."""
    rgb = pixels(image).reshape(-1, 3).astype(np.uint32)
    packed = rgb[:, 0] << 16 | rgb[:, 1] << 8 | rgb[:, 2] | 0xFF00_0000
    colours, counts = np.unique(packed, return_counts=True)
    table = colours[np.argsort(-counts)][:MOST_COLOURS].tolist()
    plain = Qt.ImageConversionFlag.ThresholdDither
    return image.convertToFormat(QImage.Format.Format_Indexed8, table, plain)


def sweep(qtbot, bench: Workbench) -> None:
    """Let there be something on the panel of sweeps."""
    bench.bring_up("sweep")
    panel = bench.views.sweep
    panel.form.vcpus.setText(SWEPT_VCPUS)
    panel.form.memory.setText("2")
    panel.start()
    qtbot.waitUntil(panel.form.start.isEnabled, timeout=SWEEP_MS)


def begin_lesson(bench: Workbench) -> None:
    """Let there be a step on the panel of lessons, and a hint."""
    bench.lessons.open_named(LESSON)
    settle()
    while bench.finish_work():
        settle()
    bench.lessons.panel.go_on()
    settle()
    while bench.finish_work():
        settle()
    bench.lessons.panel.give_hint()


def make(qtbot, bench: Workbench, names: Sequence[str]) -> None:
    """Write the pictures of views."""
    PICTURES.mkdir(exist_ok=True)
    for name in names:
        assert picture(qtbot, bench, name).save(str(picture_file(name))), name


@pytest.mark.skipif(not IS_RENEWING, reason="pictures of the manual are made by --renew alone")
def test_pictures_are_made(qtbot, settings):
    name, *place = SMALL
    make(qtbot, opened(qtbot, settings, open_scenario(name), *place), OF_SMALL)
    name, *place = BOOT
    bench = opened(qtbot, settings, open_scenario(name), *place)
    sweep(qtbot, bench)
    make(qtbot, bench, OF_BOOT)
    traced = imported(TRACE).scenario
    bench = opened(qtbot, settings, traced, traced.duration_ns, 0)
    bench.bring_up("trace_check")
    rows = bench.views.trace_check.table.model
    qtbot.waitUntil(lambda: rows.rowCount() > 0)
    make(qtbot, bench, OF_TRACE)
    name, *place = SMALL
    bench = opened(qtbot, settings, open_scenario(name), *place)
    begin_lesson(bench)
    make(qtbot, bench, ["lessons"])


def picture_file(name: str) -> Path:
    return PICTURES / f"{panel_page(name)}.png"


@pytest.mark.parametrize("name", PICTURED)
def test_each_panel_has_a_small_picture_on_its_page(name):
    page = the_handbook().page(panel_page(name))
    assert f"pictures/{picture_file(name).name}" in links_in(page.text)
    image = QImage(str(picture_file(name)))
    assert 0 < image.width() <= WIDTH
    assert picture_file(name).stat().st_size < MOST_BYTES
