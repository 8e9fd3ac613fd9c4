"""Real machines in the window: solid types, their own figures, and the switch to a guest."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractItemView, QLabel

from mtrrviz.core.msr.registers import PHYSBASE0
from mtrrviz.geometry.map.map_bands import bands_of
from mtrrviz.geometry.map.map_image import EDGE, HATCH, SOLID, UNKNOWN_TYPE, MapImager
from mtrrviz.geometry.map.map_layout import lay_out
from mtrrviz.gui.common.tables.rows_table_view import FollowingView
from mtrrviz.gui.machine.settings_bar import SettingsBar
from mtrrviz.gui.map.legend import legend_entries
from mtrrviz.gui.results.results_strip import ResultsStrip
from mtrrviz.gui.shell.bridge import Bridge
from mtrrviz.gui.shell.main_window import MainWindow
from mtrrviz.gui.shell.workbench import Workbench, settle
from mtrrviz.gui.shell.worker import Worker
from mtrrviz.importers import import_texts
from mtrrviz.scenario.library import open_scenario
from mtrrviz.session.document import Document
from mtrrviz.sim.simulate import simulate
from tests.importers.helpers import SAMPLES

if TYPE_CHECKING:
    from mtrrviz.scenario.model import Scenario

pytestmark = pytest.mark.gui
WB, UC = 6, 0
GUEST_DOCKS = frozenset(
    {
        "timeline",
        "zaps",
        "faults",
        "stops",
        "history",
        "trace_check",
        "published",
        "model",
        "sweep",
        "policy",
    }
)


def host(name: str) -> Scenario:
    path = SAMPLES / "field" / f"{name}.txt"
    return import_texts([(path.name, path)]).scenario


def frame_of(scenario: Scenario):
    state = simulate(scenario, "hardware").at(scenario.duration_ns)
    layout = lay_out(bands_of(scenario.machine), None, 600, 400)
    return MapImager().frame(state, 0, layout), layout


def test_every_address_has_the_solid_colour_of_its_type() -> None:
    frame, layout = frame_of(host("k01-uc-hole-over-wb"))
    for gfn, kind in ((0x1000, WB), (0xD0000, UC), (0xFEE00, UC), (0x22FFFF, WB)):
        rect = layout.rect_of(gfn)
        assert rect is not None
        cell = frame.image[rect.y : rect.y + rect.height, rect.x : rect.x + rect.width]
        assert SOLID + kind in cell
    assert frame.stale_leaves == 0
    assert set(np.unique(frame.image)) <= {0, *range(SOLID, SOLID + 8), *range(EDGE, EDGE + 8)}


def test_unknown_types_have_a_pattern_and_a_legend_entry() -> None:
    frame, _ = frame_of(host("k04-map-line"))
    values = set(np.unique(frame.image).tolist())
    unknown = {SOLID + UNKNOWN_TYPE, HATCH + UNKNOWN_TYPE}
    assert unknown <= values <= unknown | {0, EDGE + UNKNOWN_TYPE}
    assert [entry.words for entry in legend_entries(frame, 0)] == ["unknown"]


def test_the_legend_of_a_host_speaks_of_types_only() -> None:
    frame, _ = frame_of(host("k01-uc-hole-over-wb"))
    words = [entry.words for entry in legend_entries(frame, 0)]
    assert words[:3] == ["WB", "WP", "UC"]
    assert not any("fault" in word or "stale" in word for word in words)


def test_the_switch_shows_a_guest_and_back(qtbot) -> None:
    scenario = host("k01-uc-hole-over-wb")
    bridge = Bridge(Document(scenario))
    bar = SettingsBar(bridge)
    strip = ResultsStrip(bridge)
    for widget in (bar, strip):
        qtbot.addWidget(widget)
        widget.show()
    assert bar.policy.isHidden()
    assert bar.dma.isHidden()
    assert strip.host.values["pairs"].text() == "7 used, 3 free"
    assert all(cell.isHidden() for cell in strip.cells.values())
    bar.as_guest.click()
    assert not bridge.document.scenario.machine.is_host
    assert not bar.policy.isHidden()
    assert bar.as_guest.isChecked()
    assert strip.host.isHidden()
    bar.as_guest.click()
    found = bridge.document.scenario
    assert (found.machine, found.events, found.tags) == (
        scenario.machine, scenario.events, scenario.tags,
    )  # fmt: skip
    assert strip.cells["zaps"].isHidden()


def test_what_is_for_guests_steps_aside_and_comes_back_as_it_was(bench, qtbot) -> None:
    guest = bench.document.scenario
    bench.docks["zaps"].hide()
    bench.docks["sweep"].setFloating(True)
    tabs = bench.views.map.tabs
    bench.document.open(host("k01-uc-hole-over-wb"), None)
    assert all(bench.docks[name].isHidden() for name in GUEST_DOCKS)
    assert not any(bench.docks[name].toggleViewAction().isVisible() for name in GUEST_DOCKS)
    assert not bench.docks["registers"].isHidden()
    assert bench.views.transport.isHidden()
    assert [tabs.isTabVisible(i) for i in range(4)] == [True, False, True, False]
    qtbot.waitUntil(lambda: bench.views.registers.picker.line.text().startswith("All 4 CPUs"))
    assert bench.views.map.map.where.text() == "the whole physical address space"
    bench.document.open(guest, None)
    hidden = {name for name in GUEST_DOCKS if bench.docks[name].isHidden()}
    assert hidden == {"zaps"}
    assert bench.docks["sweep"].isFloating()
    assert not bench.views.transport.isHidden()
    assert all(tabs.isTabVisible(i) for i in range(4))


def test_actions_for_guests_step_aside_with_their_keys(bench) -> None:
    guest = bench.document.scenario
    menu = next(a for a in bench.window.menuBar().actions() if a.text() == "&Playback")
    asked = [bench.actions[name] for name in ("toggle_play", "next_zap", "toggle_dma")]
    bench.document.open(host("k01-uc-hole-over-wb"), None)
    assert not menu.isVisible()
    assert not any(action.isVisible() or action.isEnabled() for action in asked)
    assert bench.actions["undo"].isVisible()
    bench.document.open(guest, None)
    assert menu.isVisible()
    assert all(action.isVisible() and action.isEnabled() for action in asked)


def test_a_host_has_moments_to_go_to_by_key(bench, qtbot) -> None:
    bench.document.open(open_scenario("incident-host-ram-lost"), None)
    marks = bench.document.scenario.bookmarks
    assert bench.document.playhead_ns == marks[0].time_ns
    bench.window.activateWindow()
    for mark in marks[1:]:
        qtbot.keyClick(bench.window, Qt.Key.Key_F9)
        qtbot.waitUntil(lambda at=mark.time_ns: bench.document.playhead_ns == at)
    assert marks[-1].name == "the fix"


def test_no_view_of_a_host_speaks_of_vcpus_or_zaps(bench, qtbot) -> None:
    bench.document.open(host("k14-register-differs"), None)
    bench.document.select_page(0xC0)
    for name in ("problems", "solve", "events"):
        bench.docks[name].raise_()
        qtbot.wait(700)
        labels = [w.text() for w in bench.window.findChildren(QLabel) if w.isVisible()]
        heads = [
            str(view.model().headerData(column, Qt.Orientation.Horizontal))
            for view in bench.window.findChildren(QAbstractItemView)
            if view.isVisible()
            for column in range(view.model().columnCount())
        ]
        said = "\n".join(labels + heads)
        assert "CPU 1 differs from CPU 0" in said
        assert not [word for word in ("vCPU", "zaps", "No leaf") if word in said]
    kinds = {bench.docks["events"].widget().findChild(FollowingView).model().index(0, 2).data()}
    assert kinds == {"initial value"}


def test_the_switch_renames_the_processors(bench, qtbot) -> None:
    bench.document.open(host("k14-register-differs"), None)
    buttons = bench.views.registers.picker.buttons
    qtbot.waitUntil(lambda: buttons[1].accessibleName().startswith("CPU 1, differs from CPU 0"))
    bench.views.settings_bar.toggle_machine()
    picker = bench.views.registers.picker
    qtbot.waitUntil(lambda: picker.buttons[1].accessibleName().startswith("vCPU 1"))
    bench.document.undo()
    qtbot.waitUntil(lambda: picker.buttons[1].accessibleName().startswith("CPU 1"))


def test_taking_the_switch_back_is_told(bench) -> None:
    bench.document.open(host("k14-register-differs"), None)
    bench.views.settings_bar.toggle_machine()
    label = bench.document.undo_label
    assert label
    bench.actions["undo"].trigger()
    assert bench.document.scenario.machine.is_host
    assert bench.window.statusBar().currentMessage() == f"Undone: {label}"
    bench.actions["redo"].trigger()
    assert not bench.document.scenario.machine.is_host
    assert bench.window.statusBar().currentMessage() == f"Redone: {label}"
    bench.document.undo()  # so that closing does not ask


def test_a_pairs_remark_counts_those_of_the_machine(bench, qtbot) -> None:
    bench.document.open(host("k01-uc-hole-over-wb"), None)
    qtbot.waitUntil(lambda: bench.document.state is not None)
    bench.views.registers.open_register(PHYSBASE0)
    assert bench.views.registers.detail.remark.text() == "3 of 10 pairs free on CPU 0"


def test_closing_with_a_host_open_keeps_the_layout_of_guests(bench, settings, qtbot) -> None:
    guest = bench.document.scenario
    bench.docks["zaps"].hide()
    bench.document.open(host("k01-uc-hole-over-wb"), None)
    assert not bench.document.is_modified  # so that closing does not ask
    bench.window.close()
    window = MainWindow(settings)
    qtbot.addWidget(window)
    again = Workbench(window, Document(guest), Worker(window), settings)
    window.show()
    qtbot.waitExposed(window)
    hidden = {name for name in GUEST_DOCKS if again.docks[name].isHidden()}
    assert hidden == {"zaps"}


def test_a_real_machine_is_told_nothing_of_kvms_policies(bench, qtbot) -> None:
    said: list[str] = []
    bench.bridge.message.connect(said.append)
    bench.document.set_policy("per-vm")
    assert any("per-vm" in words for words in said)
    bench.document.open(host("k01-uc-hole-over-wb"), None)
    said.clear()
    bench.document.set_policy("per-vcpu")
    settle()
    assert not any("per-vcpu" in words for words in said)
