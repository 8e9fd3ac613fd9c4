"""The document: edits, undo and redo, policies, markers, the file; and who is told of what."""

from __future__ import annotations

from pathlib import Path

import pytest

from mtrrviz.session import Change, Document
from mtrrviz.session.edits import RegisterWrite, attach_dma, write_registers
from mtrrviz.sim import simulate
from tests.session.slow_executor import SlowExecutor
from tests.sim.made import DEFTYPE, ON_WB, machine, scenario, wrmsr
from tests.sim.slow import leaf_rows, zap_rows


@pytest.fixture
def made():
    events = (wrmsr(5, DEFTYPE, ON_WB), wrmsr(50, DEFTYPE, 0, vcpu=1))
    return scenario(machine(), events, (1, 5), (9, 600), (60, 6))


@pytest.fixture
def document(made):
    return Document(made)


@pytest.fixture
def heard(document):
    found = []
    document.subscribe(found.append)
    return found


def write(document, time_ns=100, value=0x806):
    edit = write_registers(document.scenario, time_ns, [0], [RegisterWrite(DEFTYPE, value)])
    document.apply(edit)
    return edit


def assert_runs_are_right(document):
    for run in (document.run, document.compared_run):
        expected = simulate(document.scenario, run.policy)
        assert leaf_rows(run) == leaf_rows(expected)
        assert zap_rows(run) == zap_rows(expected)


def test_it_opens_with_both_policies_run(document, made):
    assert document.scenario is made
    assert (document.run.policy.id, document.compared_run.policy.id) == ("per-vcpu", "per-vm")
    assert not document.is_modified
    assert not document.is_simulating
    assert (document.undo_label, document.redo_label) == (None, None)


def test_an_edit_is_shown_told_once_and_can_be_undone_and_redone(document, heard, made):
    edit = write(document)
    assert document.scenario is edit.scenario
    assert document.playhead_ns == 100
    assert heard == [{Change.SCENARIO, Change.FILE, Change.RUN, Change.PLAYHEAD}]
    assert document.is_modified
    assert document.undo_label == edit.label
    assert_runs_are_right(document)
    document.undo()
    assert document.scenario is made
    assert not document.is_modified
    assert (document.undo_label, document.redo_label) == (None, edit.label)
    assert_runs_are_right(document)
    document.redo()
    assert document.scenario is edit.scenario
    assert_runs_are_right(document)


def test_nothing_to_undo_says_nothing(document, heard):
    document.undo()
    document.redo()
    assert heard == []


def test_a_new_edit_ends_what_could_be_redone(document):
    write(document)
    document.undo()
    write(document, value=0)
    assert document.redo_label is None
    document.redo()
    assert document.scenario.events[-1].value == 0


def test_many_edits_and_undos_in_any_order_stay_right(document):
    for number in range(6):
        write(document, time_ns=20 * number, value=0x800 | (number % 2 * 6))
    for _ in range(4):
        document.undo()
        assert_runs_are_right(document)
    document.apply(attach_dma(document.scenario, 30))
    assert_runs_are_right(document)
    while document.undo_label:
        document.undo()
    assert not document.is_modified
    assert_runs_are_right(document)


def test_undo_keeps_the_playhead(document):
    write(document, time_ns=100)
    document.set_playhead(700)
    document.undo()
    assert document.playhead_ns == 700


def test_the_policy_in_use_changes_places_with_the_compared_one(document, heard):
    document.set_policy("per-vm")
    assert (document.policy, document.compared_policy) == ("per-vm", "per-vcpu")
    assert (document.run.policy.id, document.compared_run.policy.id) == ("per-vm", "per-vcpu")
    assert heard == [{Change.POLICY, Change.RUN}]
    document.set_policy("per-vm")
    document.set_compared_policy("per-vcpu")
    assert len(heard) == 1


def test_a_policy_can_be_compared_with_itself(document):
    document.set_compared_policy("per-vcpu")
    assert document.run is document.compared_run


def test_the_state_follows_the_playhead(document, heard):
    assert document.state.machine.read_msr(0, DEFTYPE) == 0
    document.set_playhead(5)
    assert document.state.machine.read_msr(0, DEFTYPE) == ON_WB
    assert document.state is document.state
    assert heard == [{Change.PLAYHEAD}]


def test_the_playhead_stays_within_the_scenario(document):
    document.set_playhead(10**12)
    assert document.playhead_ns == document.duration_ns == 1000
    document.set_playhead(-5)
    assert document.playhead_ns == 0


def test_an_edit_at_the_very_end_is_shown(document):
    document.set_playhead(1000)
    write(document, time_ns=1500)
    assert document.playhead_ns == 1500
    assert document.state.machine.read_msr(0, DEFTYPE) == 0x806


def test_selections_tell_only_of_change(document, heard):
    document.select_vcpu(1)
    document.select_vcpu(1)
    document.select_vcpu(99)
    document.select_page(7)
    document.select_page(7)
    document.select_page(None)
    assert heard == [{Change.VCPU}, {Change.SELECTION}, {Change.SELECTION}]
    assert document.vcpu == 1


def test_markers(document, heard):
    document.set_marker("A", 10**12)
    document.set_marker("B", 20)
    assert (document.marker("A"), document.marker("B")) == (1000, 20)
    document.set_marker("A", None)
    assert document.marker("A") is None
    assert heard == [{Change.MARKERS}] * 3


def test_saving_ends_being_modified_until_the_next_edit(document, heard, made):
    write(document)
    heard.clear()
    document.mark_saved(document.scenario, Path("x.toml"))
    assert not document.is_modified
    assert document.path == Path("x.toml")
    assert heard == [{Change.FILE}]
    document.undo()
    assert document.is_modified
    document.redo()
    assert not document.is_modified


