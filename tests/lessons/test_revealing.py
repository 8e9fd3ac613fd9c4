"""Once a task is done the model says why: what was asked for, and no more than that."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from mtrrviz.lessons.judging import judge
from mtrrviz.lessons.opening import opened
from mtrrviz.lessons.reading.conditions import build_question
from mtrrviz.lessons.revealing import reasons
from mtrrviz.scenario.library import open_scenario
from tests.lessons.conftest import SHOW, lesson_of

UC_OVER_WB = 0xC0_0000


@pytest.fixture(scope="module")
def overlaps():
    """UC over WB at 12 MiB: UC by the SDM, WB for KVM."""
    return opened(open_scenario("kvm-and-manual"))


def reasons_for(situation, word, **keys):
    return reasons(build_question({"ask": word, **keys}, "q"), situation)


def test_the_sdms_type_is_explained_without_kvm(overlaps):
    first, *steps = reasons_for(overlaps, "type", page=UC_OVER_WB, vcpu=0, source="sdm")
    assert first.endswith("UC")
    assert any("UC wins over all" in step for step in steps)
    assert not any("KVM" in step for step in steps)
    kvm = reasons_for(overlaps, "type", page=UC_OVER_WB, vcpu=0, source="mtrr")
    assert any("KVM returns WB" in step for step in kvm)


@pytest.mark.parametrize(
    ("pat", "source", "dma", "words"),
    [
        (0, "leaf", True, "PA0 of vCPU 0 is WB: with a leaf of WB and IPAT 0 the access is WB"),
        (2, "leaf", True, "PA2 of vCPU 0 is UC-: with a leaf of WB and IPAT 0 the access is UC"),
        (3, "fault", False, "PA3 of vCPU 0 is UC: with a leaf of WB and IPAT 1 the access is WB"),
    ],
)
def test_an_effective_type_is_explained_by_both_of_its_types(overlaps, pat, source, dma, words):
    scenario = overlaps.scenario
    machine = replace(scenario.machine, noncoherent_dma=int(dma))
    there = overlaps.of(replace(scenario, machine=machine))
    asked = {"page": UC_OVER_WB, "vcpu": 0, "pat": pat, "source": source}
    assert words in reasons_for(there, "effective", **asked)


def test_a_page_without_a_leaf_is_explained_by_what_a_fault_would_make(overlaps):
    before = replace(overlaps, time_ns=0)
    lines = reasons_for(before, "effective", page=UC_OVER_WB, vcpu=0, pat=0, source="leaf")
    assert not any("PA0 of vCPU" in line for line in lines)
    assert len(lines) > 1


def test_a_right_choice_is_explained_by_facts_each_once(small):
    block = """
[choose]
question = "Q"
option = [
    { text = "both", when = { all = [
        { ask = "dma", at_least = 1 }, { ask = "dma", at_most = 1 },
        { ask = "cd", vcpu = 0, is = 1 },
    ] } },
    { text = "none", when = { ask = "dma", is = 0 } },
]
"""
    (step,) = lesson_of(f'name = "n"\n{SHOW}\n{block}').steps
    verdict = judge(step, small, "1")
    assert verdict.is_done
    facts = [line for line in verdict.lines if "to be" not in line]
    assert facts == list(verdict.lines)
    assert len(facts) == len(set(facts)) == 2
