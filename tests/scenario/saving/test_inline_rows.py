"""Rows written inline stay inline when they are edited, and only what was edited changes."""

from __future__ import annotations

import json
import tomllib

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from mtrrviz.scenario import Event, EventKind
from mtrrviz.scenario.files.saver import scenario_text
from tests.scenario.saving.test_round_trip import assert_same
from tests.scenario.saving.test_saving_edits import (
    SHIPPED,
    WRITTEN,
    changed_lines,
    edits,
    original,
    shipped,
    with_event,
)

LINES = """\
schema = 1
title = "inline"
duration = 3.0
event = [   # all of them

  # vCPU 0 first
  { t = 0.5, kind = "wrmsr", vcpu = 0, register = 0x2FF, value = 0xC06 }, # on
  {t=1, kind="init",vcpu=1},

  # about the end

  # the last, a } of its own
  { t = 2.0, kind = "note", text = "a, b ] # c" } # [ {
]

[machine]
vcpus = 2
memory = "1 GiB"
region = [{ name = "RAM", kind = "ram", start = 0x0, size = "1 GiB" }]
"""
ONE_LINE = """\
schema = 1
title = "inline"
duration = 3.0
event = [{ t = 0.5, kind = "init", vcpu = 1 }, { t = 1.0, kind = "dma-attach" }]

[machine]
vcpus = 2
memory = "1 GiB"
region = [{ name = "RAM", kind = "ram", start = 0x0, size = "1 GiB" }]
"""


def edited(text, edit):
    """Return the text after an edit, which reads as it was meant."""
    read = original(text)
    wanted = edit(read.scenario)
    found = scenario_text(wanted, read)
    assert_same(original(found).scenario, wanted)
    return found


def with_events(*events):
    return lambda scenario: replace(scenario, events=events)


def test_one_value_is_all_that_changes():
    found = edited(LINES, lambda s: with_event(s, 0, value=0x806))
    assert found == LINES.replace("0xC06", "0x806")
    found = edited(LINES, lambda s: with_event(s, 1, time_ns=1_500_000_000))
    assert found == LINES.replace("{t=1,", "{t=1.5,")


def test_a_key_comes_in_its_place_and_goes():
    found = edited(LINES, lambda s: with_event(s, 1, origin="apic"))
    assert found == LINES.replace("vcpu=1}", 'vcpu=1, origin="apic"}')
    found = edited(LINES, lambda s: with_event(s, 2, text=""))
    assert found == LINES.replace(', text = "a, b ] # c"', "")


def test_a_new_row_gets_a_line_among_its_neighbours():
    added = Event(1_500_000_000, EventKind.MOV_CR0, 1, 0, 0x4000_0011)
    line = '  { t = 1.5, kind = "mov-cr0", vcpu = 1, value = 0x4000_0011 },'
    assert changed_lines(LINES, edited(LINES, lambda s: s.inserting(added))) == ([], [line])
    last = Event(2_500_000_000, EventKind.DMA_ATTACH)
    gone, came = changed_lines(LINES, edited(LINES, lambda s: s.inserting(last)))
    assert gone == [LINES.splitlines()[12]]
    assert came == [gone[0].replace("} #", "}, #"), '  { t = 2.5, kind = "dma-attach" }']


def test_a_removed_row_takes_its_own_comments():
    gone, came = changed_lines(LINES, edited(LINES, lambda s: replace(s, events=s.events[1:])))
    assert (gone, came) == (LINES.splitlines()[5:7], [])
    gone, came = changed_lines(LINES, edited(LINES, lambda s: replace(s, events=s.events[:2])))
    assert gone == [LINES.splitlines()[7], *LINES.splitlines()[11:13]]
    assert came == ['  {t=1, kind="init",vcpu=1}']


def test_rows_change_places_with_their_comments():
    def swap(scenario):
        first, second, third = scenario.events
        return replace(scenario, events=(replace(second, time_ns=first.time_ns), first, third))

    found = edited(LINES, swap)
    places = [found.index(part) for part in ('{t=0.5, kind="init"', "# vCPU 0 first", "# on")]
    assert places == sorted(places)


def test_all_rows_on_a_line_stay_there():
    first, second = original(ONE_LINE).scenario.events
    added = Event(700_000_000, EventKind.NOTE, text="here")
    row = '{ t = 0.7, kind = "note", text = "here" }'
    found = edited(ONE_LINE, with_events(first, added, second))
    assert found == ONE_LINE.replace("}, {", f"}}, {row}, {{")
    found = edited(ONE_LINE, with_events(replace(added, time_ns=0), first, second))
    assert found == ONE_LINE.replace("[{ t = 0.5", f"[{row.replace('0.7', '0.0')}, {{ t = 0.5")
    assert "event = [{ t = 1.0, kind" in edited(ONE_LINE, with_events(second))
    assert "event" not in edited(ONE_LINE, with_events())


def test_regions_out_of_order_become_tables():
    regions = (
        '{ name = "ROM", kind = "rom", start = 0x8000_0000, size = "1 MiB" }, '
        '{ name = "RAM", kind = "ram", start = 0x0, size = "1 GiB" }'
    )
    text = ONE_LINE[: ONE_LINE.rindex("[{")] + f"[{regions}]\n"

    def rename(scenario):
        ram, rom = scenario.machine.regions
        machine = replace(scenario.machine, regions=(replace(ram, name="memory"), rom))
        return replace(scenario, machine=machine)

    assert edited(text, rename).count("[[machine.region]]") == 2


def inline(value):
    """Return a value of a file as it is written within a line."""
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{key} = {inline(one)}" for key, one in value.items()) + " }"
    if isinstance(value, list):
        return "[" + ", ".join(inline(one) for one in value) + "]"
    return json.dumps(value)


def rows_text(rows, *, in_lines):
    texts = [inline(row) for row in rows]
    return "[\n" + "".join(f"  {t}, # x\n" for t in texts) + "]" if in_lines else inline(rows)


def rewritten(text, *, in_lines):
    """Return a file whose arrays of tables are all written inline."""
    lines: list[str] = []

    def write(table):
        tables = {key: value for key, value in table.items() if isinstance(value, dict)}
        for key, value in table.items():
            is_rows = isinstance(value, list) and value and isinstance(value[0], dict)
            if key not in tables:
                said = rows_text(value, in_lines=in_lines) if is_rows else inline(value)
                lines.append(f"{key} = {said}")
        for key, value in tables.items():
            lines.append(f"[{key}]")
            write(value)

    write(tomllib.loads(text))
    return "\n".join(lines) + "\n"


@pytest.mark.parametrize("in_lines", [False, True])
@settings(max_examples=20, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data(), name=st.sampled_from(WRITTEN))
def test_any_edit_of_a_file_with_inline_rows(in_lines, data, name):
    text = rewritten(SHIPPED[name].read_text(), in_lines=in_lines)
    read = original(text)
    assert read.scenario.events == shipped(name).scenario.events
    wanted = data.draw(edits(read.scenario))
    found = scenario_text(wanted, read)
    assert_same(original(found).scenario, wanted)
    assert "[[event]]" not in found or not read.scenario.events
