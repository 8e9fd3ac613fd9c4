"""Each rule for real machines with one that it minds and one beside it that it must not."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from mtrrviz.analysis.checks import RULES, Severity, check
from mtrrviz.analysis.checks.check_output import problem_json, where_words
from mtrrviz.analysis.checks.rule_registry import HOSTS, rules_for
from mtrrviz.analysis.checks.sarif import sarif_log
from mtrrviz.core.msr.registers import DEFTYPE, FIXED_MSRS, mtrr_msrs
from mtrrviz.scenario.complaints import ComplaintKind, KernelComplaint
from mtrrviz.scenario.machine_spec import MachineKind, Region, RegionKind
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
    on,
    pair,
    run,
    wrmsr,
)
from tests.cli.sarif_form import check_form

BAR = Region("BAR", RegionKind.MMIO, 8 * GIB, 9 * GIB)
WINDOW = Region("PCI root window", RegionKind.MMIO, 8 * GIB, 9 * GIB)
HIGH = Region("high RAM", RegionKind.RAM, 4 * GIB, 6 * GIB)
KEPT = Region("reserved", RegionKind.RESERVED, 2 * GIB, 3 * GIB)
EVERYTHING = frozenset((0, msr) for msr in mtrr_msrs(8)[1:])


def sound():
    """Return what firmware often does: one large WB range, UC holes in it, UC by default."""
    return [
        *pair(0, 0, 4 * GIB, WB),
        *pair(1, 3 * GIB, GIB, UC),
        *pair(2, 2 * GIB, GIB, UC),
        on(UC),
    ]


def full(free=0):
    """Return writes that use all pairs but some."""
    writes = [w for index in range(8 - free) for w in pair(index, 3 * GIB + index * MIB, MIB, UC)]
    return [*writes, on(WB)]


NOTHING_TOLD = (Region("not told", RegionKind.UNKNOWN, 0, 4 * GIB),)
BAD = {
    "host-mtrrs-off": {"writes": [wrmsr(DEFTYPE, 6)]},
    "host-mtrrs-not-told": {"writes": [], "unknown_registers": EVERYTHING},
    "host-ram-not-wb": {"writes": [*pair(0, GIB, GIB, UC), on()]},
    "host-nothing-wb": {"writes": [on(UC)], "regions": NOTHING_TOLD},
    "host-device-cached": {"writes": [on()]},
    "host-mask-holes": {"writes": [wrmsr(0x200, 0), wrmsr(0x201, 0xF_C000_0800)]},
    "host-base-unaligned": {"writes": [wrmsr(0x200, 0x4000_0006), wrmsr(0x201, 0xFF_8000_0800)]},
    "host-overlap-undefined": {"writes": [*pair(0, 0, GIB, WC), *pair(1, 0, 2 * GIB, WT), on()]},
    "host-no-free-pair": {"writes": full()},
    "host-fixed-ranges-off": {"writes": [wrmsr(0x250, 0x0606_0606_0606_0606), on()]},
    "host-write-refused": {"writes": [wrmsr(0x200, 1 << 40 | 6)]},
    "cpus-disagree": {"writes": [*sound(), wrmsr(0x2FF, 0x806, 1)], "vcpus": 2},
}
GOOD = {
    "host-mtrrs-off": {"writes": [], "unknown_registers": EVERYTHING},
    "host-mtrrs-not-told": {"writes": [wrmsr(DEFTYPE, 6)], "unknown_registers": EVERYTHING},
    "host-ram-not-wb": {"writes": sound()},
    "host-nothing-wb": {"writes": [*pair(0, GIB, GIB, WB), on(UC)], "regions": NOTHING_TOLD},
    "host-device-cached": {"writes": sound(), "regions": (*REGIONS, BAR)},
    "host-mask-holes": {"writes": [wrmsr(0x200, 0), wrmsr(0x201, 0xF_C000_0000)]},
    "host-base-unaligned": {"writes": [wrmsr(0x200, 0x8000_0006), wrmsr(0x201, 0xFF_8000_0800)]},
    "host-overlap-undefined": {"writes": [*pair(0, 0, GIB, WC), *pair(1, 0, 2 * GIB, UC), on()]},
    "host-no-free-pair": {"writes": full(free=1)},
    "host-fixed-ranges-off": {"writes": [wrmsr(0x250, 0x0606_0606_0606_0606), on(flags=0xC00)]},
    "host-write-refused": {"writes": sound()},
    "cpus-disagree": {
        "writes": sound(), "vcpus": 2,
        "unknown_registers": frozenset((1, msr) for _, msr in EVERYTHING),
    },
}  # fmt: skip


def host(*writes, complaints=(), **settings):
    """Return the run of writes on a real machine."""
    made = run(*writes, kind=MachineKind.HOST, noncoherent_dma=0, **settings)
    return simulate(replace(made.scenario, complaints=tuple(complaints)), "hardware")


def found(name, writes, **settings):
    return [problem for problem in check(host(*writes, **settings)) if problem.rule == name]


def test_every_rule_of_hosts_has_both_examples():
    assert {one.id for one in RULES.values() if one.machines == HOSTS} == set(BAD) == set(GOOD)


@pytest.mark.parametrize("name", BAD)
def test_the_rule_finds_what_it_is_for(name):
    problems = found(name, **BAD[name])
    assert len(problems) == 1, "one cause"
    (problem,) = problems
    assert all((problem.title, problem.why, problem.remedy, problem.source))
    assert problem.where.vcpus
    assert problem.where.msrs


@pytest.mark.parametrize("name", GOOD)
def test_the_rule_is_quiet_where_all_is_well(name):
    assert not found(name, **GOOD[name])


def test_a_sound_machine_has_no_problem_at_all():
    assert check(host(*sound(), regions=(*REGIONS, KEPT))) == []


def test_rules_of_hosts_do_not_speak_of_kvm():
    for one in rules_for(MachineKind.HOST):
        words = " ".join((one.summary, one.why, one.remedy, one.source))
        assert not [word for word in ("KVM", "EPT", "zap", "vCPU", "guest") if word in words]


def test_no_rule_of_hosts_looks_at_a_guest():
    guests = {one.id for one in rules_for(MachineKind.GUEST)}
    assert not guests & set(BAD)


def test_ram_is_told_with_range_register_and_reason():
    (problem,) = found(
        "host-ram-not-wb", [*pair(0, 0, 2 * GIB, WB), on(UC)], regions=(*REGIONS, HIGH)
    )
    assert problem.title == (
        "high RAM at 0x1_0000_0000-0x1_7fff_ffff (2 GiB) is UC:"
        " no pair covers it and the default type is UC"
    )
    assert problem.where.gfns == (4 * GIB >> 12, 6 * GIB >> 12)
    assert problem.where.msrs == (DEFTYPE,)
    (problem,) = found("host-ram-not-wb", [*pair(3, GIB, 512 * MIB, WP), on()])
    assert "is WP: pair 3 (512 MiB at 0x4000_0000, WP) decides" in problem.title
    assert problem.where.msrs == (0x206, 0x207)


@pytest.mark.parametrize(("size", "is_most"), [(512 * MIB, False), (GIB, True)])
def test_ram_that_is_slow_is_an_error_once_it_is_most_of_the_ram(size, is_most):
    """There are 2 GiB of RAM, less the hole below 1 MiB."""
    (problem,) = found("host-ram-not-wb", [*pair(0, GIB, size, UC), on()])
    assert (problem.severity is Severity.ERROR) == is_most
    ram = Region("RAM", RegionKind.RAM, 0, 2 * GIB)
    (half,) = found("host-ram-not-wb", [*pair(0, GIB, GIB, UC), on()], regions=(ram,))
    assert half.severity is Severity.WARNING


@pytest.mark.parametrize(("count", "more"), [(2, ""), (3, ""), (4, " and 1 more")])
def test_of_registers_in_which_cpus_differ_three_are_named_and_the_others_counted(count, more):
    writes = [wrmsr(0x200 + 2 * index, 6, 1) for index in range(count)]
    (problem,) = found("cpus-disagree", writes, vcpus=2)
    named = range(min(count, 3))
    names = ", ".join(f"IA32_MTRR_PHYSBASE{n} ({0x200 + 2 * n:#x})" for n in named)
    assert f" in {names}{more}" in problem.title
    assert ("more" in problem.title) == bool(more)


def test_neighbouring_ram_with_one_cause_is_one_finding():
    parts = (
        Region("high RAM", RegionKind.RAM, 4 * GIB, 5 * GIB),
        Region("ACPI tables", RegionKind.RESERVED, 5 * GIB, 5 * GIB + MIB),
        Region("high RAM", RegionKind.RAM, 5 * GIB + MIB, 6 * GIB),
    )
    writes = [*pair(0, 0, 2 * GIB, WB), on(UC)]
    (problem,) = found("host-ram-not-wb", writes, regions=(*REGIONS, *parts))
    assert problem.where.gfns == (4 * GIB >> 12, 6 * GIB >> 12)


def test_what_a_register_nobody_told_decides_is_no_finding():
    unknown = frozenset({(0, 0x200), (0, 0x201)})
    assert check(host(on(UC), unknown_registers=unknown)) == []
    assert check(host(*pair(0, 2 * GIB, GIB, UC), on(UC), unknown_registers=unknown)) != []


def test_reserved_and_unknown_addresses_are_no_ram_and_no_devices():
    other = Region("not told", RegionKind.UNKNOWN, 4 * GIB, 8 * GIB)
    writes = [*pair(0, 0, 2 * GIB, WB), on(UC)]
    assert check(host(*writes, regions=(*REGIONS[:2], KEPT, other))) == []
    covered = [*writes[:-1], *pair(1, 2 * GIB, GIB, WB), *pair(2, 4 * GIB, 4 * GIB, WB), on(UC)]
    assert check(host(*covered, regions=(*REGIONS[:2], KEPT, other))) == []


def test_a_window_without_a_device_is_a_note():
    high = [*pair(0, 3 * GIB, GIB, UC), on(WB)]
    (problem,) = found("host-device-cached", high, regions=(*REGIONS, BAR))
    assert problem.severity is Severity.WARNING
    assert problem.where.gfns == (8 * GIB >> 12, 9 * GIB >> 12)
    (problem,) = found("host-device-cached", high, regions=(*REGIONS, WINDOW))
    assert problem.severity is Severity.NOTE


def test_a_window_is_no_finding_beside_a_device_in_it():
    rest = Region("PCI root window", RegionKind.MMIO, 9 * GIB, 16 * GIB)
    high = [*pair(0, 3 * GIB, GIB, UC), on(WB)]
    (problem,) = found("host-device-cached", high, regions=(*REGIONS, BAR, rest))
    assert problem.title.startswith("BAR at ")


def test_a_base_off_its_size_covers_the_block_below():
    (problem,) = found("host-base-unaligned", **BAD["host-base-unaligned"])
    assert problem.where.gfns == (0, 2 * GIB >> 12)
    assert "the CPU covers 0x0-0x7fff_ffff" in problem.title


def test_holes_are_counted():
    (problem,) = found("host-mask-holes", **BAD["host-mask-holes"])
    assert "covers 16 ranges of 1 GiB, the first at 0x0" in problem.title


def test_cpus_that_differ_alike_are_one_finding_and_the_cause_of_what_follows():
    writes = [w for cpu in range(4) for w in sound_on(cpu)]
    writes += [wrmsr(0x201, 0, 1), wrmsr(0x201, 0, 3)]
    (problem,) = check(host(*writes, vcpus=4))
    assert (problem.rule, problem.where.vcpus) == ("cpus-disagree", (1, 3))
    assert problem.title == "CPUs 1, 3 differ from CPU 0 in IA32_MTRR_PHYSMASK0 (0x201)"


def sound_on(cpu):
    return [(kind, cpu, msr, value) for kind, _, msr, value in sound()]


def test_a_register_is_compared_with_the_first_cpu_that_tells_it():
    writes = [w for cpu in range(3) for w in sound_on(cpu)][:-4]
    unknown = frozenset((cpu, msr) for cpu in range(3) for msr in FIXED_MSRS)
    made = [*writes, *sound_on(2)[-4:], wrmsr(0x250, 6, 1), wrmsr(0x250, 5, 2)]
    (problem,) = found("cpus-disagree", made, vcpus=3, unknown_registers=unknown)
    assert problem.title == "CPU 2 differs from CPU 1 in IA32_MTRR_FIX64K_00000 (0x250)"


def test_that_they_are_on_is_told_apart_from_nothing_told():
    (on_words,) = found("host-mtrrs-not-told", [], unknown_registers=EVERYTHING, mtrrs_on=True)
    (no_words,) = found("host-mtrrs-not-told", [], unknown_registers=EVERYTHING)
    assert on_words.title == "the MTRRs are on, but their values are not shown"
    assert no_words.title == "the MTRRs are not known"


def test_only_cpus_whose_mtrrs_are_off_are_said_to_be_off():
    off, other = wrmsr(0x2FF, 6), wrmsr(0x2FF, 0x800)
    writes = [*sound(), *(on(UC, vcpu=cpu) for cpu in (1, 2)), (*off[:1], 3, *off[2:]),
              (*other[:1], 4, *other[2:]), (*off[:1], 5, *off[2:])]  # fmt: skip
    problems = found("cpus-disagree", writes, vcpus=6)
    told = {one.where.vcpus: "the MTRRs are off there" in one.title for one in problems}
    assert told[3, 5]
    assert not any(is_off for cpus, is_off in told.items() if cpus != (3, 5))


# What the kernel said

LOST = KernelComplaint(ComplaintKind.LOST_RAM, "losing 2048MB of RAM", "dmesg.txt", 12)
BUSY = KernelComplaint(ComplaintKind.TYPE_MISMATCH, "type mismatch", "a b.txt", 3, 3 * GIB, 4 * GIB)


@pytest.mark.parametrize("kind", ComplaintKind)
def test_each_complaint_is_a_finding_with_line_meaning_and_remedy(kind):
    one = KernelComplaint(kind, "its words", "dmesg.txt", 7, 3 * GIB, 4 * GIB)
    (problem,) = check(host(*sound(), complaints=[one]))
    assert problem.title == "the kernel says: its words"
    assert problem.rule.startswith("kernel-")
    assert all((problem.why, problem.remedy, problem.source))
    assert (problem.where.file, problem.where.line) == ("dmesg.txt", 7)
    assert problem.where.gfns == (3 * GIB >> 12, 4 * GIB >> 12)
    assert "dmesg.txt: line 7" in where_words(problem)


def test_a_complaint_that_the_registers_show_is_told_with_them():
    writes = [*pair(0, 0, 2 * GIB, WB), *pair(1, 2 * GIB, 2 * GIB, UC), on(UC)]
    (problem,) = check(host(*writes, regions=(*REGIONS, HIGH), complaints=[LOST]))
    assert problem.rule == "host-ram-not-wb"
    assert problem.title.endswith('; the kernel says so too: "losing 2048MB of RAM"')
    assert (problem.where.file, problem.where.line) == ("dmesg.txt", 12)


def test_the_same_complaint_again_is_counted():
    (problem,) = check(host(*sound(), complaints=[BUSY, replace(BUSY, line=9), BUSY]))
    assert problem.title == "the kernel says: type mismatch (3 times)"
    assert problem.where.line == 3
    other = replace(BUSY, start=GIB, end=2 * GIB)
    assert len(check(host(*sound(), complaints=[BUSY, other]))) == 2


def test_outputs_have_range_and_line():
    problems = check(host(*sound(), complaints=[BUSY]))
    (row,) = map(problem_json, problems)
    assert (row["start"], row["end"], row["file"], row["line"]) == (3 * GIB, 4 * GIB, "a b.txt", 3)
    log = sarif_log(problems, "machine.toml")
    check_form(log)
    physical = log["runs"][0]["results"][0]["locations"][0]["physicalLocation"]
    assert physical == {"artifactLocation": {"uri": "a%20b.txt"}, "region": {"startLine": 3}}


def test_wt_under_uc_and_wt_over_wb_are_defined():
    writes = [*pair(0, 0, 2 * GIB, WB), *pair(1, 3 * GIB, GIB, UC), *pair(2, 3 * GIB, MIB, WT)]
    assert check(host(*writes, on(UC))) == []


def test_a_machine_with_one_pair_is_not_said_to_have_several():
    title = found("host-no-free-pair", [*full()[:2]], pairs=1)[0].title
    assert title.startswith("the only pair is in use")
