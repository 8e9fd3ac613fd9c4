"""Facts about pages of a boot that is known event by event."""

from __future__ import annotations

import itertools

import pytest

from mtrrviz.analysis.explaining.page_facts import (
    entry_words,
    format_entry,
    page_facts,
    past_leaves,
)
from mtrrviz.analysis.explaining.past_leaf_rows import PastLeafRows
from mtrrviz.core.errors import MtrrvizError
from mtrrviz.core.units import LEVEL_PAGES
from mtrrviz.scenario.library import open_scenario
from mtrrviz.scenario.machine_spec import MachineKind
from mtrrviz.sim import simulate
from tests.analysis.checks.checked import GIB, UC, on, pair, run
from tests.importers.helpers import imported
from tests.importers.traces.test_observed import SETUP, WB, WP, entry, leaf

RUN = simulate(open_scenario("small-machine"), "per-vcpu")


def facts_at(time_ns, gfn, vcpu=0):
    return {fact.label: fact for fact in page_facts(RUN.at(time_ns), gfn, vcpu).facts}


def test_a_mapped_page_shows_its_leaf_its_entry_and_its_fault():
    facts = facts_at(1_100_000_000, 0x2100)
    assert facts["Address"].value == "0x210_0000"
    assert facts["Leaf"].value == "4 KiB · WT · IPAT 0"
    assert facts["Entry"].value == "0x0000_0001_0210_0327"
    assert facts["Bits"].value == "RWX · type WT · IPAT 0 · A · D"
    assert facts["Host frame"].value == "0x10_2100 (modelled)"
    assert facts["Faulted"].value.startswith("vCPU 0 at ")
    assert facts["Last zap"].value == "820.000 ms · vCPU 0 · variable MTRR"


def test_the_pats_question_names_the_vcpu_and_its_notes_are_those_of_the_rows():
    facts = page_facts(RUN.at(1_100_000_000), 0x2100, 1)
    assert "vCPU 1's PAT" in facts.pat_question
    notes = facts.explanation.pat.notes
    assert [line[:3] for line in facts.pat_notes.splitlines()] == [f"({n})" for n in notes]
    ignored = page_facts(simulate(open_scenario("small-machine"), "kvm-6.16").at(0), 0x2100, 0)
    assert ignored.explanation.pat.is_ignored == ("IPAT is set" in ignored.pat_notes)


def test_a_stale_leaf_says_what_a_fault_would_give():
    state = facts_at(1_100_000_000, 0x2100)["State"]
    assert state.is_warning
    assert state.value == "stale: is WT · IPAT 0, a fault would give WB · IPAT 0"
    assert facts_at(1_100_000_000, 0x1000)["State"].value == "up to date"


def test_an_unmapped_page_has_no_entry_but_a_next_fault():
    facts = facts_at(0, 0x2100)
    assert facts["Leaf"].value == "none"
    assert "Entry" not in facts
    assert facts["Next fault"].value == "vCPU 0: WB · IPAT 1 · 2 MiB"
    assert facts["Last zap"].value == "none so far"


def test_the_real_entry_of_a_page_stands_beside_the_models():
    text = SETUP + entry(0x100, leaf(WP)) + entry(0x200, leaf(WB)) + entry(0x300, 0, old=leaf(WB))
    run = simulate(imported(text).scenario, "per-vcpu")
    state = run.at(run.scenario.duration_ns)
    real = {
        gfn: next(f for f in page_facts(state, gfn, 0).facts if f.label == "Real entry")
        for gfn in (0x100, 0x200, 0x300)
    }
    assert real[0x100].value == "WP, IPAT 0 · 4 KiB · differs: the model makes WB, IPAT 0"
    assert real[0x100].is_warning
    assert "vCPU 0, line 4 of the trace" in real[0x100].tip
    assert real[0x200].value == "WB, IPAT 0 · 4 KiB · as the model's"
    assert not real[0x200].is_warning
    assert real[0x300].value == "none now"
    assert "Real entry" not in facts_at(0, 0x100)


def test_a_page_without_a_slot_never_faults():
    facts = page_facts(RUN.at(0), 0xA8, 0)
    by_label = {fact.label: fact.value for fact in facts.facts}
    assert by_label["Next fault"] == "no memory slot: the access goes to the VMM"
    assert (by_label["MTRR type"], by_label["Decided by"]) == ("UC", "IA32_MTRR_DEF_TYPE = 0x0")
    assert facts.question == "There is no leaf: what vCPU 0's MTRRs say"


def test_the_question_is_answered_by_one_step():
    facts = page_facts(RUN.at(1_100_000_000), 0x2100, 0)
    assert facts.question == "Why would a fault of vCPU 0 get WB?"
    assert sum(step.decides for step in facts.explanation.steps) == 1


def test_a_page_beyond_the_machine_is_refused():
    with pytest.raises(MtrrvizError, match="beyond this guest's physical addresses"):
        page_facts(RUN.at(0), 1 << 40, 0)


def test_past_leaves_follow_each_other_and_say_what_ended_them():
    past = past_leaves(RUN, 0x2100)
    for before, after in itertools.pairwise(past):
        assert before.died_ns is not None
        assert before.died_ns <= after.born_ns
    assert past[-1].end == "there to the end"
    assert "variable MTRR" in past[0].end
    assert all(leaf.level in LEVEL_PAGES for leaf in past)


def test_exactly_one_past_leaf_is_alive_while_the_page_is_mapped():
    past = past_leaves(RUN, 0x2100)
    assert sum(leaf.is_alive(1_100_000_000) for leaf in past) == 1
    assert not any(leaf.is_alive(0) for leaf in past)


def test_entries_are_written_in_groups_of_four():
    assert format_entry(0x1_7E4C_2037) == "0x0000_0001_7e4c_2037"
    assert entry_words(0x3B7) == "RWX · type WB · IPAT 0 · PS · A · D"
    assert entry_words(0x30) == "--- · type WB · IPAT 0"


def test_rows_of_past_leaves_know_the_time_of_their_mark_and_of_each_birth():
    leaves = past_leaves(RUN, 0x10)
    rows = PastLeafRows(leaves, 2_500_000_000)
    assert rows.about == {"time_s": 2.5}
    assert rows.time_ns.tolist() == [leaf.born_ns for leaf in leaves]
    assert len(rows) == len(leaves) > 0


@pytest.mark.parametrize(
    ("unknown", "value"),
    [((), "WB"), ((0x2FF,), "unknown"), ((0x200,), "unknown"), ((0x250,), "WB"), ((0x20E,), "WB")],
)
def test_only_a_type_that_is_not_known_is_a_warning(unknown, value):
    writes = [one for one in (*pair(0, 0, 4 * GIB, WB), on(UC)) if one[2] not in unknown]
    unknown_registers = frozenset((0, msr) for msr in unknown)
    made = run(*writes, unknown_registers=unknown_registers, kind=MachineKind.HOST).scenario
    state = simulate(made, "hardware").at(made.duration_ns)
    (fact,) = (one for one in page_facts(state, GIB >> 12, 0).facts if one.label == "MTRR type")
    assert (fact.value, fact.is_warning) == (value, value == "unknown")
