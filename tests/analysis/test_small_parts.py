"""Small parts of the analysis: exact answers or none, words of conditions, lists, model figures."""

from __future__ import annotations

from itertools import pairwise

import pytest

from mtrrviz.analysis.checks.subject import vcpu_words
from mtrrviz.analysis.model_results import misfit_results, run_results
from mtrrviz.analysis.solve import GUEST, Limits, Target, WantedRange, wanted_map
from mtrrviz.analysis.solve.alternatives import Choice, choice_words, exact_choices
from mtrrviz.analysis.solve.solver import solve_exactly
from mtrrviz.analysis.stops import stop_times, stop_words
from mtrrviz.analysis.validation import Misfit
from mtrrviz.core.memtype import MemoryType
from mtrrviz.core.msr.registers import DEFTYPE
from mtrrviz.core.policies import get_policy, policy_ids
from mtrrviz.exporters.listing import policies_text, policy_rows, scenario_rows, scenarios_text
from mtrrviz.scenario.library import list_builtin, open_scenario
from mtrrviz.scenario.stop_condition import StopCondition, StopKind
from mtrrviz.sim import simulate

GIB = 1 << 30
UC, WB = MemoryType.UC, MemoryType.WB
THREE_GIB = wanted_map([WantedRange(0, 3 * GIB, WB)], 40, UC)


@pytest.mark.parametrize(
    ("pairs", "default", "needed"),
    [(1, UC, None), (2, UC, 2), (3, UC, 2), (8, UC, 2), (8, WB, 10), (0, None, None)],
)
def test_an_exact_answer_needs_all_its_pairs(pairs, default, needed):
    found = solve_exactly(THREE_GIB, Limits(pairs=pairs, default=default), GUEST)
    if needed is None or needed > pairs:
        assert found is None
        return
    assert found is not None
    assert found.is_exact
    assert (found.needed, found.default, len(found.pairs)) == (needed, default, needed)


def test_a_map_finer_than_the_smallest_range_has_no_exact_answer():
    fine = wanted_map([WantedRange(GIB, GIB + 0x1000, WB)], 40, UC)
    assert solve_exactly(fine, Limits(default=UC, smallest_bytes=1 << 20), GUEST) is None
    assert solve_exactly(fine, Limits(default=UC), GUEST) is not None


def test_of_other_choices_those_that_are_exact_are_kept_in_order():
    choices = [
        Choice("one pair", lambda: THREE_GIB, Limits(pairs=1, default=UC)),
        Choice("two pairs", lambda: THREE_GIB, Limits(pairs=2, default=UC), risk="mind"),
        Choice("all pairs", lambda: THREE_GIB, Limits(default=UC)),
    ]
    found = exact_choices(choices, GUEST)
    assert [choice.words for choice, _ in found] == ["two pairs", "all pairs"]
    first, last = (choice_words(*pair) for pair in found)
    assert first.startswith("two pairs")
    assert "2 of 8 variable pairs" in first
    assert first.endswith("UC (mind)")
    assert last.endswith("UC")


@pytest.mark.parametrize(
    ("stop", "words"),
    [
        (StopCondition(StopKind.WRITE), "a register is written"),
        (StopCondition(StopKind.WRITE, vcpu=0), "a register is written by vCPU 0"),
        (StopCondition(StopKind.WRITE, register=DEFTYPE, vcpu=3),
         "IA32_MTRR_DEF_TYPE is written by vCPU 3"),
        (StopCondition(StopKind.TYPE, gfns=(1, 2)), "the leaf of 0x1000 gets another type"),
        (StopCondition(StopKind.TYPE, gfns=(1, 3), vcpu=0),
         "a fault by vCPU 0 would get another type at 0x1000 (8 KiB)"),
        (StopCondition(StopKind.FAULT), "a vCPU faults on any page"),
        (StopCondition(StopKind.FAULT, vcpu=0, gfns=(0, 1)), "vCPU 0 faults on 0x0"),
        (StopCondition(StopKind.ZAP), "KVM zaps"),
        (StopCondition(StopKind.ZAP, gfns=(0, 512)), "a leaf of 0x0 (2 MiB) is zapped"),
        (StopCondition(StopKind.STALE), "a leaf becomes stale"),
        (StopCondition(StopKind.STALE, gfns=(0, 1)), "a leaf becomes stale in 0x0"),
        (StopCondition(StopKind.PHASE), "a phase begins"),
        (StopCondition(StopKind.PHASE, phase="x"), "phase 'x' begins"),
        (StopCondition(StopKind.ZAPS_EXCEED, limit=1200), "1,200 zaps"),
        (StopCondition(StopKind.CYCLES_EXCEED, limit=1200.4), "1,200.4 Mcycles"),
    ],
)  # fmt: skip
def test_conditions_in_words(stop, words):
    assert words in stop_words(stop)


