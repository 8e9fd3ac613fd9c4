"""Files of several machines: told of each pair that speaks of one thing in two ways."""

from __future__ import annotations

from itertools import combinations

import pytest

from mtrrviz.core.memtype import MemoryType
from mtrrviz.importers.facts import Facts, MemoryRange, MtrrRange
from mtrrviz.importers.machine.disagreement import disagreements
from mtrrviz.importers.notes import Place
from tests.narrow import there

WB, UC = MemoryType.WB, MemoryType.UC
SOURCES = ("iomem", "e820", "memmap", "efi", "coreboot", "mtree")


def with_ranges(**files):
    """Return facts of files, each a list of (index, base, type)."""
    facts = Facts()
    for file, rows in files.items():
        for index, base, kind in rows:
            is_map = index is None
            facts.add_range(MtrrRange(index, base, 0x1000, kind, Place(file, 1), is_map=is_map))
    return facts


def told(facts):
    """Return which files are said to differ, and in what."""
    notes = disagreements(facts)
    return [(there(note.place).file, note.text.split()[2], note.text) for note in notes]


@pytest.mark.parametrize(
    ("a", "b", "differ"),
    [
        ([(0, 0, WB)], [(0, 0, WB)], False),
        ([(0, 0, WB)], [(0, 0, UC)], True),
        ([(0, 0, WB)], [(0, 0x1000, WB)], True),
        ([(0, 0, WB)], [(1, 0x1000, WB)], False),
        ([(0, 0, WB), (1, 0x1000, WB)], [(1, 0x1000, UC)], True),
        ([(None, 0, WB)], [(None, 0, UC)], False),
        ([(None, 0, WB)], [(0, 0, UC)], False),
        ([], [(0, 0, UC)], False),
    ],
)
def test_pairs_of_one_number_are_held_against_each_other(a, b, differ):
    found = told(with_ranges(a=a, b=b))
    assert [row[:2] for row in found] == ([("b", "a")] if differ else [])
    assert all("variable ranges" in text for *_, text in found)


def test_of_three_files_each_pair_is_told_of():
    facts = with_ranges(a=[(0, 0, WB)], b=[(0, 0, UC)], c=[(0, 0x1000, UC)])
    assert [row[:2] for row in told(facts)] == [("b", "a"), ("c", "a"), ("c", "b")]


@pytest.mark.parametrize("source", [*SOURCES, "lspci", "kernel"])
def test_maps_of_one_kind_are_held_against_each_other_as_a_whole(source):
    rows = {
        "a": [(0, 0x1000, "RAM", 0)],
        "same": [(0, 0x1000, "RAM", 0), (0, 0x800, "within", 1)],
        "longer": [(0, 0x2000, "RAM", 0)],
        "more": [(0, 0x1000, "RAM", 0), (0x1000, 0x2000, "RAM", 0)],
        "name": [(0, 0x1000, "reserved", 0)],
    }
    for one, other in combinations(rows, 2):
        facts = Facts()
        for file in (one, other):
            for start, end, name, depth in rows[file]:
                place = Place(file, 1)
                found = MemoryRange(start, end, name, source, depth, place)
                facts.memory.append(found)
        differ = source in SOURCES and {one, other} != {"a", "same"}
        assert [row[:2] for row in told(facts)] == ([(other, one)] if differ else [])


def test_maps_of_two_kinds_are_not_compared():
    facts = Facts()
    for file, source, end in (("a", "e820", 0x1000), ("b", "iomem", 0x2000)):
        place = Place(file, 1)
        facts.memory.append(MemoryRange(0, end, "RAM", source, 0, place))
    assert told(facts) == []
