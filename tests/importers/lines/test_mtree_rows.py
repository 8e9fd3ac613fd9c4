"""Rows of QEMU's `info mtree` that belong to no known tree, and more of them than are taken."""

from __future__ import annotations

import pytest

from mtrrviz.importers.dumps import mtree
from mtrrviz.importers.facts import Facts
from mtrrviz.importers.formats import Context
from mtrrviz.importers.notes import NoteKind


def row(page):
    return f"  {page << 12:016x}-{(page << 12) + 0xFFF:016x} (prio 0, ram): pc.ram"


def parsed(*lines):
    facts = Facts()
    parser = mtree.MtreeParser(facts, Context("pasted"))
    taken = [parser.take(line, number) for number, line in enumerate(lines, 1)]
    parser.finish()
    assert all(taken)
    return facts


def test_rows_of_another_address_space_are_told_of_and_headings_alone_are_not():
    told = parsed("address-space: I/O", row(1))
    assert told.memory == []
    (note,) = told.notes
    assert note.kind is NoteKind.WARNING
    assert '"memory"' in note.text
    assert parsed("address-space: I/O").notes == []


@pytest.mark.parametrize("head", ["address-space: memory", 'FlatView #0\n AS "memory", root: x'])
def test_as_many_rows_as_allowed_are_taken_and_no_more(head, monkeypatch):
    monkeypatch.setattr(mtree, "_MAX_ROWS", 3)
    facts = parsed(*head.split("\n"), *(row(2 * number) for number in range(5)))
    assert [found.start >> 12 for found in facts.memory] == [0, 2, 4]
