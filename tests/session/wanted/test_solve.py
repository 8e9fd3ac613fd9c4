"""A solution applied: one step that undo takes back, after which the map is as wanted."""

from __future__ import annotations

import pytest

from mtrrviz.analysis.checks import check
from mtrrviz.analysis.solve import solve, wanted_by_machine
from mtrrviz.analysis.solve.proof import differences
from mtrrviz.core.memtype import MemoryType
from mtrrviz.core.msr.registers import DEFTYPE
from mtrrviz.core.units import PAGE_SHIFT, format_size
from mtrrviz.scenario.library import open_scenario
from mtrrviz.session.document import Document
from mtrrviz.session.edits import detach_dma
from mtrrviz.session.wanted.solution_edit import (
    effect_note,
    now_words,
    register_changes,
    solution_edit_of,
)


def now(document):
    """Return the state at the playhead; runs are made at once here."""
    assert document.state is not None
    return document.state


def mended():
    document = Document(open_scenario("range-moved"))
    document.set_playhead(document.duration_ns)
    before = document.scenario
    solution = solve(wanted_by_machine(before.machine))
    machine = now(document).machine
    edit = solution_edit_of(before, document.playhead_ns, machine, solution, range(machine.vcpus))
    document.apply(edit)
    return document, before, solution


@pytest.fixture
def document_at_end():
    document = Document(open_scenario("range-moved"))
    document.set_playhead(document.duration_ns)
    return document, solve(wanted_by_machine(document.scenario.machine))


def test_all_vcpus_get_the_registers_and_the_map_is_as_wanted():
    document, _, solution = mended()
    machine = now(document).machine
    for vcpu in range(machine.vcpus):
        assert all(machine.read_msr(vcpu, msr) == value for msr, value in solution.writes)
        assert not machine.cd(vcpu)
    assert machine.mtrr(0).memory_type(0x2000) == MemoryType.WB


def test_the_problems_it_is_for_are_gone():
    document, _, _ = mended()
    left = {problem.rule for problem in check(now(document))}
    assert not left & {"vcpus-disagree", "mtrrs-disabled", "ram-by-default-uc", "stale-leaves"}


def test_what_changes_is_told_before(document_at_end):
    document, solution = document_at_end
    state = now(document).machine.mtrr(0)
    changes = {row.msr: row for row in register_changes(state, solution)}
    assert all(row.before == state.read(msr) for msr, row in changes.items())
    assert {msr: row.after for msr, row in changes.items() if row.after} == {
        msr: value for msr, value in solution.writes if value
    }
    assert any(row.is_change for row in changes.values())
    wrong = sum(one.end - one.start for one in differences(state, solution.wanted))
    size = format_size(wrong << PAGE_SHIFT)
    assert f"{size} would get another type" in now_words(state, solution.wanted)
    assert "every page has the type" in now_words(solution.state(), solution.wanted)


def test_one_vcpu_can_be_mended_alone(document_at_end):
    document, solution = document_at_end
    machine = now(document).machine
    before = machine.read_msr(0, DEFTYPE)
    edit = solution_edit_of(document.scenario, document.playhead_ns, machine, solution, [1])
    document.apply(edit)
    after = now(document).machine
    assert after.read_msr(1, DEFTYPE) == solution.deftype
    assert after.read_msr(0, DEFTYPE) == before
    assert "of 1 vCPU:" in edit.label


def test_it_is_said_when_the_map_would_not_show_it(document_at_end):
    document, _ = document_at_end
    machine = now(document).machine
    assert effect_note(machine, [0]) == ""
    document.set_compared_policy("per-vm")
    other = document.compared_state.machine
    assert "does not look at these vCPUs" in effect_note(other, [1])
    document.apply(detach_dma(document.scenario, document.playhead_ns))
    assert "no non-coherent DMA" in effect_note(now(document).machine, [0])


def test_it_is_one_step():
    document, before, solution = mended()
    assert document.undo_label == f"Solve for MTRRs: {len(solution.pairs)} variable range"
    document.undo()
    assert document.scenario is before
    assert document.undo_label is None
