"""Live examples of the glossary show what they say: decided by the model."""

from __future__ import annotations

import re
from collections import Counter
from functools import cache
from typing import TYPE_CHECKING

import pytest

from mtrrviz.core.ept import bits_to_leaf
from mtrrviz.core.memtype import MemoryType, PatType, effective_type
from mtrrviz.core.msr.registers import DEFTYPE, MTRR_ENABLE_BIT, MTRRCAP
from mtrrviz.facts.figures import figures
from mtrrviz.facts.ranges import MappedRange, ranges_at
from mtrrviz.handbook.handbook import the_handbook
from mtrrviz.handbook.help_links import parse_example
from mtrrviz.scenario.events import EventKind
from mtrrviz.scenario.library import open_scenario
from mtrrviz.scenario.machine_spec import RegionKind
from mtrrviz.sim import simulate

if TYPE_CHECKING:
    from mtrrviz.sim.run import Run, State

BOOK = the_handbook()
WB, WT, WP, WC, UC = (MemoryType[name] for name in ("WB", "WT", "WP", "WC", "UC"))


@cache
def run_of(name: str, policy: str | None) -> Run:
    scenario = open_scenario(name)
    return simulate(scenario, policy or scenario.view.policy or "per-vcpu")


def shown(slug: str) -> tuple[State, int | None]:
    """Return the state and the page that the first example of a term leads to."""
    text = BOOK.page(f"glossary/{slug}").text
    found = re.search(r"\((mtrrviz:[^)]+)\)", text)
    assert found is not None
    example = parse_example(found[1])
    run = run_of(example.scenario, example.policy)
    time_ns = run.scenario.duration_ns if example.is_at_end else example.time_ns or 0
    return run.at(time_ns), example.gfn


def range_of(slug: str) -> MappedRange:
    state, gfn = shown(slug)
    assert gfn is not None
    return next(each for each in ranges_at(state, 0) if each.first_gfn <= gfn < each.end_gfn)


@pytest.mark.parametrize(
    ("slug", "leaf", "fault"),
    [
        ("write-combining-wc", None, WC),
        ("write-through-wt", WB, WT),
        ("write-protected-wp", None, WP),
        ("write-back-wb", WB, WB),
        ("vfio", UC, UC),
        ("bar", UC, UC),
        ("frame-buffer", None, UC),
        ("e820", None, UC),
        ("host", None, UC),
    ],
)
def test_the_page_has_the_type_that_the_term_is_about(slug, leaf, fault):
    there = range_of(slug)
    assert (None if there.bits is None else bits_to_leaf(there.bits)[0]) is leaf
    assert bits_to_leaf(there.next_bits)[0] is fault


def test_leaves_have_the_level_and_the_ipat_that_is_said():
    for slug, level in (("huge-page", 2), ("level", 1)):
        state, gfn = shown(slug)
        assert gfn is not None
        row = state.leaf_row(gfn)
        assert row is not None
        assert state.run.leaves.level[row] == level
    for slug in ("ipat", "quirk"):
        there = range_of(slug)
        assert there.bits is not None
        assert bits_to_leaf(there.bits) == (WB, 1)
    state, _ = shown("quirk")
    assert state.machine.cd(0)
    assert state.machine.cd_nw_quirk


def test_registers_are_on_or_off_as_is_said():
    for slug, is_on in (("enable-bits-e-and-fe", False), ("mtrr", True), ("firmware", True)):
        state, _ = shown(slug)
        assert bool(state.machine.read_msr(0, DEFTYPE) & MTRR_ENABLE_BIT) == is_on
    machine = shown("vcpu")[0].machine
    registers = (*range(0x200, 0x210), DEFTYPE)
    assert any(machine.read_msr(0, one) != machine.read_msr(1, one) for one in registers)


def test_zaps_wait_for_the_lock_and_faults_come_again():
    for slug in ("mmu_lock", "contention"):
        state, _ = shown(slug)
        zaps = state.run.zaps
        near = abs(zaps.time_ns - state.time_ns) < 20_000_000
        assert zaps.contended[near].sum() > 5
    state, _ = shown("refault")
    assert figures(state.run).refaults == 464


def test_every_term_has_a_live_example():
    assert [term.address for term in BOOK.terms if "](mtrrviz:scenario/" not in term.text] == []


def test_a_guest_that_uses_uc_minus_runs_uncached_on_a_write_back_leaf():
    for slug in ("uc-minus-uc-", "effective-memory-type", "page-attribute-table-pat"):
        there = range_of(slug)
        assert there.bits is not None
        assert bits_to_leaf(there.bits) == (WB, 0)
    assert effective_type(WB, 0, PatType.UC_MINUS) is UC


def test_the_machine_is_the_one_that_is_said():
    assert shown("capability-register-mtrrcap")[0].machine.read_msr(0, MTRRCAP) == 0x508
    assert shown("maxphyaddr")[0].run.scenario.machine.maxphyaddr == 40
    there = range_of("memory-slot")
    assert there.region is not None
    assert there.region.kind is RegionKind.MMIO
    state, gfn = shown("pci-hole")
    assert gfn is not None
    assert state.machine.mtrr_type(0, gfn) is UC
    state, gfn = shown("ept-violation")
    assert gfn is not None
    row = state.leaf_row(gfn)
    assert row is not None
    assert state.run.leaves.vcpu[row] == 1


def test_what_happens_at_the_moment_is_what_is_said():
    kinds = Counter(event.kind for event in shown("msr")[0].run.scenario.events)
    assert kinds[EventKind.WRMSR] == 684
    for slug, kind, vcpu in (
        ("init-and-sipi", EventKind.INIT, 1),
        ("event", EventKind.WRMSR, 0),
    ):
        state, _ = shown(slug)
        now = [each for each in state.run.scenario.events if each.time_ns == state.time_ns]
        assert [(each.kind, each.vcpu) for each in now] == [(kind, vcpu)]
    state, _ = shown("touch")
    sweep = state.run.scenario.sweeps[0]
    assert 0 < state.time_ns - sweep.time_ns < sweep.lasts_ns


def test_figures_are_those_of_the_run():
    state, _ = shown("vmm")
    assert (state.run.zaps.time_ns <= state.time_ns).sum() == 16
    first = state.run.scenario.events[:16]
    assert {each.kind for each in first} == {EventKind.VMM_WRMSR}
    assert round(figures(shown("cycles")[0].run).zap_mcycles) == 3597
    assert figures(shown("run")[0].run).zap_count == 14
    both = figures(shown("replayed-and-modelled")[0].run)
    assert (both.zap_count, round(both.boot_s, 2)) == (84, 19.38)
