"""Nothing of a document that was closed stays in memory."""

from __future__ import annotations

import gc
import weakref
from typing import TYPE_CHECKING

import pytest

from mtrrviz.gui.shell.workbench import settle
from mtrrviz.scenario.library import open_scenario
from mtrrviz.scenario.view import MapMode

if TYPE_CHECKING:
    from collections.abc import Callable

    from mtrrviz.gui.shell.workbench import Workbench
    from mtrrviz.session.document import Document

#: Panels that others cover in the test.
COVERED = (
    *("events", "touches", "zaps", "faults", "stops", "history", "problems", "trace_check"),
    *("solve", "published", "model", "sweep", "policy", "lessons"),
)


def parts_of(document: Document) -> list[weakref.ref[object]]:
    """Return what belongs to an open document, not kept by this."""
    state, scenario = document.state, document.scenario
    assert state is not None
    parts = (scenario, scenario.touches, state, state.run, state.run.leaves)
    return [weakref.ref(part) for part in parts]


def is_freed_when_closed(document: Document) -> list[bool]:
    """Open another scenario, and return what of the one before is gone."""
    gone = parts_of(document)
    document.open(open_scenario("seabios-8vcpu-2g"), None)
    settle(3)
    gc.collect()
    return [part() is None for part in gone]


def test_what_belongs_to_a_closed_document_is_freed(bench):
    document, canvas = bench.document, bench.views.map.map.canvas
    settle(3)
    canvas.zoom_in(0x2100)
    settle(1)
    for policy in ("per-vm", "per-vcpu"):
        document.set_policy(policy)
        settle(1)
    assert all(is_freed_when_closed(document))


def covered(bench: Workbench, show: Callable[[], object]) -> None:
    """Let a view show the document, and cover it again."""
    settle(3)
    show()
    settle(3)
    bench.document.set_playhead(bench.document.duration_ns // 2)
    settle(2)
    bench.views.map.tabs.setCurrentIndex(0)
    for name in ("registers", "inspector", "timeline"):
        bench.docks[name].raise_()
    settle(3)


@pytest.mark.parametrize("name", COVERED)
def test_a_covered_panel_keeps_nothing_of_it(bench, name):
    covered(bench, lambda: (bench.docks[name].show(), bench.docks[name].raise_()))
    assert bench.views.panel(name).is_made
    assert all(is_freed_when_closed(bench.document))


@pytest.mark.parametrize("over", ["events", "zaps"])
def test_a_covered_timeline_keeps_nothing_of_it(bench, over):
    covered(bench, lambda: None)
    bench.docks[over].show()
    bench.docks[over].raise_()
    settle(3)
    assert all(is_freed_when_closed(bench.document))


def test_hidden_registers_keep_nothing_of_it(bench):
    covered(bench, lambda: None)
    bench.docks["registers"].hide()
    settle(3)
    assert all(is_freed_when_closed(bench.document))


@pytest.mark.parametrize("number", [1, 2, 3])
def test_a_covered_map_keeps_nothing_of_it(bench, number):
    covered(bench, lambda: None)
    bench.views.map.tabs.setCurrentIndex(number)
    settle(3)
    assert all(is_freed_when_closed(bench.document))


@pytest.mark.parametrize("mode", [MapMode.SIDE_BY_SIDE, MapMode.DIFFERENCE])
def test_maps_that_are_shown_no_more_keep_nothing_of_it(bench, mode):
    covered(bench, lambda: bench.views.map.show_mode(mode))
    bench.views.map.show_mode(MapMode.ONE)
    settle(3)
    assert all(is_freed_when_closed(bench.document))


@pytest.mark.parametrize("number", [1, 2, 3])
def test_a_covered_tab_keeps_nothing_of_it(bench, number):
    covered(bench, lambda: bench.views.map.tabs.setCurrentIndex(number))
    assert all(is_freed_when_closed(bench.document))


@pytest.mark.parametrize("number", [1, 2, 3])
def test_a_covered_tab_shows_the_new_scenario_when_it_is_seen_again(bench, number):
    def words() -> str:
        tab = bench.views.map.tabs.currentWidget()
        if number == 1:
            return "\n".join(tab.lines)
        model = tab.model
        return "\n".join(model.text(row, 0) for row in range(model.rowCount()))

    covered(bench, lambda: bench.views.map.tabs.setCurrentIndex(number))
    bench.document.open(open_scenario("seabios-8vcpu-2g"), None)
    bench.document.set_playhead(bench.document.duration_ns // 2)
    settle(3)
    bench.views.map.tabs.setCurrentIndex(number)
    settle(3)
    seen = words()
    bench.views.map.tabs.currentWidget().refresh()
    assert seen
    assert words() == seen