def test_saving_under_an_equal_scenario_keeps_runs_and_undo(document):
    from msgspec.structs import replace

    write(document)
    run = document.run
    saved = replace(document.scenario)
    document.mark_saved(saved, Path("x.toml"))
    assert document.scenario is saved
    assert document.run is run
    assert not document.is_simulating
    document.undo()
    document.redo()
    assert document.scenario is saved
    assert not document.is_modified


def test_opening_another_scenario_starts_anew(document, heard, made):
    write(document)
    document.set_marker("A", 5)
    document.select_page(3)
    document.select_vcpu(1)
    heard.clear()
    other = scenario(machine(vcpus=1))
    document.open(other, Path("other.toml"))
    results = {Change.COSTS, Change.FIGURES, Change.DIFFERENCES}
    assert heard == [set(Change) - results - {Change.PLAYBACK}]
    assert (document.playhead_ns, document.gfn, document.vcpu) == (0, None, 0)
    assert document.marker("A") is document.undo_label is None
    assert document.run.scenario is other


# With simulations that take their time


@pytest.fixture
def executor():
    return SlowExecutor()


@pytest.fixture
def slow(made, executor):
    return Document(made, executor=executor)


def test_before_the_first_run_there_is_no_state(slow, executor):
    assert slow.run is slow.state is None
    assert slow.is_simulating
    executor.finish_all()
    assert slow.state is not None
    assert not slow.is_simulating


def test_edits_while_simulating_end_with_the_newest(slow, executor):
    write(slow, time_ns=100)
    write(slow, time_ns=200, value=0)
    assert slow.is_simulating
    executor.finish_all()
    assert slow.run.scenario is slow.scenario
    assert_runs_are_right(slow)


@pytest.mark.parametrize("order", [(0, 0, 0, 0), (3, 2, 1, 0), (1, 2, 0, 0), (2, 0, 1, 0)])
def test_results_may_come_in_any_order(slow, executor, order):
    write(slow)
    for number in order:
        executor.finish(number)
    assert slow.run.scenario is slow.compared_run.scenario is slow.scenario
    assert not slow.is_simulating


def test_a_result_of_the_scenario_before_does_not_appear_after_opening(slow, executor):
    other = scenario(machine(vcpus=1))
    heard = []
    slow.open(other, None)
    slow.subscribe(heard.append)
    executor.finish()
    executor.finish()
    assert not slow.run
    assert heard == []
    executor.finish_all()
    assert slow.run
    assert slow.run.scenario is other


def test_saving_while_simulating_shows_the_result_all_the_same(slow, executor):
    from msgspec.structs import replace

    slow.mark_saved(replace(slow.scenario), Path("x.toml"))
    executor.finish_all()
    assert not slow.is_simulating
    assert slow.run is not None


def test_undo_while_simulating_shows_what_was_there(slow, executor, made):
    executor.finish_all()
    before = slow.run
    write(slow)
    slow.undo()
    executor.finish_all()
    assert slow.run is before
    assert not slow.is_simulating


def twice_as_expensive(document):
    lock = document.costs.lock
    return document.costs.with_values({"own": 2 * lock.own.value, "flush": 2 * lock.flush.value})


def test_other_constants_change_the_modelled_figures_of_both_runs_and_nothing_else(document, heard):
    before, compared, costs = document.run, document.compared_run, twice_as_expensive(document)
    document.set_costs(costs)
    assert document.run.zaps.cycles == pytest.approx(2 * before.zaps.cycles)
    assert document.compared_run.zaps.cycles == pytest.approx(2 * compared.zaps.cycles)
    assert document.run.leaves is before.leaves
    assert not document.is_modified
    assert heard == [{Change.COSTS, Change.FIGURES}]
    document.set_costs(costs)
    assert len(heard) == 1


def test_constants_stay_when_another_scenario_is_opened_and_for_other_policies(document, made):
    document.set_costs(twice_as_expensive(document))
    document.open(scenario(machine(), (wrmsr(7, DEFTYPE, ON_WB),), (1, 5)), None)
    document.set_policy("kvm-6.7")
    assert document.run.costs == document.compared_run.costs == document.costs
    expected = simulate(document.scenario, "kvm-6.7", document.costs)
    assert document.run.zaps.cycles.tolist() == expected.zaps.cycles.tolist()


def test_undo_shows_the_run_before_at_the_constants_in_force(document):
    before = document.run
    write(document)
    document.set_costs(twice_as_expensive(document))
    document.undo()
    assert document.run.leaves is before.leaves
    assert document.run.zaps.cycles == pytest.approx(2 * before.zaps.cycles)


def test_constants_changed_while_simulating_are_those_of_the_result(slow, executor):
    slow.set_costs(twice_as_expensive(slow))
    slow.set_costs(twice_as_expensive(slow))
    assert len(executor.waiting) == 2
    executor.finish_all()
    assert slow.run.costs == slow.compared_run.costs == slow.costs
    assert not slow.is_simulating


def test_constants_changed_quickly_are_figured_out_once_more_not_each_time(slow, executor):
    executor.finish_all()
    done = executor.done
    for _ in range(5):
        slow.set_costs(twice_as_expensive(slow))
    assert slow.is_simulating
    executor.finish_all()
    assert executor.done - done == 4
    assert slow.run.costs == slow.costs


def test_the_comparison_keeps_what_it_found_of_the_leaves(document):
    history = document.comparison.history
    document.set_costs(twice_as_expensive(document))
    assert document.comparison.history is history
    assert document.comparison.run_a is document.run
