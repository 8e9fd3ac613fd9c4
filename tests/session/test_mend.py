"""A solution applied: one step that undo takes back, after which the map is as wanted."""

from __future__ import annotations

from mtrrviz.analysis.checks import check
from mtrrviz.analysis.mend import solve, wanted_by_machine
from mtrrviz.core.memtype import MemoryType
from mtrrviz.scenario.library import open_scenario
from mtrrviz.session.document import Document
from mtrrviz.session.mend import mend_edit


def now(document):
    """Return the state at the playhead; runs are made at once here."""
    assert document.state is not None
    return document.state


def mended():
    document = Document(open_scenario("range-moved"))
    document.set_playhead(document.duration_ns)
    before = document.scenario
    solution = solve(wanted_by_machine(before.machine))
    edit = mend_edit(before, document.playhead_ns, now(document).machine, solution)
    document.apply(edit)
    return document, before, solution


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


def test_it_is_one_step():
    document, before, solution = mended()
    assert document.undo_label == f"Mend the MTRRs: {len(solution.pairs)} variable range"
    document.undo()
    assert document.scenario is before
    assert document.undo_label is None
