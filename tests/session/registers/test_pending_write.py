"""A write on its way: what it would drop at the playhead is what writing it then drops."""

from __future__ import annotations

import pytest

from mtrrviz.core.memtype import MemoryType
from mtrrviz.core.msr.registers import DEFTYPE, PHYSBASE0, pair_msrs
from mtrrviz.scenario.library import open_scenario
from mtrrviz.session.changes import Change
from mtrrviz.session.document import Document
from mtrrviz.session.edits import RegisterWrite, write_registers
from mtrrviz.session.registers.pending_write import drafted_spans
from mtrrviz.session.registers.register_draft import Draft
from mtrrviz.session.registers.register_writes import WritePlan

MS = 1_000_000
TIMES = (900 * MS, 1_100 * MS, 1_999 * MS)


@pytest.fixture
def document():
    made = Document(open_scenario("small-machine"))
    made.set_playhead(TIMES[0])
    return made


def machine_of(document):
    assert document.state is not None
    return document.state.machine


def show(document, values, vcpu=0):
    """Type values into registers of a vCPU, as its form does."""
    draft = Draft.of(machine_of(document), vcpu, tuple(values))
    for msr, value in values.items():
        draft = draft.with_value(msr, value)
    writes = tuple(RegisterWrite(msr, value) for msr, value in values.items())
    document.pending.show(WritePlan((vcpu,), writes, False), draft)
    return writes


def dropped_by(document, writes):
    """Return the leaves that writing it at the playhead really drops, by page and birth."""
    at = document.playhead_ns
    after = Document(write_registers(document.scenario, at, [0], writes).scenario).run
    before = document.state
    assert after is not None
    assert before is not None
    leaves = before.run.leaves
    was = {(int(leaves.first_gfn[row]), int(leaves.born_ns[row])) for row in before.live_rows}
    gone = after.leaves.died_ns == at
    born = zip(after.leaves.first_gfn[gone], after.leaves.born_ns[gone], strict=True)
    return was & {(int(gfn), int(born_ns)) for gfn, born_ns in born}


@pytest.mark.parametrize("at", TIMES)
@pytest.mark.parametrize(
    "values", [{DEFTYPE: 0xC04}, {0x202: 0x100_0006, 0x203: 0xF_FF00_0800}, {0x250: 0}]
)
def test_what_is_outlined_is_what_the_write_drops_wherever_the_playhead_is(document, values, at):
    writes = show(document, values)
    document.pending.rows_hit(document.state)  # of another time: what was found there must not stay
    document.set_playhead(at)
    leaves = document.run.leaves
    rows = document.pending.rows_hit(document.state)
    found = {(int(leaves.first_gfn[row]), int(leaves.born_ns[row])) for row in rows}
    assert found == dropped_by(document, writes)
    assert (rows == document.pending.rows_hit(document.state)).all()
    assert document.pending.words


def test_writing_what_is_there_outlines_nothing_but_is_told(document):
    show(document, {DEFTYPE: machine_of(document).read_msr(0, DEFTYPE)})
    pending = document.pending
    assert not pending.is_shown
    assert len(pending.rows_hit(document.state)) == 0
    assert pending.spans == ()
    assert pending.words.startswith("Zaps")


def test_what_is_refused_has_no_effect(document):
    show(document, {DEFTYPE: 0xC02})
    assert document.pending.effect is None
    assert document.pending.words == ""
    assert document.pending.spans == ()
    assert len(document.pending.rows_hit(document.state)) == 0


def test_observers_are_told_of_a_change_and_of_nothing_else(document):
    told = []
    document.subscribe(told.append)
    show(document, {DEFTYPE: 0xC04})
    show(document, {DEFTYPE: 0xC04})
    assert told == [frozenset({Change.PENDING})]
    assert document.pending.is_shown
    document.pending.show(None)
    assert len(told) == 2
    assert not document.pending.is_shown
    assert document.pending.effect is None
    show(document, {PHYSBASE0: 0x6})
    document.pending.forget()
    assert not document.pending.is_shown
    assert len(told) == 3


@pytest.mark.parametrize(
    ("msr", "changed", "spans"),
    [
        (0x250, 0x00, ((0x00, 0x10),)),
        (0x250, 0x38, ((0x70, 0x80),)),
        (0x258, 0x00, ((0x80, 0x84),)),
        (0x26F, 0x38, ((0xFF, 0x100),)),
    ],
)
def test_a_changed_byte_of_a_fixed_register_stands_for_its_own_pages(document, msr, changed, spans):
    draft = Draft.of(machine_of(document), 0, (msr,))
    other = draft.values[msr] ^ (6 << changed)
    if other >> changed & 0xFF not in {0, 6}:
        other = draft.values[msr] & ~(0xFF << changed)
    assert drafted_spans(draft.with_value(msr, other)) == spans
    assert drafted_spans(draft) == ()


@pytest.mark.parametrize(("base", "size"), [(0x100_0000, 0x100_0000), (0x2000, 0x1000)])
def test_a_drafted_pair_stands_for_its_range(document, base, size):
    draft = Draft.of(machine_of(document), 0, pair_msrs(3))
    laid = draft.with_range(base, size, MemoryType.WC)
    assert drafted_spans(laid) == ((base >> 12, (base + size) >> 12),)
    off = laid.with_value(pair_msrs(3)[1], 0)
    assert drafted_spans(off) == ()
    assert drafted_spans(Draft.of(machine_of(document), 0, (DEFTYPE,)).with_value(DEFTYPE, 0)) == ()