def test_a_page_of_stale_leaves_changes_its_type_when_it_is_mapped_again():
    run = simulate(open_scenario("small-machine"), "per-vcpu")
    leaves = run.leaves
    rows = {}
    for row in range(len(leaves)):
        rows.setdefault(int(leaves.first_gfn[row]), []).append(row)
    changing = next(
        gfn for gfn, own in rows.items() if len({int(leaves.memory_type[row]) for row in own}) > 1
    )
    own = rows[changing]
    expected = sorted(
        {int(leaves.born_ns[b]) for a, b in pairwise(own)
         if leaves.memory_type[a] != leaves.memory_type[b]}
    )  # fmt: skip
    stop = StopCondition(StopKind.TYPE, gfns=(changing, changing + 1))
    assert stop_times(stop, run).tolist() == expected
    assert stop_times(StopCondition(StopKind.TYPE), run).tolist() == []
    nowhere = StopCondition(StopKind.TYPE, gfns=(1 << 30, (1 << 30) + 1))
    assert stop_times(nowhere, run).tolist() == []


def test_lists_have_a_row_for_each_scenario_policy_and_switch():
    entries, policies = list_builtin(), [get_policy(one) for one in policy_ids()]
    rows = scenario_rows(entries)
    assert [row["name"] for row in rows] == [entry.name for entry in entries]
    assert {row["vcpus"] for row in rows} >= {2, 8, 16}
    assert len(scenarios_text(entries).splitlines()) == len(entries) + 1
    found = policy_rows(policies)
    assert [row["id"] for row in found] == list(policy_ids())
    switches = [one["id"] for row in found for one in row["switches"]]
    assert "per-vcpu:sdm-lookup" in switches
    text = policies_text(policies)
    assert all(switch in text for switch in switches)
    assert len(text.splitlines()) == len(policies) + len(switches) + 1


def test_figures_of_the_model_are_told_at_both_constants():
    same = misfit_results(Misfit(1.25, 0.5), Misfit(1.25, 0.5))
    assert [(row.default, row.is_changed) for row in same] == [
        ("x 1.250", False),
        ("0.500 s", False),
    ]
    other = misfit_results(Misfit(1.25, 0.5), Misfit(1.5, 0.5))
    assert [row.is_changed for row in other] == [True, False]
    run = simulate(open_scenario("small-machine"), "per-vcpu")
    assert len(run_results([run, run])) == 4
    assert not any(row.is_changed for row in run_results([run]))


@pytest.mark.parametrize(
    ("vcpus", "words"),
    [
        ((3,), "vCPU 3"), ((0, 1), "vCPUs 0-1"), ((2, 3, 4), "vCPUs 2-4"),
        ((1, 3), "vCPUs 1, 3"), ((1, 3, 4), "vCPUs 1, 3, 4"), ((0, 1, 3), "vCPUs 0, 1, 3"),
    ],
)  # fmt: skip
def test_vcpus_that_follow_each_other_are_said_as_a_span(vcpus, words):
    assert vcpu_words(vcpus) == words


def test_a_guest_and_a_machine_without_tom2_have_nothing_that_is_write_back_by_default() -> None:
    assert len(GUEST.wb_gfns) == len(Target(is_host=True).wb_gfns) == 0
    assert "TOM2" not in GUEST.words + Target(is_host=True).words
    above = Target(is_host=True, tom2_end=6 << 30)
    assert above.wb_gfns == range(4 << 18, 6 << 18)
    assert "TOM2" in above.words
