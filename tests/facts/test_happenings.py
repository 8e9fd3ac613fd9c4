"""What happens at a moment, in words."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from mtrrviz.facts.happenings import MOST_SAID, happening_words
from mtrrviz.scenario import Event, EventKind
from mtrrviz.scenario.library import open_scenario
from mtrrviz.sim import simulate
from tests.sim.made import DEFTYPE, ON_WB, machine, scenario, wrmsr


@pytest.fixture
def lagging():
    return simulate(open_scenario("lagging-ap"), "per-vcpu")


def first_fault(run, vcpu):
    return int(run.leaves.born_ns[run.leaves.vcpu == vcpu][0])


def test_a_fault_says_who_what_where_and_why(lagging):
    words = happening_words(lagging, first_fault(lagging, vcpu=1))
    assert words == "vCPU 1 read 0x100_0000: fault, 2 MiB leaf, UC; its own MTRRs are off"


def test_an_event_says_what_it_zapped(lagging):
    words = happening_words(lagging, 140_000_000)
    assert words.startswith("vCPU 0: IA32_MTRR_DEF_TYPE = 0xc06: 1 zap, 0 leaves dropped")


def test_whose_mtrrs_decide_is_said(lagging):
    made = lagging.scenario
    untold = replace(made, events=tuple(e for e in made.events if e.register != DEFTYPE))
    run = simulate(untold, "per-vm")
    words = happening_words(run, first_fault(run, vcpu=1))
    assert words.endswith("; the MTRRs of vCPU 0 are off")


def test_a_quirk_is_named(lagging):
    quirk = Event(5, EventKind.DISABLE_IGNORE_GUEST_PAT)
    run = simulate(lagging.scenario.inserting(quirk), "kvm-6.16")
    assert happening_words(run, 5) == "disable quirk IGNORE_GUEST_PAT"


def test_nothing_happens_between_moments(lagging):
    assert happening_words(lagging, first_fault(lagging, vcpu=1) + 1) == ""


def test_of_many_things_the_first_are_said_and_the_others_counted():
    events = tuple(wrmsr(5, DEFTYPE, ON_WB, vcpu=vcpu) for vcpu in range(5))
    run = simulate(scenario(machine(vcpus=5), events, (5, 0), (5, 0x600)), "per-vcpu")
    words = happening_words(run, 5)
    assert words.count("IA32_MTRR_DEF_TYPE") == MOST_SAID
    assert words.endswith(f"And {5 - MOST_SAID + len(run.leaves)} more")
