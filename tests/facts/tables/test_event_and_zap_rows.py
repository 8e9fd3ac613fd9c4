"""Events and zaps as rows: their words, and filters."""

from __future__ import annotations

import numpy as np
import pytest
from msgspec.structs import replace

from mtrrviz.core.errors import MtrrvizError
from mtrrviz.facts.tables.event_rows import EventRows
from mtrrviz.facts.tables.filtering import Term, parse_filter
from mtrrviz.facts.tables.zap_rows import ZapRows
from mtrrviz.scenario.event_list import EventList
from mtrrviz.scenario.events import Event, EventKind
from mtrrviz.sim import simulate
from tests.session.booting import EVENTS, boot

SCENARIO = boot()
RUN = simulate(SCENARIO, "per-vcpu")
ROWS = EventRows(SCENARIO, RUN)
ZAPS = ZapRows(RUN)


def cells(rows, row):
    return dict(zip(rows.titles, rows.texts(row), strict=True))


def kept(rows, text):
    return np.flatnonzero(rows.mask(text)).tolist()


def test_a_filter_is_terms_of_field_and_values():
    assert parse_filter("vcpu:1,2 -kind:init FIX") == (
        Term("vcpu", ("1", "2")),
        Term("kind", ("init",), negated=True),
        Term("", ("fix",)),
    )


def test_an_event_tells_all_about_itself():
    assert cells(ROWS, 2) == {
        "time": "0.200000 s",
        "vCPU": "0",
        "kind": "WRMSR",
        "register": "IA32_MTRR_DEF_TYPE",
        "value": "0xc06",
        "meaning": "E on, FE on, default WB",
        "zaps": "1",
        "origin": "firmware",
    }


def test_an_event_of_the_vm_has_neither_vcpu_nor_register():
    row = cells(ROWS, 9)
    assert (row["vCPU"], row["register"], row["value"], row["kind"]) == ("", "", "", "DMA detach")
    assert ROWS.vcpu(9) is None


def test_events_that_are_equal_but_for_their_time_are_read_once():
    first = Event(0, EventKind.WRMSR, 0, 0x2FF, 0xC06, "kernel")
    others = (
        {"vcpu": 1},
        {"register": 0x250},
        {"value": 0xC00},
        {"value": 1 << 63},
        {"origin": "firmware"},
        {"text": "words"},
        {"kind": EventKind.VMM_WRMSR},
        {"kind": EventKind.MOV_CR0, "register": 0},
    )
    once = [first, *(replace(first, **other) for other in others)]
    events = [replace(event, time_ns=at) for at, event in enumerate([*once, *reversed(once)])]
    rows = EventRows(replace(SCENARIO, events=EventList(events[:9]) + events[9:]), None)
    for column in rows.columns:
        same = rows.same_cells(column.key)
        if same is not None:
            assert sorted(same.values) == list(range(len(once)))
            texts = [rows.text(row, column.key) for row in range(len(rows))]
            assert [texts[row] for row in same] == texts
            assert [rows.value(row, column.key) for row in same] == rows.values(column.key)


@pytest.mark.parametrize("ask", ["words", "kind:init", "time_s:0.1", "zaps:1"])
def test_work_on_a_filter_can_be_given_up(ask: str):
    rows = EventRows(SCENARIO, RUN)

    def give_up() -> None:
        raise TimeoutError

    rows.pause = give_up
    with pytest.raises(TimeoutError):
        rows.mask(ask)


def test_a_refused_write_is_marked():
    assert [row for row in range(len(ROWS)) if ROWS.is_refused(row)] == [5]
    assert cells(ROWS, 5)["kind"] == "WRMSR #GP"
    assert "refused with #GP" in cells(ROWS, 5)["meaning"]


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("", list(range(len(EVENTS)))),
        ("vcpu:1", [5, 6, 7]),
        ("vcpu:1,2", [5, 6, 7, 8]),
        ("msr:250,277", [3, 4]),
        ("msr:0x250", [3]),
        ("kind:zap", [1, 2, 3, 6, 8]),
        ("kind:refused", [5]),
        ("kind:cr0,init", [0, 7]),
        ("origin:kernel -vcpu:2", [6, 7]),
        ("def_type vcpu:0", [1, 2, 10]),
        ("nothing more", [11]),
        ("vcpu:", list(range(len(EVENTS)))),
        ("vcpu:x", []),
    ],
)
def test_events_are_filtered(text, rows):
    assert kept(ROWS, text) == rows


def test_an_unknown_field_is_refused_and_the_known_ones_named():
    with pytest.raises(MtrrvizError, match=r"colour .* kind, meaning, msr, origin, .* vcpu"):
        ROWS.mask("colour:red")


def test_without_a_run_of_these_events_nothing_is_said_about_zaps():
    older = EventRows(boot(EVENTS[:4]), RUN)
    assert [older.text(row, "zaps") for row in range(len(older))] == [""] * 4
    assert kept(older, "kind:zap") == []


def test_a_zap_tells_all_about_itself():
    assert cells(ZAPS, 2) == {
        "time": "0.300000 s",
        "vCPU": "0",
        "cause": "fixed MTRR",
        "range": "0x0 to 0x7_ffff",
        "size": "512 KiB",
        "leaves dropped": str(int(RUN.zaps.leaves_dropped[2])),
        "cycles (modelled)": f"{RUN.zaps.cycles[2]:,.0f}",
        "contended": "",
        "event": "IA32_MTRR_FIX64K_00000 = 0x606_0606_0606_0606",
    }
    assert cells(ZAPS, 0)["range"] == "all memory"
    assert cells(ZAPS, 4)["contended"] == "by 1 vCPU"


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("vcpu:0", [0, 1, 2]),
        ("kind:contended", [3, 4]),
        ("kind:partial", [2]),
        ("cause:fixed", [2]),
        ("msr:2ff -vcpu:0", [3, 4]),
        ("kind:zap", [0, 1, 2, 3, 4]),
    ],
)
def test_zaps_are_filtered(text, rows):
    assert kept(ZAPS, text) == rows


def test_a_zap_of_the_vm_has_no_vcpu():
    zaps = ZapRows(simulate(SCENARIO, "per-vm"))
    assert (zaps.vcpu(3), cells(zaps, 3)["vCPU"], cells(zaps, 3)["event"]) == (
        None,
        "VM",
        "DMA detach",
    )
