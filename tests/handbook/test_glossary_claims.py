"""What the glossary claims and the model can decide: the words stand there, and they are true."""

from __future__ import annotations

from collections import Counter
from functools import cache

import pytest

from mtrrviz.core.errors import GeneralProtectionFault
from mtrrviz.core.kvm_rules.policy import SDM_LOOKUP
from mtrrviz.core.machine import Machine
from mtrrviz.core.memtype import MemoryType, PatType, effective_type
from mtrrviz.core.mtrr import MtrrState
from mtrrviz.core.policies import get_policy, policy_ids
from mtrrviz.handbook.handbook import the_handbook
from mtrrviz.scenario.library import open_scenario
from mtrrviz.sim.memtype_speed import write_seconds
from mtrrviz.sim.replay import apply_event, new_machine

UC, WC, WT, WP, WB = (MemoryType[name] for name in ("UC", "WC", "WT", "WP", "WB"))
DEF_TYPE, PAT, CAP, FIX_64K, FIX_C0000 = 0x2FF, 0x277, 0xFE, 0x250, 0x268
MIB, GIB = 1 << 20, 1 << 30
ALL = [(0, (1 << 52) - 1)]
WRITES = 1 << 24

opened = cache(open_scenario)


@cache
def zaps_of(name: str, policy: str) -> Counter[int]:
    """Replay the events of a scenario and count the zaps of each vCPU."""
    scenario = opened(name)
    machine = new_machine(scenario.machine, policy)
    counts: Counter[int] = Counter()
    for event in scenario.events:
        before = machine.zap_requests
        apply_event(machine, event)
        counts[event.vcpu] += machine.zap_requests - before
    return counts


def machine(policy="per-vcpu", *, dma=True, caches=True, **settings):
    """Return a VM of two vCPUs with 36 address bits, its MTRRs on, WB by default."""
    made = Machine(2, policy, maxphyaddr=36, **settings)
    if dma:
        made.attach_noncoherent_dma()
    for vcpu in range(2):
        if caches:
            made.write_cr0(vcpu, 0x11)
        made.write_msr(vcpu, DEF_TYPE, 0xC06)
    return made


def pair(made, number, base, size, kind, vcpu=0):
    """Write a variable range of a power of two."""
    mask = ((1 << 36) - 1) & ~(size - 1)
    first = made.write_msr(vcpu, 0x200 + 2 * number, base | kind)
    return first, made.write_msr(vcpu, 0x201 + 2 * number, mask | 0x800)


def kind_at(ranges, address):
    """Return the type of an address by KVM's walk over ranges (base, size, type), default WP."""
    made = machine()
    made.write_msr(0, DEF_TYPE, 0x805)
    for number, one in enumerate(ranges):
        pair(made, number, *one)
    return made.mtrr_type(0, address >> 12)


def refused(write):
    """Return whether a write to a vCPU raises #GP."""
    try:
        machine().write_msr(0, *write)
    except GeneralProtectionFault:
        return True
    return False


def seconds(kind, platform="Sapphire Rapids XCC"):
    return round(WRITES * write_seconds(platform)[kind], 2)


def stale_after_move():
    made = machine()
    pair(made, 0, 16 * MIB, 16 * MIB, UC)
    return made.write_msr(0, 0x200, 32 * MIB)


