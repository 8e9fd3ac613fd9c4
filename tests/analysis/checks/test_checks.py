"""Every rule with a machine it minds and one it does not, and what all of them share."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from mtrrviz.analysis.checks import RULES, Severity, check, is_bad
from mtrrviz.analysis.checks.rule_registry import GUESTS, rule
from mtrrviz.core.errors import MtrrvizError
from mtrrviz.core.msr.registers import DEFTYPE
from mtrrviz.scenario.events import EventKind
from mtrrviz.scenario.library import open_scenario
from mtrrviz.scenario.machine_spec import Region, RegionKind
from mtrrviz.scenario.model import IMPORTED_TAG
from mtrrviz.sim import simulate
from tests.analysis.checks.checked import (
    GIB,
    MIB,
    REGIONS,
    UC,
    WB,
    WC,
    WP,
    WT,
    found,
    good,
    mov_cr0,
    on,
    pair,
    run,
    touch,
    wrmsr,
)

BAR = Region("BAR", RegionKind.PASSTHROUGH, 8 * GIB, 9 * GIB)
CACHES_ON = mov_cr0(0x11)


def full():
    """Return writes that use all eight pairs."""
    return [write for index in range(8) for write in pair(index, 3 * GIB + index * MIB, MIB, UC)]


BAD = {
    "vcpus-disagree": {"writes": good(), "vcpus": 2},
    "overlap-undefined": {"writes": [*pair(0, 0, GIB, WC), *pair(1, 0, 2 * GIB, WT), on()]},
    "overlap-kvm-differs": {"writes": [*pair(0, 0, 4 * GIB, WB), *pair(1, 3 * GIB, GIB, UC), on()]},
    "mask-holes": {"writes": [wrmsr(0x200, 0), wrmsr(0x201, 0xF_C000_0800)]},
    "base-unaligned": {"writes": [wrmsr(0x200, 0x4000_0006), wrmsr(0x201, 0xFF_8000_0800)]},
    "beyond-maxphyaddr": {"writes": [wrmsr(0x200, 1 << 40 | 6)]},
    "write-refused": {"writes": [wrmsr(0x2FF, 0xC02)]},
    "mtrrs-disabled": {"writes": [CACHES_ON]},
    "ram-by-default-uc": {"writes": [*pair(0, 0, GIB, WB), on(UC)]},
    "ram-not-wb": {"writes": [*pair(0, GIB, GIB, WT), on()]},
    "device-cached": {"writes": [on()]},
    "frame-buffer-uc": {"writes": [*pair(0, 8 * GIB, GIB, UC), on()], "regions": (*REGIONS, BAR)},
    "range-beyond-ram": {"writes": [*pair(0, 0, 4 * GIB, WB), on()]},
    "splits-huge-pages": {"writes": [*pair(0, GIB, MIB, UC), on()]},
    "written-while-enabled": {"writes": [on(), *pair(0, 3 * GIB, GIB, UC)]},
    "written-with-caches-on": {"writes": [CACHES_ON, *pair(0, 3 * GIB, GIB, UC)]},
    "few-free-pairs": {"writes": full()},
    "fixed-ranges-off": {"writes": [wrmsr(0x250, 0x0606_0606_0606_0606), on()]},
    "pat-without-wc": {"writes": [on()]},
    "stale-leaves": {
        "writes": [CACHES_ON, *pair(0, GIB, GIB >> 1, UC), on(), *pair(0, GIB >> 1, GIB >> 1, UC)],
        "sweeps": [touch(3, GIB >> 12, 3)],
    },
}
"""A machine for each rule to mind."""

GOOD = {
    "vcpus-disagree": {"writes": [*good(0), *good(1)], "vcpus": 2},
    "overlap-undefined": {"writes": [*pair(0, 0, GIB, WT), *pair(1, 0, 2 * GIB, WB), on()]},
    "overlap-kvm-differs": {"writes": [*pair(0, 0, 4 * GIB, WB), *pair(1, 0, GIB, UC), on()]},
    "mask-holes": {"writes": [wrmsr(0x200, 0), wrmsr(0x201, 0xF_C000_0000)]},
    "base-unaligned": {"writes": [wrmsr(0x200, 0x8000_0006), wrmsr(0x201, 0xFF_8000_0800)]},
    "beyond-maxphyaddr": {"writes": [wrmsr(0x200, 1 << 39 | 6), wrmsr(0x2FF, 1 << 45)]},
    "write-refused": {"writes": [wrmsr(0x200, 1 << 40 | 6)]},
    "mtrrs-disabled": {"writes": [CACHES_ON], "has_mtrr": False},
    "ram-by-default-uc": {"writes": [*pair(0, 0, 2 * GIB, WB), on(UC)]},
    "ram-not-wb": {"writes": [*pair(0, 2 * GIB, GIB, WT), on()]},
    "device-cached": {"writes": [on(UC)]},
    "frame-buffer-uc": {"writes": [on(UC)], "regions": (*REGIONS, BAR)},
    "range-beyond-ram": {"writes": [*pair(0, 0, 2 * GIB, WB), *pair(1, 2 * GIB, GIB, UC), on()]},
    "splits-huge-pages": {"writes": [*pair(0, GIB, 2 * MIB, UC), on()]},
    "written-while-enabled": {"writes": [*pair(0, 3 * GIB, GIB, UC), on()]},
    "written-with-caches-on": {"writes": [*pair(0, 3 * GIB, GIB, UC), CACHES_ON]},
    "few-free-pairs": {"writes": [*full(), wrmsr(0x201, 0), wrmsr(0x203, 0)]},
    "fixed-ranges-off": {"writes": [wrmsr(0x250, 0x0606_0606_0606_0606), on(flags=0xC00)]},
    "pat-without-wc": {"writes": [wrmsr(0x277, 0x0407_0506_0007_0106)]},
    "stale-leaves": {
        "writes": [CACHES_ON, *pair(0, GIB, GIB >> 1, UC), on(), wrmsr(0x201, 0), on()],
        "sweeps": [touch(3, GIB >> 12, 3)],
    },
}
"""Beside each a machine that differs in what the rule is about and that it must not mind."""


OF_GUESTS = [one.id for one in RULES.values() if one.machines == GUESTS]


def findings(name, writes, **settings):
    return found(name, *writes, **settings)


def test_every_rule_has_both_examples():
    assert set(OF_GUESTS) == set(BAD) == set(GOOD)


@pytest.mark.parametrize("name", OF_GUESTS)
def test_the_rule_finds_what_it_is_for(name):
    problems = findings(name, **BAD[name])
    assert problems
    for problem in problems:
        assert all((problem.title, problem.why, problem.remedy, problem.source))
        assert problem.where.vcpus


@pytest.mark.parametrize("name", OF_GUESTS)
def test_the_rule_is_quiet_where_all_is_well(name):
    assert not findings(name, **GOOD[name])


def test_a_careful_setup_has_no_problem_at_all():
    assert check(run(*good())) == []


def test_a_range_may_reach_beyond_ram_where_another_keeps_that_uncached():
    """The uncached pages begin exactly where RAM ends; those before them are cached."""
    cached = [*pair(0, 0, 2 * GIB, WB), *pair(1, 2 * GIB, GIB, WB)]
    hidden = [*cached, *pair(2, 2 * GIB, GIB, UC), on(UC)]
    assert not findings("range-beyond-ram", hidden)
    (one,) = findings("range-beyond-ram", [*cached, on(UC)])
    assert one.where.gfns == (2 * GIB >> 12, 3 * GIB >> 12)


def test_a_range_that_is_cached_in_a_part_beyond_ram_is_found_and_one_that_ends_there_is_not():
    cached = [*pair(0, 0, 2 * GIB, WB), *pair(1, 2 * GIB, 2 * GIB, WB)]
    (one,) = findings("range-beyond-ram", [*cached, *pair(2, 2 * GIB, GIB, UC), on(UC)])
    assert one.title.startswith("pair 1 ")
    next_to_it = [
        *pair(1, 2 * GIB, GIB, WB),
        *pair(2, 2 * GIB, GIB, UC),
        *pair(3, 3 * GIB, GIB, WB),
    ]
    (one,) = findings("range-beyond-ram", [*pair(0, 0, 2 * GIB, WB), *next_to_it, on(UC)])
    assert one.title.startswith("pair 3 ")


@pytest.mark.parametrize(("used", "words"), [(6, ""), (7, "1 of 8"), (8, "0 of 8")])
def test_fewer_than_two_free_pairs_are_few(used, words):
    few = findings("few-free-pairs", full()[: 2 * used])
    assert [one.title.partition(" pairs")[0] for one in few] == ([words] if words else [])
    assert all((one.severity is Severity.WARNING) == (used == 8) for one in few)


@pytest.mark.parametrize(("count", "more"), [(2, ""), (3, ""), (4, " and 1 more")])
def test_of_registers_that_differ_three_are_named_and_the_others_counted(count, more):
    writes = [wrmsr(0x200 + 2 * index, 6, 1) for index in range(count)]
    (one,) = findings("vcpus-disagree", writes, vcpus=2)
    names = ", ".join(f"IA32_MTRR_PHYSBASE{index}" for index in range(min(count, 3)))
    assert f" in {names}{more}, since" in one.title


def test_the_worst_come_first_and_notes_are_not_bad():
    problems = check(run(*pair(0, 0, GIB, WC), *pair(1, 0, 2 * GIB, WT), on()))
    order = [list(Severity).index(problem.severity) for problem in problems]
    assert order == sorted(order)
    assert is_bad(problems[0])
    assert not is_bad(problems[-1])


def test_disagreement_says_since_when_and_in_what():
    again = [*good(0), *good(1), wrmsr(0x200, 0x8000_0001), *pair(0, 3 * GIB, GIB, UC)]
    assert not found("vcpus-disagree", *again, vcpus=2)
    (problem,) = found("vcpus-disagree", *again, wrmsr(0x250, 6, 1), vcpus=2)
    assert (problem.where.vcpus, problem.where.msrs) == ((1,), (0x250,))
    assert (problem.where.event, problem.where.since_ns) == (13, 14_000_000)
    assert "since 14.000 ms" in problem.title


def test_one_vcpu_can_be_looked_at_alone():
    made = run(*good(0), vcpus=2)
    assert check(made, 0) == []
    assert {problem.where.vcpus for problem in check(made, 1)} == {(1,)}
    with pytest.raises(MtrrvizError, match="no vCPU 2"):
        check(made, 2)


def test_a_state_is_checked_as_it_is_then():
    made = run(*good())
    early = {problem.rule for problem in check(made.at(0))}
    assert "mtrrs-disabled" in early
    assert not check(made)


@pytest.mark.parametrize(
    "settings", [{"noncoherent_dma": 0}, {"policy": "kvm-6.11"}], ids=["no device", "6.11"]
)
def test_where_kvm_asks_no_mtrrs_their_effects_are_notes(settings):
    (problem,) = found("mtrrs-disabled", CACHES_ON, **settings)
    assert problem.severity is Severity.NOTE
    (problem,) = found("ram-not-wb", *pair(0, GIB, GIB, WP), on(), **settings)
    assert problem.severity is Severity.NOTE


def test_ram_is_named_with_address_total_and_registers():
    (problem,) = found("ram-not-wb", *pair(2, GIB, GIB, UC), on())
    assert problem.title == "RAM at 0x4000_0000-0x7fff_ffff (1 GiB) is UC"
    assert problem.where.msrs == (0x204, 0x205)
    assert problem.where.gfns == (GIB >> 12, 2 * GIB >> 12)
    assert problem.where.event == 1


def test_huge_pages_are_counted_by_size():
    writes = [*pair(0, GIB, MIB, UC), *pair(1, GIB + 16 * MIB, MIB, UC), on()]
    small, large = found("splits-huge-pages", *writes, host_level=3)
    assert small.title == "MTRRs split 2 huge pages of 2 MiB, the first at 0x4000_0000"
    assert large.title == "MTRRs split 1 huge page of 1 GiB, the first at 0x4000_0000"


def test_a_moved_range_is_blamed_for_what_it_left():
    (problem,) = findings("stale-leaves", **BAD["stale-leaves"])
    assert problem.title.startswith("1 UC leaf where a fault by vCPU 0 would now give WB")
    assert "left by vCPU 0's write of IA32_MTRR_PHYSBASE0" in problem.title
    assert problem.where.event == 4


def test_leaves_that_are_stale_alike_for_several_vcpus_are_one_finding():
    # vCPU 1 has a range of its own where there is no leaf, so it would not get all pages alike.
    own = {1: pair(1, 3 * GIB, GIB, UC, 1), 2: pair(1, 3 * GIB, MIB, WC, 2)}
    setup = [
        write
        for vcpu in range(3)
        for write in (mov_cr0(0x11, vcpu), *pair(0, GIB, GIB >> 1, UC, vcpu), *own.get(vcpu, ()),
                      on(vcpu=vcpu))
    ]  # fmt: skip
    moved = [write for vcpu in range(3) for write in pair(0, GIB >> 1, GIB >> 1, UC, vcpu)]
    sweeps = [touch(len(setup) - 1, GIB >> 12, 3)]
    (problem,) = found("stale-leaves", *setup, *moved, sweeps=sweeps, vcpus=3)
    assert "a fault by vCPUs 0-2 would now give WB" in problem.title
    assert problem.title.startswith("1 UC leaf where") or problem.title.startswith("3 UC leaves")


def test_leaves_that_are_stale_otherwise_for_another_vcpu_are_another_finding():
    below = {1: pair(1, GIB, GIB >> 1, WT, 1)}
    setup = [
        write
        for vcpu in range(2)
        for write in (mov_cr0(0x11, vcpu), *pair(0, GIB, GIB >> 1, UC, vcpu), *below.get(vcpu, ()),
                      on(vcpu=vcpu))
    ]  # fmt: skip
    moved = [write for vcpu in range(2) for write in pair(0, GIB >> 1, GIB >> 1, UC, vcpu)]
    sweeps = [touch(len(setup) - 1, GIB >> 12, 3)]
    problems = found("stale-leaves", *setup, *moved, sweeps=sweeps, vcpus=2)
    assert [problem.title.split("would now give ")[1][:2] for problem in problems] == ["WB", "WT"]


def test_the_built_in_scenario_of_a_moved_range_shows_it():
    made = simulate(open_scenario("range-moved"), "per-vcpu")
    assert "stale-leaves" in {problem.rule for problem in check(made)}


def test_a_full_set_of_pairs_is_worse_than_a_nearly_full_one():
    (problem,) = found("few-free-pairs", *full())
    assert problem.severity is Severity.WARNING
    (problem,) = found("few-free-pairs", *full(), wrmsr(0x201, 0))
    assert problem.severity is Severity.NOTE


def test_overlaps_below_1_mib_do_not_count_with_fixed_ranges():
    writes = [*pair(0, 0, MIB, WC), *pair(1, 0, MIB // 2, WT)]
    assert found("overlap-undefined", *writes, on())
    assert not found("overlap-undefined", *writes, on(flags=0xC00))


@pytest.mark.parametrize(("flags", "first_gfn"), [(0xC00, 0x100), (0x800, 0)])
def test_overlaps_begin_where_fixed_ranges_end(flags, first_gfn):
    writes = [*pair(0, 0, 2 * MIB, WC), *pair(1, 0, 2 * MIB, WT), on(flags=flags)]
    (problem,) = found("overlap-undefined", *writes)
    assert problem.where.gfns == (first_gfn, 0x200)


@pytest.mark.parametrize(("flags", "spans"), [(0xC00, []), (0x800, [(0x80, 0x100)])])
def test_overlaps_that_end_with_the_fixed_ranges_are_none(flags, spans):
    writes = [*pair(0, 0, 2 * MIB, WC), *pair(1, MIB // 2, MIB // 2, WT), on(flags=flags)]
    assert [problem.where.gfns for problem in found("overlap-undefined", *writes)] == spans


@pytest.mark.parametrize(
    ("told", "severity"), [((), "NOTE"), ((0,), "NOTE"), ((1,), "NOTE"), ((0, 1), "ERROR")]
)
def test_a_group_is_told_when_each_of_its_vcpus_is(told, severity):
    """Both vCPUs have MTRRs off; a dump says so of some of them only."""
    scenario = run(*(wrmsr(DEFTYPE, 0, vcpu) for vcpu in told), vcpus=2).scenario
    imported = simulate(replace(scenario, tags=(IMPORTED_TAG,)), "per-vcpu")
    (problem,) = [problem for problem in check(imported) if problem.rule == "mtrrs-disabled"]
    assert problem.severity is Severity[severity]
    assert problem.where.vcpus == (0, 1)


def test_an_id_can_be_taken_only_once():
    with pytest.raises(ValueError, match="mask-holes"):
        rule("mask-holes", Severity.NOTE, "", why="", remedy="", source="")(lambda _: [])


@pytest.mark.parametrize(
    ("more", "is_asked"),
    [
        ((), False),
        (((EventKind.INIT, 1, 0, 0),), False),
        (((EventKind.VMM_WRMSR, 1, DEFTYPE, 0),), False),
        ((wrmsr(DEFTYPE, 0, 1),), True),
        ((mov_cr0(0x11, 1),), True),
    ],
)
def test_leaves_are_stale_for_vcpus_that_did_something(more, is_asked):
    writes = [*good(0), *more]
    problems = found("stale-leaves", *writes, vcpus=2, sweeps=[touch(len(good(0)), 0x200, 3)])
    assert any(1 in problem.where.vcpus for problem in problems) == is_asked


@pytest.mark.parametrize("vcpu", [-1, 2, 255])
def test_a_vcpu_that_is_not_there_cannot_be_checked(vcpu):
    made = run(*good(0), vcpus=2)
    with pytest.raises(MtrrvizError, match="this machine has 0 to 1"):
        check(made, vcpu)
    assert all(one.where.vcpus == (1,) for one in check(made, 1))
