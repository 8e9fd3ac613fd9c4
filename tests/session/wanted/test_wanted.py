"""The wanted map as a value: edits, refusals, undo, and where it can start."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mtrrviz.analysis.solve import Limits, WantedRange, differences
from mtrrviz.core.errors import MtrrvizError
from mtrrviz.core.memtype import MEMORY_TYPES, MemoryType
from mtrrviz.scenario.library import open_scenario
from mtrrviz.session import Change, Document
from mtrrviz.session.edits import attach_dma
from mtrrviz.session.wanted.wanted_edits import (
    Wanted,
    change_limits,
    change_range,
    change_rest,
    join_spans,
    lay_range,
    paint,
    remove_ranges,
    split_range,
)
from mtrrviz.session.wanted.wanted_sources import (
    as_registers,
    as_text,
    machine_ranges,
    read_file,
    read_ranges,
)

UC, WC, WT, WP, WB = (MemoryType[name] for name in ("UC", "WC", "WT", "WP", "WB"))
PAGE, WIDTH = 0x1000, 36


def ranges(*rows):
    return tuple(WantedRange(start * PAGE, end * PAGE, kind) for start, end, kind in rows)


def rows(wanted):
    return [(one.start // PAGE, one.end // PAGE, one.type) for one in wanted.ranges]


def pages(*spans):
    return [(start * PAGE, end * PAGE) for start, end in spans]


def test_paint_lies_over_what_is_there_and_joins_its_own_type():
    wanted = Wanted(ranges((0, 10, WB), (12, 14, UC)))
    assert rows(paint(wanted, pages((4, 6)), UC).wanted) == [
        (0, 4, WB), (4, 6, UC), (6, 10, WB), (12, 14, UC),
    ]  # fmt: skip
    assert rows(paint(wanted, pages((10, 13)), WB).wanted) == [(0, 13, WB), (13, 14, UC)]
    assert rows(paint(wanted, pages((2, 13)), None).wanted) == [(0, 2, WB), (13, 14, UC)]


def test_a_stroke_names_what_it_did():
    assert paint(Wanted(), pages((0, 1), (1, 2)), WC).label == "Paint WC: 0x0-0x1fff (8 KiB)"
    assert paint(Wanted(), pages((0, 1), (4, 5)), None).label == "Clear 2 ranges (8 KiB)"


def test_ranges_can_be_laid_changed_split_and_removed():
    wanted = lay_range(Wanted(ranges((0, 10, WB))), ranges((8, 12, UC))[0], WIDTH).wanted
    assert rows(wanted) == [(0, 8, WB), (8, 12, UC)]
    wanted = change_range(wanted, 1, ranges((6, 7, WT))[0], WIDTH).wanted
    assert rows(wanted) == [(0, 6, WB), (6, 7, WT), (7, 8, WB)]
    wanted = split_range(wanted, 0).wanted
    assert rows(wanted)[:2] == [(0, 3, WB), (3, 6, WB)]
    assert rows(remove_ranges(wanted, [0, 3]).wanted) == [(3, 6, WB), (6, 7, WT)]


@pytest.mark.parametrize(
    ("new", "words"),
    [
        (WantedRange(0x800, 0x1800, WB), "whole 4 KiB pages"),
        (WantedRange(0x1000, 0x1000, WB), "empty"),
        (WantedRange(0, 1 << 37, WB), "beyond the guest's physical addresses"),
    ],
)
def test_what_no_guest_can_have_is_refused_with_the_reason(new, words):
    wanted = Wanted(ranges((0, 2, WB)))
    with pytest.raises(MtrrvizError, match=words):
        lay_range(wanted, new, WIDTH)
    with pytest.raises(MtrrvizError, match=words):
        change_range(wanted, 0, new, WIDTH)


def test_one_page_cannot_be_split():
    with pytest.raises(MtrrvizError, match="one page"):
        split_range(Wanted(ranges((3, 4, WB))), 0)


def test_rest_and_limits_are_part_of_it():
    wanted = change_rest(Wanted(), None).wanted
    assert wanted.map(WIDTH).types == frozenset()
    assert change_limits(wanted, Limits(pairs=3)).wanted.limits.pairs == 3


@given(st.lists(st.tuples(st.integers(0, 60), st.integers(1, 9), st.sampled_from(
    (*MEMORY_TYPES, None))), max_size=8))  # fmt: skip
def test_strokes_give_each_page_the_last_type_painted(strokes):
    wanted, expected = Wanted(), [UC] * 70
    for start, count, kind in strokes:
        wanted = paint(wanted, pages((start, start + count)), kind).wanted
        expected[start : start + count] = [kind or UC] * count
    found = wanted.map(WIDTH)
    assert [next(p.type for p in found.pieces if p.start <= g < p.end) for g in range(70)] == (
        expected
    )


def test_spans_that_touch_are_one():
    assert join_spans([(4, 6), (0, 2), (1, 3), (6, 7)]) == [(0, 3), (4, 7)]


# In the document


@pytest.fixture
def document():
    return Document(open_scenario("small-machine"))


def test_it_starts_as_the_machine_asks(document):
    assert document.wanted == Wanted(machine_ranges(document.scenario.machine))
    assert {one.type for one in document.wanted.ranges} == {WB, UC}


def test_an_edit_is_told_and_undone_in_turn_with_edits_of_the_scenario(document):
    heard = []
    document.subscribe(heard.append)
    first, scenario = document.wanted, document.scenario
    document.want(paint(first, pages((0, 4)), WT))
    assert heard == [{Change.WANTED}]
    assert not document.is_modified
    second = document.wanted
    document.apply(attach_dma(document.scenario, 1000))
    document.undo()
    assert (document.scenario, document.wanted) == (scenario, second)
    assert document.undo_label == "Paint WT: 0x0-0x3fff (16 KiB)"
    document.undo()
    assert (document.wanted, document.undo_label) == (first, None)
    document.redo()
    assert document.wanted == second


def test_an_edit_that_changes_nothing_is_no_step(document):
    document.want(change_rest(document.wanted, document.wanted.rest))
    assert document.undo_label is None


def test_another_scenario_has_another_wanted_map(document):
    document.want(change_rest(document.wanted, None))
    document.open(open_scenario("ovmf-8vcpu-2g"), None)
    assert document.wanted == Wanted(machine_ranges(document.scenario.machine))


# Sources


def test_what_registers_give_is_what_they_give(document):
    document.set_playhead(document.duration_ns)
    state = document.state.machine.mtrr(0)
    wanted = as_registers(document.wanted, 0, state).wanted
    assert wanted.rest == state.memory_type((1 << (state.maxphyaddr - 12)) - 1)
    assert differences(state, wanted.map(state.maxphyaddr)) == ()
    assert wanted.ranges


E820 = b"""\
[    0.000000] BIOS-e820: [mem 0x0000000000000000-0x000000000009fbff] usable
[    0.000000] BIOS-e820: [mem 0x0000000000100000-0x000000007fffffff] usable
[    0.000000] BIOS-e820: [mem 0x00000000fffc0000-0x00000000ffffffff] reserved
"""


def test_a_memory_map_is_read_as_import_reads_it():
    found = read_ranges("dmesg", E820)
    assert WantedRange(0x10_0000, 0x8000_0000, WB) in found
    assert {one.type for one in found if one.start >= 0x8000_0000} <= {UC}


def test_lines_of_a_wanted_map_are_read_as_they_are():
    found = read_ranges("map", b"# mine\n2GiB 16MiB WC\n0 2GiB WB\n")
    assert [(one.start, one.type) for one in found] == [(0, WB), (1 << 31, WC)]


@pytest.mark.parametrize(
    ("data", "words"),
    [(b"rdmsr 0x2ff\nc06\n", "no memory map"), (b"0 2GiB WB\n0 junk\n", "line 2"), (b"", "pasted")],
)
def test_a_text_without_a_map_is_refused(data, words):
    with pytest.raises(MtrrvizError, match=words):
        read_ranges("pasted", data)


def test_a_map_that_the_guest_has_no_addresses_for_is_refused():
    with pytest.raises(MtrrvizError, match="beyond"):
        as_text(Wanted(), "map", (WantedRange(0, 1 << 40, WB),), WIDTH)
    with pytest.raises(MtrrvizError, match="overlaps"):
        as_text(Wanted(), "map", ranges((0, 2, WB), (1, 3, UC)), WIDTH)


@pytest.mark.parametrize("spare", [0, -1])
def test_a_wanted_map_may_have_its_most_ranges(monkeypatch, spare):
    monkeypatch.setattr("mtrrviz.session.wanted.wanted_edits.MAX_RANGES", 3 + spare)
    wanted = Wanted(ranges((0, 9, WB)))
    if spare < 0:
        with pytest.raises(MtrrvizError, match="at most 2 ranges"):
            paint(wanted, pages((4, 6)), UC)
    else:
        assert len(paint(wanted, pages((4, 6)), UC).wanted.ranges) == 3


@pytest.mark.parametrize("spare", [0, -1])
def test_a_file_of_just_the_most_bytes_is_read(tmp_path, monkeypatch, spare):
    path = tmp_path / "wanted.txt"
    path.write_text("0 2GiB WB\n")
    monkeypatch.setattr("mtrrviz.session.wanted.wanted_sources.MAX_BYTES", 10 + spare)
    if spare < 0:
        with pytest.raises(MtrrvizError, match="larger than"):
            read_file(path)
    else:
        assert read_file(path) == (WantedRange(0, 2 << 30, WB),)
