"""The table of the PAT: what each entry makes of a leaf, of the next fault, and of MTRRs alone."""

from __future__ import annotations

import pytest

from mtrrviz.analysis.explaining.pat_rows import PatRows
from mtrrviz.analysis.explaining.pat_table import PatTable
from mtrrviz.core.memtype import MemoryType, PatType, combination_notes, effective_type
from mtrrviz.core.sdm.hardware import HostType

LINUX = 0x0407_0105_0007_0106  # WB WC UC- UC WB WP UC- WT
WB, UC, WC = MemoryType.WB, MemoryType.UC, MemoryType.WC
CODES = [PatType(code) for code in LINUX.to_bytes(8, "little")]


def rows(mapped=None, next_fault=None, mtrr=None, vcpu=0):
    return PatRows(PatTable(vcpu, LINUX, mapped, next_fault, mtrr))


def effective(leaf):
    kind, ipat = leaf
    return [int(effective_type(kind, ipat, pat)) for pat in CODES]


def codes(table, key):
    return [table.type_code(row, key) for row in range(len(table))]


def test_a_leaf_and_the_next_fault_have_columns_of_their_own_once_they_differ():
    alike, stale = rows((WB, 0), (WB, 0)), rows((WB, 1), (UC, 0))
    assert (alike.is_stale, stale.is_stale) == (False, True)
    assert "page_is" in alike.shown
    assert {"is", "next"} <= set(stale.shown)
    assert codes(stale, "is") == effective((WB, 1))
    assert codes(stale, "next") == effective((UC, 0))
    assert codes(alike, "page_is") == codes(alike, "next") == effective((WB, 0))


def test_an_entry_says_its_own_type_and_words_have_none():
    table = rows((WB, 0), (WB, 0))
    assert codes(table, "says") == [int(pat) for pat in CODES]
    assert codes(table, "entry") == codes(table, "note") == [None] * 8


def test_without_a_leaf_the_next_fault_counts_and_without_either_nothing():
    assert codes(rows(None, (WC, 0)), "page_is") == effective((WC, 0))
    assert codes(rows(), "page_is") == [None] * 8
    assert [rows().page_is(row) for row in range(8)] == [None] * 8


def test_where_there_can_be_no_leaf_the_mtrrs_meet_the_pat():
    table = rows(mtrr=HostType.UC)
    assert {table.page_is(row) for row in (0, 2, 3)} == {"UC"}
    assert codes(table, "page_is")[0] == int(UC)
    assert codes(table, "next") == [None] * 8


@pytest.mark.parametrize("row", range(8))
def test_the_bits_of_an_entry_are_those_of_its_number(row):
    pat, pcd, pwt = row >> 2, row >> 1 & 1, row & 1
    sentences = rows((WB, 0), (WB, 0)).sentences(row)
    assert f"PAT {pat}, PCD {pcd}, PWT {pwt}" in sentences
    assert CODES[row].meaning in sentences
    assert f"entry PA{row}" in sentences


def test_tables_are_the_same_only_with_equal_leaves_and_pats():
    table = rows((WB, 0), (WB, 0), vcpu=1)
    assert table.about == {"vcpu": 1}
    assert table.shows_same(rows((WB, 0), (WB, 0), vcpu=1))
    assert not table.shows_same(rows((WB, 1), (WB, 0), vcpu=1))


def test_notes_are_of_the_mapped_leaf_or_without_it_of_the_next_fault_if_either_has_any():
    by_ept = {1: "by EPT (1)", 2: "by PAT (2)"}
    first, second = (WB, 0), (UC, 0)
    of_first, of_second = ([combination_notes(*leaf, pat) for pat in CODES]
                           for leaf in (first, second))  # fmt: skip
    assert of_first != of_second
    cases = {
        (first, first): of_first,
        (None, first): of_first,
        (first, None): of_first,
        (first, second): [one or two for one, two in zip(of_first, of_second, strict=True)],
        (second, first): [two or one for one, two in zip(of_first, of_second, strict=True)],
        (None, None): [()] * 8,
    }
    for leaves, expected in cases.items():
        table = rows(*leaves)
        assert [table.notes(row) for row in range(8)] == expected
    told = [rows(first, first).short_notes(row) for row in range(8)]
    assert told == [", ".join(by_ept.get(note, "(3)") for note in notes) for notes in of_first]
