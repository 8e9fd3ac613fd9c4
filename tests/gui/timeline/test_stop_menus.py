"""A right-click on a register, a range, a zap, a fault or an event makes a stop of it."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint
from PySide6.QtGui import QContextMenuEvent
from PySide6.QtWidgets import QApplication, QMenu

from mtrrviz.core.msr.registers import CR0_ID, FIXED_MSRS
from mtrrviz.facts.tables.fault_rows import FaultRows
from mtrrviz.facts.tables.zap_rows import ZapRows
from mtrrviz.gui.tables.fault_table_view import FaultTableView
from mtrrviz.gui.tables.zap_table_view import ZapTableView
from mtrrviz.gui.timeline.items import Item, ItemKind
from mtrrviz.gui.timeline.timeline_menu import TimelineMenu
from mtrrviz.scenario.machine_kind import as_host
from mtrrviz.scenario.stop_condition import StopCondition, StopKind

pytestmark = pytest.mark.gui
DEFTYPE = 0x2FF
CORNER = QPoint(3, 3)
MOUSE, KEY = QContextMenuEvent.Reason.Mouse, QContextMenuEvent.Reason.Keyboard


def ask_for_menu(widget, position=CORNER, reason=MOUSE):
    event = QContextMenuEvent(reason, position, widget.mapToGlobal(position))
    QApplication.sendEvent(widget, event)
    return widget.findChild(QMenu, "stop_menu")


def stops_of(menu):
    return [action for action in menu.actions() if action.text().startswith("Stop when")]


def trigger(document, action):
    """Trigger an action, return the stop that this made, and take it back."""
    action.trigger()
    made = document.scenario.stops[-1]
    document.undo()
    return made


def write(vcpu, msr):
    return StopCondition(StopKind.WRITE, vcpu=vcpu, register=msr)


@pytest.mark.parametrize(("name", "msr"), [("deftype", DEFTYPE), ("cr0", CR0_ID)])
def test_a_register_row_stops_at_its_writes(bench, name, msr):
    bench.document.select_vcpu(1)
    menu = ask_for_menu(getattr(bench.views.registers, name))
    made = [trigger(bench.document, action) for action in stops_of(menu)]
    assert made == [write(1, msr), write(None, msr)]
    menu.close()


def test_the_row_of_a_pair_offers_both_registers(bench):
    menu = ask_for_menu(bench.views.registers.ranges[1])
    made = {trigger(bench.document, action).register for action in stops_of(menu)}
    assert made == {0x202, 0x203}
    menu.close()


@pytest.mark.parametrize(("reason", "expected"), [(MOUSE, 5), (KEY, 0)])
def test_a_fixed_register_stops_at_its_writes(bench, reason, expected):
    strip = bench.views.registers.fixed
    place = strip.register_rect(FIXED_MSRS[5]).center()
    menu = ask_for_menu(strip, place, reason)
    assert trigger(bench.document, stops_of(menu)[1]) == write(None, FIXED_MSRS[expected])
    menu.close()


def test_on_a_real_machine_no_menu_comes_up(bench):
    bench.document.open(as_host(bench.document.scenario), None)
    assert (
        ask_for_menu(bench.views.registers.deftype) is None or not QApplication.activePopupWidget()
    )


def test_a_row_of_ranges_stops_at_what_happens_to_its_pages(bench):
    view = bench.views.map.ranges
    view.refresh()
    span = view.model.rows.items[view.model.source_row(1)]
    menu = view.make_menu(view.model.index(1, 0))
    made = [trigger(bench.document, action) for action in stops_of(menu)]
    assert {stop.kind for stop in made} == {
        *(StopKind.FAULT, StopKind.ZAP, StopKind.TYPE, StopKind.STALE)
    }
    assert {stop.gfns for stop in made} == {(span.first_gfn, span.end_gfn)}
    assert any(action.text().startswith("Copy") for action in menu.actions())


def panel(bench, kind):
    view = next(panel.view for panel in bench.views.panels if isinstance(panel.view, kind))
    view.refresh()
    return view


def test_a_zap_stops_at_zaps_and_at_writes_of_its_register(bench):
    view = panel(bench, ZapTableView)
    rows = view.model.rows
    assert isinstance(rows, ZapRows)
    event = rows.event(view.model.source_row(0))
    made = [trigger(bench.document, action) for action in stops_of(view.make_menu(0))]
    assert StopCondition(StopKind.ZAP) in made
    assert any(stop.kind is StopKind.WRITE for stop in made) == bool(event.register)


def test_a_fault_stops_at_what_happens_to_its_leaf(bench):
    view = panel(bench, FaultTableView)
    assert isinstance(view.model.rows, FaultRows)
    leaves = view.model.rows.leaves
    made = [trigger(bench.document, action) for action in stops_of(view.make_menu(0))]
    first = int(leaves.first_gfn[0])
    assert {stop.gfns for stop in made} == {(first, first + int(leaves.pages[0]))}


def test_an_event_stops_at_events_like_it(bench):
    view = bench.views.events
    view.refresh()
    row = next(i for i, e in enumerate(bench.document.scenario.events) if e.register == DEFTYPE)
    made = [trigger(bench.document, action) for action in stops_of(view.make_menu(row))]
    vcpu = bench.document.scenario.events[row].vcpu
    assert made == [write(vcpu, DEFTYPE), write(None, DEFTYPE)]


def test_a_page_of_the_map_stops_at_what_happens_to_it(bench):
    bench.document.select_page(0x600)
    menu = bench.views.map.map.touches.menu()
    made = [trigger(bench.document, action) for action in stops_of(menu)]
    assert {stop.gfns for stop in made} == {(0x600, 0x601)}
    assert {stop.kind for stop in made} >= {StopKind.FAULT, StopKind.ZAP, StopKind.TYPE}


@pytest.mark.parametrize(
    ("kind", "expected"), [(ItemKind.EVENT, StopKind.WRITE), (ItemKind.PHASE, StopKind.PHASE)]
)
def test_a_thing_on_the_timeline_stops_at_things_like_it(bench, kind, expected):
    scenario = bench.document.scenario
    index = next(i for i, event in enumerate(scenario.events) if event.writes_msr)
    time_ns = scenario.events[index].time_ns
    if kind is ItemKind.PHASE:
        index, time_ns = 0, scenario.phases[0].start_ns
    item = Item(kind, index, time_ns)
    menu = TimelineMenu(bench.bridge, [item], time_ns, bench.views.timeline)
    made = [trigger(bench.document, action) for action in stops_of(menu)]
    assert {stop.kind for stop in made} == {expected}