def walk(*ranges):
    return kind_at(ranges, 3 * GIB + GIB // 2)


LOW, HIGH = (0, 4 * GIB), (3 * GIB, GIB)


def _zaps_while_off():
    made = machine()
    made.write_msr(0, DEF_TYPE, 0x006)
    return made.write_msr(0, FIX_64K, 0), pair(made, 0, GIB, GIB, UC)


def _fixed_decides():
    made = machine()
    pair(made, 0, 0, GIB, WT)
    return made.mtrr_type(0, 0) == UC and made.mtrr_type(0, 0x100) == WT


def _lowest_byte():
    made = machine()
    made.write_msr(0, FIX_64K, 0x04)
    return made.mtrr_type(0, 0xF)


def _by_mask():
    """Return the types around a range of 1 GiB whose mask is the one of the glossary."""
    made = machine()
    made.write_msr(0, 0x200, GIB | WT)
    made.write_msr(0, 0x201, 0xFC000_0800)
    ends = (GIB - 4096, GIB, 2 * GIB - 4096, 2 * GIB)
    return [made.mtrr_type(0, end >> 12) for end in ends]


def _hole():
    """Return the type in the hole of a mask by KVM and by the SDM: UC range, WB default."""
    types = []
    for policy in ("per-vcpu", f"per-vcpu:{SDM_LOOKUP.id}"):
        made = machine(policy)
        mask = ((1 << 36) - 1) & ~(2 * MIB - 1) & ~(8 * MIB)
        made.write_msr(0, 0x200, 16 * MIB | UC)
        made.write_msr(0, 0x201, mask | 0x800)
        types.append(made.leaf(0, 20 * MIB >> 12)[0])
    return tuple(types)


def _by_sdm(*ranges):
    made = machine(f"per-vcpu:{SDM_LOOKUP.id}")
    for number, one in enumerate(ranges):
        pair(made, number, *one)
    return made.leaf(0, (3 * GIB + GIB // 2) >> 12)[0]


def _with_uc_range(policy, *, dma):
    made = machine(policy, dma=dma)
    for vcpu in range(2):
        pair(made, 0, GIB, GIB, UC, vcpu)
    return made.leaf(0, GIB >> 12)[0]


def _levels():
    """Return the levels of a block of 2 MiB with a range of 4 KiB in it, and of the next block."""
    made = machine()
    pair(made, 0, 64 * MIB, 4096, UC)
    return made.max_level(0, 64 * MIB >> 12), made.max_level(0, 66 * MIB >> 12)


def _touching_level():
    made = machine()
    made.write_msr(0, DEF_TYPE, 0xC00)
    pair(made, 0, 64 * MIB, MIB, WB)
    pair(made, 1, 65 * MIB, MIB, WB)
    return made.max_level(0, 64 * MIB >> 12)


def _after_init():
    made = machine()
    made.write_cr0(0, 0x6000_0011)
    made.init(0)
    kept = made.cr0(0) & 0x6000_0000 == 0x6000_0000
    made.write_cr0(0, 0x11)
    made.init(0)
    return kept and not made.cd(0) and made.read_msr(0, DEF_TYPE) == 0xC06


CLAIMS = {
    # memory types and speeds
    ("uncacheable-uc", "takes 3.46 s instead of 0.15 s"): lambda: (
        (seconds(UC), seconds(WB)) == (3.46, 0.15)
    ),
    ("uncacheable-uc", "0.59 s instead of 0.17 s on a Coffee Lake"): lambda: (
        (seconds(UC, "Coffee Lake-S"), seconds(WB, "Coffee Lake-S")) == (0.59, 0.17)
    ),
    ("uncacheable-uc", "Its value in a register is 0"): lambda: UC == 0,
    ("uc-minus-uc-", "with the value 7"): lambda: PatType.UC_MINUS == 7,
    ("uc-minus-uc-", "WC turns it into WC"): lambda: effective_type(WC, 0, PatType.UC_MINUS) == WC,
    ("uc-minus-uc-", "WP turns it into WC as well"): lambda: (
        effective_type(WP, 0, PatType.UC_MINUS) == WC
    ),
    ("uc-minus-uc-", "exists only in the page attribute table"): lambda: (
        refused((DEF_TYPE, 0xC07)) and not refused((PAT, 7))
    ),
    ("write-combining-wc", "0.14 s and 0.15 s"): lambda: (seconds(WC), seconds(WB)) == (0.14, 0.15),
    ("write-combining-wc", "Its value is 1"): lambda: WC == 1,
    ("write-through-wt", "Its value is 4"): lambda: WT == 4,
    ("write-through-wt", "WT and WB ranges overlap, the page is WT"): lambda: (
        walk((*LOW, WB), (*HIGH, WT)) == walk((*LOW, WT), (*HIGH, WB)) == WT
    ),
    ("write-protected-wp", "Its value is 5"): lambda: WP == 5,
    ("write-protected-wp", "SeaBIOS makes 0xC0000 to 0xFFFFF WP"): lambda: (
        [
            {e.value for e in opened("seabios-8vcpu-2g").events if e.register == FIX_C0000 + number}
            for number in range(8)
        ]
        == [{0x0505_0505_0505_0505}] * 8
    ),
    ("write-back-wb", "Its value is 6"): lambda: WB == 6,
    # registers
    ("capability-register-mtrrcap", "KVM always shows 0x508"): lambda: (
        machine().read_msr(0, CAP) == 0x508
    ),
    ("capability-register-mtrrcap", "The register is read-only"): lambda: refused((CAP, 0x508)),
    ("default-type", "in bits 0 to 7 of MSR 0x2FF"): lambda: MtrrState(36).default_type == UC
    and machine().mtrr(0).default_type == WB,
    ("enable-bits-e-and-fe", "With E clear every page is UC"): lambda: (
        machine().write_msr(0, DEF_TYPE, 0x006) == ALL
        and Machine(1, "per-vcpu").mtrr_type(0, 0) == UC
    ),
    ("enable-bits-e-and-fe", "pages are WB while E is clear"): lambda: (
        Machine(1, "per-vcpu", has_mtrr=False).mtrr_type(0, 0) == WB
    ),
    ("enable-bits-e-and-fe", "always zaps, even if it changes nothing"): lambda: (
        machine().write_msr(0, DEF_TYPE, 0xC06) == ALL
    ),
    ("enable-bits-e-and-fe", "zaps nothing for writes to fixed and variable"): lambda: (
        _zaps_while_off() == ([], ([], []))
    ),
    ("fixed-range", "these alone decide below 1 MiB"): _fixed_decides,
    ("fixed-range", "the lowest address in the lowest byte"): lambda: _lowest_byte() == WT,
    ("base-and-mask", "0xFC000_0800"): lambda: _by_mask() == [WB, WT, WT, WB],
    ("base-and-mask", "a base that is not aligned makes the range shorter"): lambda: (
        kind_at([(GIB // 2, GIB, WB)], GIB // 2 - 4096) == WP
        and kind_at([(GIB // 2, GIB, WB)], GIB - 4096) == WB
        and kind_at([(GIB // 2, GIB, WB)], GIB) == WP
    ),
    ("base-and-mask", "holes in a mask are filled"): lambda: _hole() == (UC, WB),
    ("discontiguous-mask", "fills the holes"): lambda: _hole() == (UC, WB),
    ("pair", "0x200 and 0x201 to 0x20E and 0x20F"): lambda: (
        not refused((0x20F, 0x800)) and refused((0x210, 0)) and not refused((0x200, 6))
    ),
    ("reserved-bits", "bits from MAXPHYADDR up"): lambda: (
        refused((0x200, 1 << 36)) and refused((0x201, 1 << 36)) and not refused((0x200, 1 << 35))
    ),
    ("reserved-bits", "bits 8 to 11 of a base and bits 0 to 10 of a mask"): lambda: (
        all(refused((0x200, 1 << bit)) for bit in range(8, 12))
        and all(refused((0x201, 1 << bit)) for bit in range(11))
        and not refused((0x201, 1 << 11))
    ),
    ("reserved-bits", "The types 2, 3 and 7 are refused"): lambda: (
        all(refused((0x200, kind)) for kind in (2, 3, 7))
    ),
    ("msr", "changes nothing"): lambda: refused((DEF_TYPE, 0x1000)),
    # overlaps
    ("overlap", "KVM returns WB for what is undefined"): lambda: (
        walk((*LOW, WC), (*HIGH, WP)) == WB
    ),
    ("kvms-walk", "UC at 3.5 GiB by the architecture and WB in KVM"): lambda: (
        walk((*LOW, WB), (*HIGH, UC)) == WB and _by_sdm((*LOW, WB), (*HIGH, UC)) == UC
    ),
    ("kvms-walk", "UC wins only if it comes later"): lambda: walk((*LOW, UC), (*HIGH, WB)) == UC,
    ("kvms-walk", "of equal bases UC comes last"): lambda: (
        kind_at([(0, 4 * GIB, UC), (0, 2 * GIB, WB)], GIB) == UC
        and kind_at([(0, 2 * GIB, WB), (0, 4 * GIB, UC)], GIB) == UC
    ),
    # PAT and EPT
    ("page-attribute-table-pat", "After reset it holds WB, WT, UC-, UC, twice"): lambda: (
        Machine(1).read_msr(0, PAT) == 0x0007_0406_0007_0406
    ),
    ("effective-memory-type", "WC in the PAT wins even over UC"): lambda: (
        effective_type(UC, 0, PatType.WC) == WC
    ),
    ("effective-memory-type", "save that UC- becomes UC"): lambda: (
        {kind: effective_type(WB, 0, kind) for kind in PatType}
        == {kind: UC if kind is PatType.UC_MINUS else MemoryType(kind) for kind in PatType}
    ),
    ("effective-memory-type", "With IPAT set the leaf alone decides"): lambda: (
        {effective_type(WB, 1, kind) for kind in PatType} == {WB}
    ),
    ("mmio", "UC without IPAT"): lambda: {
        machine(policy).leaf(0, 0xE0000, mmio=True)[:2] for policy in policy_ids()
    }
    == {(UC, 0)},
    ("ipat", "every leaf of RAM WB with IPAT"): lambda: (
        {machine(policy, dma=False).leaf(0, 0x1000)[:2] for policy in policy_ids()}
        - {machine("self-snoop", dma=False).leaf(0, 0x1000)[:2]}
        == {(WB, 1)}
    ),
    ("ipat", "From 6.16 on a VMM may turn that off"): lambda: (
        machine("kvm-6.16", dma=False, ignore_guest_pat=False).leaf(0, 0x1000)[:2] == (WB, 0)
    ),
    ("non-coherent-dma", "Only then does KVM up to 6.10 look at the guest's MTRRs"): lambda: (
        [_with_uc_range(policy, dma=True) for policy in ("per-vcpu", "per-vm", "kvm-6.7")]
        == [UC] * 3
        and [_with_uc_range(policy, dma=False) for policy in ("per-vcpu", "per-vm", "kvm-6.7")]
        == [WB] * 3
    ),
    ("huge-page", "only where the MTRRs give the whole of it one type"): lambda: (
        _levels() == (1, 2)
    ),
    ("huge-page", "two ranges that touch and have the same type can still force small"): lambda: (
        _touching_level() < 2
    ),
    # zaps
    ("zap-rule", "The old range of a moved base is not zapped"): lambda: (
        stale_after_move() == [(0x2000, 0x3000)]
    ),
    ("zap-rule", "PAT writes zap nothing"): lambda: machine().write_msr(0, PAT, 0x6) == [],
    ("zap-rule", "Nothing is zapped without non-coherent DMA"): lambda: (
        machine(dma=False).write_msr(0, DEF_TYPE, 0xC00) == []
    ),
    ("zap-rule", "writing the same value again zaps again"): lambda: (
        machine().write_msr(0, FIX_64K, 0) == machine().write_msr(0, FIX_64K, 0) == [(0, 0x80)]
    ),
    ("zap", "since 6.7 when the first non-coherent device comes or the last one goes"): lambda: (
        [
            bool(Machine(1, policy).attach_noncoherent_dma())
            for policy in ("per-vcpu", "kvm-6.7", "kvm-6.11")
        ]
        == [False, True, True]
        and bool(machine("kvm-6.7").detach_noncoherent_dma())
    ),
    ("bsp-and-ap", "14 + 7 x 10 = 84"): lambda: (
        sorted(zaps_of("ovmf-8vcpu-2g", "per-vcpu").values()) == [10] * 7 + [14]
    ),
    ("per-vcpu", "with 8 vCPUs zaps 84 times, with 16 vCPUs 164 times"): lambda: (
        zaps_of("ovmf-8vcpu-16g", "per-vcpu").total() == 84
        and zaps_of("ovmf-16vcpu-16g", "per-vcpu").total() == 164
    ),
    ("per-vm", "The boot of 84 zaps has 14 then, whatever the number of vCPUs"): lambda: (
        {zaps_of(f"ovmf-{vcpus}vcpu-16g", "per-vm").total() for vcpus in (8, 16)} == {14}
    ),
    ("per-vm", "only vCPU 0's MTRRs count, and only its writes zap"): lambda: (
        machine("per-vm").write_msr(1, DEF_TYPE, 0xC00) == []
        and machine("per-vm").write_msr(0, DEF_TYPE, 0xC06) == ALL
    ),
    ("kvm-611", "MTRR writes and CD zap nothing and change no type"): lambda: (
        zaps_of("ovmf-8vcpu-16g", "kvm-6.11").total() == 0
        and _with_uc_range("kvm-6.11", dma=True) == WB
        and machine("kvm-6.11", caches=False).leaf(0, 0x1000)[:2] == (WB, 0)
    ),
    # CD, INIT, quirks
    ("cr0cd", "KVM up to 6.6 makes leaves WB with IPAT while CD is set"): lambda: (
        machine(caches=False).leaf(0, 0x1000)[:2] == (WB, 1)
    ),
    ("cr0cd", "when CD is cleared nothing is zapped"): lambda: (
        machine(caches=False).write_cr0(0, 0x11) == []
    ),
    ("init-and-sipi", "INIT keeps the MTRRs, and keeps the bits CD and NW"): _after_init,
    ("init-and-sipi", "RESET sets CD"): lambda: Machine(1).cd(0),
    ("policy", "The program has thirteen"): lambda: len(policy_ids()) == 13,
    ("policy", "from KVM 4.2 to today"): lambda: "4.2" in get_policy(policy_ids()[0]).versions,
}  # fmt: skip


def test_each_claim_names_a_term():
    assert {f"glossary/{slug}" for slug, _ in CLAIMS} <= {p.address for p in the_handbook().terms}


@pytest.mark.parametrize(("slug", "words"), CLAIMS)
def test_a_claim_stands_in_the_glossary_and_holds(slug, words):
    page = the_handbook().page(f"glossary/{slug}")
    assert words in page.text
    assert CLAIMS[slug, words]()
